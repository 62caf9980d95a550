# A photo in, sliders set: godot --path examples/clients/godot --photo=me.jpg
extends HBoxContainer

var values := {}


func _ready():
	var photo := File.new()
	if photo.open(_argument("photo"), File.READ) != OK:
		$Left/News.text = "godot --path examples/clients/godot --photo=me.jpg"
		return
	if _argument("server"):
		$F2P.server = _argument("server")
	var character = yield($F2P.create(photo.get_buffer(photo.get_len())), "completed")
	if not character.has("parameters"):
		$Left/News.text = "%s %s" % [character.message, character.remedy]
		print(character)
		return
	for item in character.parameters:
		values[item.name] = item.value if item.has("value") else item.option
		if item.has("value"):
			_add_slider(item)
	yield(_draw_face(), "completed")
	$Left/News.text = "%d parameters set" % values.size()
	if _argument("shot"):
		_keep(_argument("shot"))


func _add_slider(item: Dictionary):
	var label := Label.new()
	label.text = item.label
	var slider := HSlider.new()
	slider.max_value = 1
	slider.step = 0.001
	slider.value = item.value
	slider.connect("value_changed", self, "_on_slider", [item.name])
	$Scroll/Sliders.add_child(label)
	$Scroll/Sliders.add_child(slider)


func _on_slider(value: float, name: String):
	values[name] = value
	_draw_face()


func _draw_face():
	var texture = yield($F2P.preview(values), "completed")
	if texture != null:
		$Left/Face.texture = texture


func _argument(name: String) -> String:
	for text in OS.get_cmdline_args():
		if text.begins_with("--%s=" % name):
			return text.split("=", true, 1)[1]
	return ""


# --shot=PNG: a picture of the window and, beside it, the values as JSON.
func _keep(path: String):
	yield(VisualServer, "frame_post_draw")
	var image := get_viewport().get_texture().get_data()
	image.flip_y()
	image.save_png(path)
	var file := File.new()
	file.open(path.get_basename() + ".json", File.WRITE)
	file.store_string(JSON.print(values))
	file.close()
	get_tree().quit()
