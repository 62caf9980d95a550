# A client of f2p over HTTP, for Godot 3. Add it to your scene as a node; every call is a coroutine.
#
#     var answer = yield($F2P.create(bytes), "completed")
#     if answer.has("parameters"): for item in answer.parameters: ...
#     else: print(answer.message, " ", answer.remedy)
extends Node

export var server := "http://127.0.0.1:8080"


# A photo's bytes to a character: the Dictionary of character.json, or of an error with `code`, `message` and `remedy`.
func create(photo: PoolByteArray, options := {}):
	var body = {"photo": Marshalls.raw_to_base64(photo), "options": options}
	var answer = yield(_post("/v1/characters", body), "completed")
	if answer[0] != HTTPRequest.RESULT_SUCCESS:
		return {"code": "SERVICE_UNAVAILABLE", "message": "No server at %s." % server, "remedy": "Start it: f2p serve."}
	return JSON.parse(answer[3].get_string_from_utf8()).result


# A picture of values {name: number or option} as a Texture; null where the server gave none.
func preview(values: Dictionary, size := 512):
	var answer = yield(_post("/v1/preview", {"values": values, "size_px": size}), "completed")
	var image := Image.new()
	if answer[1] != 200 or image.load_png_from_buffer(answer[3]) != OK:
		return null
	var texture := ImageTexture.new()
	texture.create_from_image(image)
	return texture


func _post(path: String, body: Dictionary):
	var request := HTTPRequest.new()
	request.timeout = 300
	request.use_threads = true
	add_child(request)
	var kind := ["Content-Type: application/json"]
	if request.request(server + path, kind, true, HTTPClient.METHOD_POST, JSON.print(body)) != OK:
		yield(get_tree(), "idle_frame")
		request.queue_free()
		return [HTTPRequest.RESULT_CANT_CONNECT, 0, [], PoolByteArray()]
	var answer = yield(request, "request_completed")
	request.queue_free()
	return answer
