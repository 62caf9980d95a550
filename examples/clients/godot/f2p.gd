# A client of f2p over HTTP, for Godot 3. Add it to your scene as a node; every call is a coroutine.
#
#     var answer = yield($F2P.create(bytes), "completed")
#     if answer.has("parameters"): for item in answer.parameters: ...
#     else: print(answer.message, " ", answer.remedy)
extends Node

export var server := "http://127.0.0.1:8080"


# A photo's bytes to a character: the Dictionary of character.json, or of an error with `code`, `message` and `remedy`.
func create(photo: PoolByteArray, query := ""):
	var answer = yield(_post("/v1/characters?" + query, photo, "image/jpeg"), "completed")
	return _document(answer)


# A picture of values {name: number or option} as a Texture; null where the server gave none.
func preview(values: Dictionary, size := 512):
	var body = JSON.print({"values": values, "size_px": size}).to_utf8()
	var answer = yield(_post("/v1/preview", body, "application/json"), "completed")
	var image := Image.new()
	if answer[1] != 200 or image.load_png_from_buffer(answer[3]) != OK:
		return null
	var texture := ImageTexture.new()
	texture.create_from_image(image)
	return texture


func _post(path: String, body: PoolByteArray, kind: String):
	var request := HTTPRequest.new()
	request.timeout = 300
	add_child(request)
	if request.request_raw(server + path, ["Content-Type: " + kind], true, HTTPClient.METHOD_POST, body) != OK:
		yield(get_tree(), "idle_frame")
		request.queue_free()
		return [HTTPRequest.RESULT_CANT_CONNECT, 0, [], PoolByteArray()]
	var answer = yield(request, "request_completed")
	request.queue_free()
	return answer


func _document(answer: Array) -> Dictionary:
	if answer[0] != HTTPRequest.RESULT_SUCCESS:
		return {"code": "SERVICE_UNAVAILABLE", "message": "There is no server at %s." % server, "remedy": "Start it: f2p serve."}
	return JSON.parse(answer[3].get_string_from_utf8()).result
