"""The same server over HTTP: what a character is, in whatever form it is asked for, and how errors look."""

import base64
import io
import json
import socket
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
from PIL import Image

from f2p.cli import main
from f2p.client import CharacterClient, load, save, values
from f2p.schema import Schema
from tests.helpers.bad_photos import BAD_PHOTOS, bad_photo, good_photo
from tests.helpers.processes import ROOT
from tests.helpers.web import Answer, call, events, multipart

JSON = {"Content-Type": "application/json"}
STREAM = {"Accept": "text/event-stream"}
# The quickest recipe: the values' way is the same.
OPTIONS: dict[str, Any] = {"seed": 7, "preset": "instant"}
QUERY = "seed=7&preset=instant"
DESCRIPTION: dict[str, Any] = json.loads((ROOT / "f2p" / "serving" / "web" / "openapi.json").read_text("utf-8"))
FLAGS = ("--seed", "7", "--preset", "instant")


@pytest.fixture(scope="module")
def plain(web: str) -> Answer:
    """The character of the good photo, asked for as `curl --data-binary @me.jpg` does."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return call(f"{web}/v1/characters?{QUERY}", good_photo(), headers)


@pytest.fixture(scope="module")
def character(plain: Answer) -> dict[str, Any]:
    document: dict[str, Any] = plain.json()
    return document


def test_the_character_is_that_of_grpc_and_of_the_command_line_to_the_last_digit(
    plain: Answer, client: CharacterClient, posed_bundle: Path, tmp_path: Path
) -> None:
    assert (plain.status, plain.headers["content-type"]) == (200, "application/json")
    _check_schema(plain.json(), "Character")
    save(client.create(good_photo(), **OPTIONS), tmp_path / "grpc.json")
    assert plain.body == (tmp_path / "grpc.json").read_bytes()
    photo = tmp_path / "sample.jpg"
    photo.write_bytes(good_photo())
    assert main(["create", str(photo), "--out", str(tmp_path / "out"), "--bundle", str(posed_bundle), *FLAGS]) == 0
    written = json.loads((tmp_path / "out" / "sample" / "character.json").read_text("utf-8"))
    # The command line always draws with the engine; the server does where pictures are asked for.
    assert {**plain.json(), "render_source": "engine"} == written


@pytest.mark.parametrize("form", ["multipart", "base64", "data URL", "chunked"])
def test_every_form_of_a_request_says_the_same(web: str, plain: Answer, form: str) -> None:
    options = OPTIONS
    text = base64.b64encode(good_photo()).decode()
    body: Any
    match form:
        case "multipart":
            body, headers = multipart([("photo", good_photo()), ("options", options)])
        case "base64":
            body, headers = json.dumps({"photo": text, "options": options}), JSON
        case "data URL":
            body, headers = json.dumps({"photos": [f"data:image/jpeg;base64,{text}"], "options": options}), JSON
        case _:
            # An iterable has no length: http.client sends it in chunks.
            body, headers = iter([good_photo()[:9], good_photo()[9:]]), {"Content-Type": "image/jpeg"}
    query = f"?{QUERY}" if form == "chunked" else ""
    answer = call(f"{web}/v1/characters{query}", body, headers)
    assert (answer.status, answer.body) == (200, plain.body)


def test_a_stream_tells_its_progress_shows_the_face_and_ends_with_the_same_character(
    web: str, client: CharacterClient
) -> None:
    query = "seed=7&include_confidence=true&include_progress_pictures=true"
    answer = call(f"{web}/v1/characters?{query}", good_photo(), STREAM)
    assert answer.headers["cache-control"] == "no-store"
    *progress, (last, result) = events(answer)
    assert last == "result"
    assert _values(result) == values(client.create(good_photo(), seed=7))
    assert len(result["confidence"]) > 3
    assert {name for name, _ in progress} == {"progress"}
    stages = [data["stage"] for _, data in progress]
    assert stages == sorted(stages, key=["waiting", "preparing", "solving"].index)
    solving = [data for _, data in progress if data["stage"] == "solving"]
    for _, data in progress:
        _check_schema(data, "Progress")
    assert solving[-1]["step"] == solving[-1]["steps"] - 1
    assert solving[-1]["loss"] == solving[-1]["losses"]["total"] > 0
    shown = [data["preview"] for data in solving if "preview" in data]
    assert len(shown) >= 2
    kind, _, text = shown[-1].partition(",")
    assert kind == "data:image/jpeg;base64"
    assert Image.open(io.BytesIO(base64.b64decode(text))).size == (64, 64)


def test_an_error_ends_a_stream_that_has_begun(web: str) -> None:
    answer = call(f"{web}/v1/characters", bad_photo("no_face"), {"Content-Type": "image/jpeg", **STREAM})
    assert answer.status == 200
    *_, (last, problem) = events(answer)
    assert (last, problem["code"], problem["status"]) == ("error", "NO_FACE", 400)


def test_several_photos_and_pictures(web: str, client: CharacterClient) -> None:
    photos = [good_photo(), bad_photo("no_face")]
    body, headers = multipart(
        [*(("photo", photo) for photo in photos), ("options", {**OPTIONS, "include_pictures": True})]
    )
    found = call(f"{web}/v1/characters", body, headers).json()
    expected = client.create(photos, pictures=True, **OPTIONS)
    assert [use["reason"] for use in found["photos"]] == ["USED", "NO_FACE"]
    assert _values(found) == values(expected)
    _check_schema(found, "Character")
    assert set(found["pictures"]) == {"aligned", "drawing", "render"}
    assert base64.b64decode(found["pictures"]["drawing"].partition(",")[2]) == expected.pictures.drawing_png


def test_a_character_is_solved_again(
    web: str, character: dict[str, Any], client: CharacterClient, engine_schema: Schema, tmp_path: Path
) -> None:
    slider, group = engine_schema.continuous[0].name, engine_schema.groups[-1]
    parts = [("photo", good_photo()), ("character", character), ("edits", {slider: 0.25}), ("locked", [group])]
    body, headers = multipart(parts)
    found = call(f"{web}/v1/refit", body, headers)
    assert found.status == 200, found.body
    (tmp_path / "me.json").write_text(json.dumps(character))
    again = client.refit(load(tmp_path / "me.json"), good_photo(), locked=[group], edits={slider: 0.25})
    save(again, tmp_path / "again.json")
    assert found.body == (tmp_path / "again.json").read_bytes()
    assert _values(found.json())[slider] == 0.25
    *_, (last, streamed) = events(call(f"{web}/v1/refit", body, {**headers, **STREAM}))
    assert (last, streamed) == ("result", found.json())


def test_a_photo_is_checked(web: str, client: CharacterClient) -> None:
    found = call(f"{web}/v1/check", good_photo(), {"Content-Type": "image/jpeg"}).json()
    expected = client.check(good_photo())
    assert found["usable"]
    assert found["quality"]["face_width_px"] == pytest.approx(expected.quality.face_width_px)
    assert len(found["faces"]) == len(expected.faces) == 1
    _check_schema(found, "CheckPhotoResponse")
    several = call(f"{web}/v1/check", bad_photo("three_faces")).json()
    _check_schema(several, "CheckPhotoResponse")
    assert ([issue["kind"] for issue in several["issues"]], len(several["faces"])) == (["several_faces"], 3)
    assert call(f"{web}/v1/check?choose_face=true&face_index=1", bad_photo("three_faces")).json()["usable"]
    for name in ("garbage", "empty"):
        answer = call(f"{web}/v1/check", bad_photo(name)).json()
        assert [issue["reason"] for issue in answer["issues"]] == [BAD_PHOTOS[name]]


def test_a_character_is_drawn_compared_shared_and_carried_over(
    web: str, character: dict[str, Any], client: CharacterClient, engine_schema: Schema
) -> None:
    own = _values(character)
    drawn = call(f"{web}/v1/preview?size_px=96", json.dumps(character), JSON)
    assert drawn.headers["content-type"] == "image/png"
    assert drawn.body == client.preview(own, size=96)
    slider = engine_schema.continuous[0].name
    part = call(f"{web}/v1/preview", json.dumps({"values": {slider: 0.75}, "format": "jpeg", "view": "front"}), JSON)
    assert part.body == client.preview({slider: 0.75}, jpeg=True)

    other = {**own, slider: 1 - round(float(own[slider]))}
    compared = call(f"{web}/v1/compare", json.dumps({"first": character, "second": other}), JSON).json()
    assert compared["largest"] == pytest.approx(client.compare(own, other).largest)
    _check_schema(compared, "CompareParametersResponse")
    assert [group["name"] for group in compared["groups"]] == list(engine_schema.groups)

    shared = call(f"{web}/v1/share", json.dumps(character), JSON).json()
    assert shared["code"] == client.share(own)
    assert shared["qr"].startswith("data:image/svg+xml")
    received = call(f"{web}/v1/share?code={shared['code'].lower()}").json()
    assert _values(received) == values(client.receive(shared["code"]))
    assert all(value == pytest.approx(own[name], abs=0.0005) for name, value in _values(received).items())

    # As an older release had it: one slider under another name.
    old = json.loads(json.dumps(character).replace(f'"{slider}"', '"old_name"'))
    carried = call(f"{web}/v1/migrate", json.dumps({"character": old, "renames": {"old_name": slider}}), JSON).json()
    _check_schema(carried["changes"][0], "ParameterChange")
    assert [change["kind"] for change in carried["changes"]] == ["renamed"]
    assert _values(carried["character"]) == own
    assert carried["character"]["migrated_from"] == old
    assert carried["carried_count"] == len(own) - 1


def test_schema_and_bundles(web: str, client: CharacterClient, engine_schema: Schema) -> None:
    schema = call(f"{web}/v1/schema").json()
    assert [item["name"] for item in (*schema["continuous"], *schema["discrete"])] == list(engine_schema.names)
    _check_schema(schema, "Schema")
    assert {item["role"] for item in schema["continuous"]} <= {"identity", "expression", "appearance"}
    assert schema["hash"] == call(f"{web}/v1/schema?bundle=tiny").json()["hash"] == client.schema().hash
    served = call(f"{web}/v1/bundles").json()
    _check_schema(served, "GetServerInfoResponse")
    assert [bundle["name"] for bundle in served["bundles"]] == ["tiny"]
    assert served["max_photo_size_bytes"] == client.server_info().max_photo_size_bytes
    assert "ShareCharacter" in served["calls"]
    assert (call(f"{web}/healthz").body, call(f"{web}/readyz").body) == (b"alive\n", b"ready\n")


@pytest.mark.parametrize("name", ["garbage", "no_face", "three_faces", "bomb"])
def test_a_bad_photo_is_a_problem_with_its_remedy(web: str, name: str) -> None:
    answer = call(f"{web}/v1/characters", bad_photo(name), {"x-request-id": "mine-1"})
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["code"] == answer.headers["f2p-reason"] == BAD_PHOTOS[name]
    assert problem["status"] == answer.status == (413 if problem["code"] == "PHOTO_TOO_LARGE" else 400)
    assert problem["detail"] == f"{problem['message']} {problem['remedy']}"
    assert problem["request_id"] == answer.headers["x-request-id"] == "mine-1"
    assert "Traceback" not in answer.body.decode()


_WRONG: dict[str, tuple[str, Any, dict[str, str], int, str, str]] = {
    "no path": ("/v1/nothing", None, {}, 404, "REQUEST_INVALID", ""),
    "no such verb": ("/v1/characters", None, {}, 405, "REQUEST_INVALID", ""),
    "no photo": ("/v1/characters", b"", {}, 400, "PHOTO_EMPTY", ""),
    "another kind": ("/v1/characters", b"<xml/>", {"Content-Type": "text/xml"}, 415, "REQUEST_INVALID", "content-type"),
    "no JSON": ("/v1/preview", b'{"values": {', JSON, 400, "REQUEST_INVALID", ""),
    "a list": ("/v1/preview", b"[]", JSON, 400, "REQUEST_INVALID", ""),
    "not a number": ("/v1/preview", b'{"values": {"x": NaN}}', JSON, 400, "REQUEST_INVALID", ""),
    "no such slider": ("/v1/preview", b'{"values": {"x": 1}}', JSON, 400, "PARAMETER_INVALID", ""),
    "no such view": ("/v1/preview", b'{"view": "back"}', JSON, 400, "PARAMETER_INVALID", "view"),
    "no such part": ("/v1/characters", b'{"photo": "", "when": 1}', JSON, 400, "REQUEST_INVALID", "when"),
    "no base64": ("/v1/characters", b'{"photo": "%%"}', JSON, 400, "REQUEST_INVALID", "photos"),
    "no such option": ("/v1/characters?speed=9", b"x", {}, 400, "REQUEST_INVALID", "speed"),
    "no number": ("/v1/characters?seed=many", b"x", {}, 400, "PARAMETER_INVALID", "seed"),
    "no such preset": ("/v1/characters?preset=best", good_photo(), {}, 400, "PRESET_UNKNOWN", ""),
    "no such bundle": ("/v1/schema?bundle=other", None, {}, 404, "BUNDLE_MISSING", ""),
    "no character": ("/v1/refit", b'{"photo": ""}', JSON, 400, "CHARACTER_INVALID", "character"),
    "half a character": ("/v1/refit", b'{"character": {"format": 1}}', JSON, 400, "CHARACTER_INVALID", ""),
    "no code": ("/v1/share?code=AAAA", None, {}, 400, "CHARACTER_INVALID", ""),
    "no boundary": ("/v1/check", b"x", {"Content-Type": "multipart/form-data"}, 400, "REQUEST_INVALID", ""),
    "broken parts": ("/v1/check", b"x", multipart([])[1], 400, "REQUEST_INVALID", ""),
    "another site": ("/v1/bundles", None, {"Origin": "https://evil.example"}, 403, "REQUEST_INVALID", "origin"),
}


@pytest.mark.parametrize("name", _WRONG)
def test_a_wrong_request_is_refused_and_says_what_to_mend(web: str, name: str) -> None:
    path, body, headers, status, code, field = _WRONG[name]
    answer = call(f"{web}{path}", body, headers)
    problem = answer.json()
    assert (answer.status, problem["code"], problem.get("field", "")) == (status, code, field), problem
    _check_schema(problem, "Problem")
    assert problem["remedy"]


def test_who_leaves_frees_the_worker(web: str, client: CharacterClient) -> None:
    parts = urlsplit(web)
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as visitor:
        head = f"POST /v1/characters HTTP/1.1\r\nHost: x\r\nContent-Length: {len(good_photo())}\r\n\r\n"
        visitor.sendall(head.encode() + good_photo())
        _wait_for_jobs(client, 1)
    _wait_for_jobs(client, 0)


def _check_schema(document: Any, name: str) -> None:
    """The answer is what openapi.json says."""
    jsonschema.validate(document, {**DESCRIPTION, "$ref": f"#/components/schemas/{name}"})


def _wait_for_jobs(client: CharacterClient, count: int) -> None:
    end = time.monotonic() + 20
    while client.server_info().job_count != count:
        assert time.monotonic() < end
        time.sleep(0.02)


def _values(document: dict[str, Any]) -> dict[str, float | str]:
    return {item["name"]: item.get("value", item.get("option")) for item in document["parameters"]}
