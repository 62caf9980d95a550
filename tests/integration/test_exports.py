"""Exports and meshes over gRPC and HTTP, of a server with two bundles of which the engine of one exports."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from f2p import errors
from f2p.character.character import Character, rounded
from f2p.client import CharacterClient, Connection
from tests.helpers.processes import ROOT, serving
from tests.helpers.tiny_bundle import save_tiny_bundle
from tests.helpers.toy_engine import toy_schema
from tests.helpers.web import Answer, call

JSON = {"Content-Type": "application/json"}
AVERAGE = toy_schema().decode(toy_schema().average())


class Served(NamedTuple):
    """A server's addresses, and where its engine notes each export."""

    port: int
    web: str
    log: Path

    @property
    def exports(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("exports")
    program, log = ROOT / "tests" / "helpers" / "sculptor_program.py", folder / "log"
    engines = []
    for name, formats in (("sculptor", ("glb", "morphs")), ("painter", ())):
        engines.append(f"{name}=exec:{shlex.join([sys.executable, str(program), str(log), *formats])}")
        save_tiny_bundle(folder / name, toy_schema(), name, name=name)
    more = (str(folder / "painter"), "--workers", "1", "--web-port", "-1", "--hang-limit-s", "4")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("F2P_ENGINES", ";".join(engines))
        with serving(folder / "sculptor", *more) as (port, process):
            assert process.stdout is not None
            yield Served(port, process.stdout.readline().split()[-1], log)


@pytest.fixture
def client(served: Served) -> Iterator[CharacterClient]:
    with CharacterClient(Connection(target=f"localhost:{served.port}", timeout=60, retries=0)) as connected:
        yield connected


def export(served: Served, content: Any, query: str = "") -> Answer:
    return call(f"{served.web}/v1/export{query}", json.dumps(content), JSON)


def document(**values: float | str) -> dict[str, Any]:
    """A character.json of the bundle that exports."""
    character = Character(
        schema=toy_schema(),
        values=rounded(AVERAGE | values),
        bundle_name="sculptor",
        bundle_version="1",
        preset="default",
        seed=0,
    )
    found: dict[str, Any] = json.loads(character.to_json())
    return found


def test_bundles_say_what_can_be_exported(served: Served, client: CharacterClient) -> None:
    bundles = call(f"{served.web}/v1/bundles").json()["bundles"]
    assert {bundle["name"]: bundle["export_formats"] for bundle in bundles} == {
        "sculptor": ["glb", "morphs"],
        "painter": [],
    }
    assert [list(bundle.export_formats) for bundle in client.server_info().bundles] == [["glb", "morphs"], []]


def test_a_character_becomes_a_file_over_both_doors(served: Served, client: CharacterClient) -> None:
    values = AVERAGE | {"nose_length": 0.25}
    answer = export(served, document(nose_length=0.25))
    assert (answer.status, answer.headers["content-type"]) == (200, "model/gltf-binary")
    assert answer.headers["content-disposition"] == 'attachment; filename="character.glb"'
    assert (answer.json()["format"], answer.json()["size"]) == ("glb", 1024)
    assert answer.json()["values"] == pytest.approx(values)
    assert export(served, {"values": {"nose_length": 0.25}}).body == answer.body
    assert client.export({"nose_length": 0.25}) == answer.body


def test_format_and_size_are_chosen(served: Served, client: CharacterClient) -> None:
    answer = export(served, document(), "?format=morphs&texture_size_px=256")
    assert (answer.json()["format"], answer.json()["size"]) == ("morphs", 256)
    assert answer.headers["content-disposition"].endswith('"character.morphs.glb"')
    assert client.export({}, format="morphs", texture_size=256) == answer.body


def test_a_mesh_is_made_once_and_told_by_its_tag(served: Served, client: CharacterClient) -> None:
    first = call(f"{served.web}/v1/mesh")
    assert (first.status, first.headers["content-type"]) == (200, "model/gltf-binary")
    assert first.headers["cache-control"] == "private, no-cache"
    assert (first.json()["format"], first.json()["size"]) == ("morphs", 512)
    assert first.json()["values"] == pytest.approx(AVERAGE)
    known = {"If-None-Match": f'"older", {first.headers["etag"]}'}
    again = call(f"{served.web}/v1/mesh?bundle=sculptor", headers=known)
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert call(f"{served.web}/v1/mesh", headers={"If-None-Match": '"older"'}).body == first.body
    assert client.mesh() == first.body
    assert served.exports.count("morphs 512") == 1


def test_many_may_ask_for_exports_at_once(served: Served) -> None:
    """They wait in the queue of the one worker, as characters do."""
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: export(served, {"values": {"hair": "long"}}), range(4)))
    statuses = sorted(answer.status for answer in answers)
    assert statuses == [200] * 4 or set(statuses) == {200, 429}
    assert answers[0].status == 429 or answers[0].json()["values"]["hair"] == "long"


@pytest.mark.parametrize(
    ("content", "query", "status", "code", "words"),
    [
        ({"bundle": "painter"}, "", 400, "EXPORT_UNAVAILABLE", "offers no export"),
        ({}, "?format=fbx", 400, "EXPORT_UNAVAILABLE", "it offers glb, morphs"),
        ({}, "?texture_size_px=1000", 400, "PARAMETER_INVALID", "1000 px"),
        ({}, "?texture_size_px=4096", 400, "PARAMETER_INVALID", "too large for the service"),
        ({"values": {"nose_length": 2}}, "", 400, "PARAMETER_INVALID", "nose_length"),
        ({"values": {"no_such": 0}}, "", 400, "PARAMETER_INVALID", "no_such"),
        ({"bundle": "no_such"}, "", 404, "BUNDLE_MISSING", "sculptor, painter"),
        ({"size": 512}, "", 400, "REQUEST_INVALID", "texture_size_px"),
    ],
)
def test_what_cannot_be_exported_is_said(
    served: Served, content: dict[str, Any], query: str, status: int, code: str, words: str
) -> None:
    answer = export(served, content, query)
    assert (answer.status, answer.json()["code"]) == (status, code)
    assert words in answer.json()["detail"]


def test_a_bundle_without_a_mesh_says_so(served: Served, client: CharacterClient) -> None:
    answer = call(f"{served.web}/v1/mesh?bundle=painter")
    assert (answer.status, answer.json()["code"]) == (400, "EXPORT_UNAVAILABLE")
    assert call(f"{served.web}/v1/mesh?bundle=no_such").json()["code"] == "BUNDLE_MISSING"
    with pytest.raises(errors.ExportUnavailable, match="'painter' has no mesh"):
        client.mesh(bundle="painter")


def test_an_export_may_take_longer_than_a_worker_may_be_silent(client: CharacterClient) -> None:
    assert json.loads(client.export({"nose_length": 1.0}))["values"]["nose_length"] == 1


def test_an_engine_that_dies_is_told_and_started_anew(served: Served, client: CharacterClient) -> None:
    with pytest.raises(errors.EngineFailed):
        client.export({"hair": "bald"})
    assert json.loads(client.export({"hair": "short"}))["values"]["hair"] == "short"


def test_the_commands_of_the_page_work(served: Served, tmp_path: Path) -> None:
    (tmp_path / "character.json").write_text(json.dumps(document(nose_length=0.25)))
    (block,) = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "http.md").read_text("utf-8"), re.S)
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.replace("localhost:8080", served.web)],
        cwd=tmp_path,
        check=True,
        timeout=120,
    )
    files = {name: json.loads((tmp_path / f"{name}.glb").read_text()) for name in ("character", "live", "head")}
    assert {name: (file["format"], file["size"]) for name, file in files.items()} == {
        "character": ("glb", 1024),
        "live": ("morphs", 512),
        "head": ("morphs", 512),
    }
    assert [file["values"]["nose_length"] for file in files.values()] == [0.25, 0.25, 0.5]
