extends Spatial
# The folder door for Godot 3: draws the jobs of the folder that --jobs= names. Your own head needs changes at the places
# marked HEAD. What it does in general: takes jobs/NAME.json, writes done/NAME.png, done/NAME.labels.png, then done/NAME.done.

# HEAD: colours of label maps by material, from f2p.regions.PALETTE. The skin's come from its own texture.
const LABELS = {
	"eyes": Color8(64, 128, 240), "iris": Color8(64, 128, 240), "pupil": Color8(64, 128, 240),
	"inner_mouth": Color8(104, 8, 44), "tongue": Color8(104, 8, 44), "teeth": Color8(226, 244, 240),
	"hair": Color8(140, 90, 170), "beard": Color8(140, 90, 170), "brow": Color8(92, 56, 28)}
const BACKGROUND = Color8(64, 64, 72)
# HEAD: choices, each of which shows the node PREFIX_OPTION, where there is one.
const CHOICES = {"hair_style": "hair", "brow_style": "brow", "beard_style": "beard"}
# HEAD: what the colours of skin, hair and eyes go through as their slider rises.
const SKIN = [Color8(255, 250, 246), Color8(236, 214, 196), Color8(205, 170, 142), Color8(148, 110, 86), Color8(84, 60, 48)]
const HAIR = [Color8(236, 206, 150), Color8(176, 134, 84), Color8(112, 76, 46), Color8(58, 40, 28), Color8(22, 18, 17)]
const IRIS = [Color8(46, 28, 18), Color8(92, 58, 34), Color8(104, 104, 66), Color8(92, 126, 138), Color8(110, 150, 186)]

var folder = ""
var head
var view
var sun
var surroundings
var meshes = {}
var lit = {}
var flat = {}
var busy = false

func _ready():
	for argument in OS.get_cmdline_args():
		if argument.begins_with("--jobs="):
			folder = argument.substr(7)
	Directory.new().make_dir_recursive(folder + "/jobs")
	Directory.new().make_dir_recursive(folder + "/done")
	head = load("res://head.glb").instance()
	add_child(head)
	view = Viewport.new()
	view.size = Vector2(64, 64)
	view.own_world = false
	view.render_target_update_mode = Viewport.UPDATE_DISABLED
	view.render_target_v_flip = true
	add_child(view)
	var camera = Camera.new()
	view.add_child(camera)
	# HEAD: the camera looks straight at the face, which fills half of the picture.
	camera.fov = 11
	camera.translation = Vector3(0, 0.07, 14)
	camera.current = true
	sun = DirectionalLight.new()
	add_child(sun)
	surroundings = Environment.new()
	surroundings.background_mode = Environment.BG_COLOR
	surroundings.ambient_light_color = Color(1, 1, 1)
	camera.environment = surroundings
	# Read as a file: an imported texture would be compressed and filtered, and its colours be no region's.
	var image = Image.new()
	image.load("res://skin_labels.png")
	var painted = ImageTexture.new()
	painted.create_from_image(image, 0)
	for node in head.get_children():
		if node is MeshInstance:
			meshes[node.name] = node
			for surface in node.mesh.get_surface_count():
				var material = node.mesh.surface_get_material(surface).duplicate()
				var label = material.duplicate()
				label.flags_unshaded = true
				label.albedo_texture = painted if material.resource_name == "skin" else null
				label.albedo_color = LABELS.get(material.resource_name, Color(1, 1, 1))
				if material.params_use_alpha_scissor:
					label = cut_out(material, label.albedo_color)
				lit[node.name + str(surface)] = material
				flat[node.name + str(surface)] = label
	Engine.target_fps = 0

func _process(_delta):
	if busy:
		return
	var job = next_job()
	if job == null:
		OS.delay_msec(1)
		return
	busy = true
	pose(job)
	yield(draw(job["name"] + ".png", int(job["size"]), lit, 2, Color8(112, 118, 126)), "completed")
	yield(draw(job["name"] + ".labels.png", int(job["size"]), flat, 1, BACKGROUND), "completed")
	var done = File.new()
	done.open(folder + "/done/" + job["name"] + ".done", File.WRITE)
	done.close()
	busy = false

func next_job():
	var jobs = Directory.new()
	if jobs.open(folder + "/jobs") != OK:
		return null
	jobs.list_dir_begin(true, true)
	var entry = jobs.get_next()
	while entry != "" and not entry.ends_with(".json"):
		entry = jobs.get_next()
	jobs.list_dir_end()
	if entry == "":
		return null
	var path = folder + "/jobs/" + entry
	var file = File.new()
	if file.open(path, File.READ) != OK:
		return null
	var job = JSON.parse(file.get_as_text()).result
	file.close()
	# Deleting takes the job: where another engine was quicker, it fails.
	if jobs.remove(path) != OK:
		return null
	job["name"] = entry.get_basename()
	return job

func cut_out(material, colour):
	# Hair is drawn by what its picture leaves, in one colour.
	var shader = Shader.new()
	shader.code = """shader_type spatial; render_mode unshaded, cull_disabled;
uniform sampler2D picture; uniform vec4 colour : hint_color; uniform float least;
void fragment() { ALBEDO = colour.rgb; ALPHA = texture(picture, UV).a; ALPHA_SCISSOR = least; }"""
	var out = ShaderMaterial.new()
	out.shader = shader
	out.set_shader_param("picture", material.albedo_texture)
	out.set_shader_param("colour", colour)
	out.set_shader_param("least", material.params_alpha_scissor_threshold)
	return out

func pose(job):
	var values = job["engine_values"]
	# HEAD: it turns about the top of the neck.
	var pivot = Vector3(0, -0.35, -0.7)
	head.rotation_degrees = Vector3(-job["pitch"], job["yaw"], -job["roll"])
	head.translation = pivot - head.transform.basis.xform(pivot)
	light(int(job["light"]))
	var shown = ["Head", "Lashes"]
	for choice in CHOICES:
		shown.append(CHOICES[choice] + "_" + values[choice])
	for name in meshes:
		var mesh = meshes[name]
		mesh.visible = name in shown
		if not mesh.visible:
			continue
		for slider in values:
			# Options are no numbers. Godot 3 draws no negative weights: each direction is a target of its own.
			if values[slider] is float and mesh.get("blend_shapes/" + slider) != null:
				mesh.set("blend_shapes/" + slider, max(values[slider], 0))
				if mesh.get("blend_shapes/" + slider + "-") != null:
					mesh.set("blend_shapes/" + slider + "-", max(-values[slider], 0))
		for surface in mesh.mesh.get_surface_count():
			tint(lit[name + str(surface)], values)

# HEAD: colour sliders.
func tint(material, values):
	var hair = along(HAIR, values["hair_darkness"])
	hair = hair.linear_interpolate(Color8(132, 58, 30).linear_interpolate(hair, 0.5), 1.4 * max(values["hair_redness"] - 0.28, 0))
	hair = hair.linear_interpolate(Color8(196, 194, 190), values["hair_grey"])
	match material.resource_name:
		"skin", "inner_mouth", "tongue":
			var skin = along(SKIN, values["skin_tone"]) if material.resource_name == "skin" else Color(1, 1, 1)
			var red = 0.2 * (values["skin_redness"] - 0.4)
			material.albedo_color = Color(skin.r, skin.g * (1 - red), skin.b * (1 - red))
		"hair":
			material.albedo_color = hair
		"beard":
			var bare = along(SKIN, values["skin_tone"]) * Color(0.8, 0.62, 0.54)
			material.albedo_color = hair.linear_interpolate(bare, 0.55 if values["beard_style"] == "stubble" else 0.1)
		"brow":
			material.albedo_color = hair.linear_interpolate(Color8(26, 20, 18), values["brow_darkness"])
		"eyes":
			material.albedo_color = Color8(222, 214, 208)
		"pupil":
			material.albedo_color = Color8(12, 10, 10)
		"iris":
			material.albedo_color = along(IRIS, values["iris_colour"])

func along(ramp, share):
	var place = clamp(share, 0, 1) * (len(ramp) - 1)
	var below = int(min(floor(place), len(ramp) - 2))
	return ramp[below].linear_interpolate(ramp[below + 1], place - below)

func light(seed_number):
	# 0 is the neutral light; any other number always gives the same one.
	var random = RandomNumberGenerator.new()
	random.seed = seed_number
	sun.rotation_degrees = Vector3(-25, 20, 0)
	sun.light_energy = 0.8
	sun.light_color = Color(1, 1, 1)
	surroundings.ambient_light_energy = 0.5
	if seed_number != 0:
		sun.rotation_degrees = Vector3(random.randf_range(-60, 10), random.randf_range(-70, 70), 0)
		sun.light_energy = random.randf_range(0.5, 1.1)
		sun.light_color = Color(1, random.randf_range(0.8, 1), random.randf_range(0.6, 1))
		surroundings.ambient_light_energy = random.randf_range(0.1, 0.6)

func draw(name, size, materials, finer, background):
	for mesh in meshes:
		for surface in meshes[mesh].mesh.get_surface_count():
			meshes[mesh].set_surface_material(surface, materials[mesh + str(surface)])
	# Lashes and the lids' shade are see-through: no region shows through another.
	meshes["Lashes"].visible = finer > 1
	view.size = Vector2(size, size) * finer
	surroundings.background_color = background
	view.msaa = Viewport.MSAA_4X if finer > 1 else Viewport.MSAA_DISABLED
	view.render_target_update_mode = Viewport.UPDATE_ONCE
	yield(VisualServer, "frame_post_draw")
	var image = view.get_texture().get_data()
	if finer > 1:
		image.convert(Image.FORMAT_RGB8)
		image.shrink_x2()
	image.save_png(folder + "/done/" + name)
