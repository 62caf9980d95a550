extends Spatial
# The folder door for Godot 3: draws the jobs of the folder that --jobs= names. Your own head needs changes at the places
# marked HEAD. What it does in general: takes jobs/NAME.json, writes done/NAME.png, done/NAME.labels.png, then done/NAME.done.

# HEAD: colours of label maps by material, from f2p.regions.PALETTE. The skin's come from its own texture.
const LABELS = {
	"eyes": Color8(64, 128, 240), "iris": Color8(64, 128, 240), "inner_mouth": Color8(104, 8, 44),
	"teeth": Color8(226, 244, 240), "hair": Color8(140, 90, 170)}
const BACKGROUND = Color8(64, 64, 72)
# HEAD: nodes that the choice "hair" shows.
const HAIR = {"bald": "", "short": "HairShort", "full": "HairFull", "long": "HairLong"}

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
	camera.fov = 15
	camera.translation = Vector3(0, -0.12, 11)
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
	yield(draw(job["name"] + ".png", int(job["size"]), lit, Viewport.MSAA_4X, Color(0.5, 0.5, 0.5)), "completed")
	yield(draw(job["name"] + ".labels.png", int(job["size"]), flat, Viewport.MSAA_DISABLED, BACKGROUND), "completed")
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

func pose(job):
	var values = job["engine_values"]
	head.rotation_degrees = Vector3(-job["pitch"], job["yaw"], -job["roll"])
	light(int(job["light"]))
	for name in meshes:
		var mesh = meshes[name]
		mesh.visible = name == "Head" or name == HAIR[values["hair"]]
		for slider in values:
			# Options are no numbers. Godot 3 draws no negative weights: each direction is a target of its own.
			if values[slider] is float and mesh.get("blend_shapes/" + slider) != null:
				mesh.set("blend_shapes/" + slider, max(values[slider], 0))
				if mesh.get("blend_shapes/" + slider + "-") != null:
					mesh.set("blend_shapes/" + slider + "-", max(-values[slider], 0))
		for surface in mesh.mesh.get_surface_count():
			var material = lit[name + str(surface)]
			# HEAD: colour sliders.
			if material.resource_name == "skin":
				material.albedo_color = Color(1, 1, 1).linear_interpolate(Color(0.4, 0.28, 0.22), values["skin_darkness"])
			if material.resource_name == "hair":
				material.albedo_color = Color(0.85, 0.7, 0.45).linear_interpolate(Color(0.06, 0.045, 0.035), values["hair_darkness"])
			if material.resource_name == "iris":
				material.albedo_color = Color(0.1, 0.05, 0.025).linear_interpolate(Color(0.2, 0.4, 0.6), values["iris_blue"])

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

func draw(name, size, materials, smoothing, background):
	for mesh in meshes:
		for surface in meshes[mesh].mesh.get_surface_count():
			meshes[mesh].set_surface_material(surface, materials[mesh + str(surface)])
	view.size = Vector2(size, size)
	surroundings.background_color = background
	view.msaa = smoothing
	view.render_target_update_mode = Viewport.UPDATE_ONCE
	yield(VisualServer, "frame_post_draw")
	view.get_texture().get_data().save_png(folder + "/done/" + name)
