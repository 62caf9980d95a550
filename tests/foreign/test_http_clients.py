"""The clients of examples/clients, in the programs that run them. `F2P_FOREIGN=1 pytest tests/foreign` runs them."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.helpers.bad_photos import bad_photo, good_photo
from tests.helpers.processes import serving
from tests.helpers.web import call

CLIENTS = Path(__file__).resolve().parents[2] / "examples" / "clients"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("F2P_FOREIGN"), reason="F2P_FOREIGN=1 runs it; it needs node, godot3 and xvfb-run"
    ),
]


@pytest.fixture(scope="module")
def web(tiny_bundle: Path) -> Iterator[str]:
    with serving(tiny_bundle, "--workers", "1", "--web-port", "-1") as (_, process):
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]


@pytest.fixture(scope="module")
def expected(web: str) -> dict[str, float | str]:
    parameters = call(f"{web}/v1/characters", good_photo()).json()["parameters"]
    return {item["name"]: item.get("value", item.get("option")) for item in parameters}


def test_node(web: str, expected: dict[str, float | str], tmp_path: Path) -> None:
    def run(photo: bytes) -> "subprocess.CompletedProcess[str]":
        (tmp_path / "me.jpg").write_bytes(photo)
        command = ["node", str(CLIENTS / "node" / "create.mjs"), str(tmp_path / "me.jpg"), web]
        return subprocess.run(command, capture_output=True, text=True, timeout=200)

    done = run(good_photo())
    assert done.returncode == 0, done.stderr
    parameters = json.loads(done.stdout)["parameters"]
    assert {item["name"]: item.get("value", item.get("option")) for item in parameters} == expected
    assert "step 1 of" in done.stderr
    refused = run(bad_photo("no_face"))
    assert refused.returncode == 1
    assert "NO_FACE: " in refused.stderr


def test_godot(web: str, expected: dict[str, float | str], tmp_path: Path) -> None:
    (tmp_path / "me.jpg").write_bytes(good_photo())
    game = ["godot3", "--path", str(CLIENTS / "godot"), "--audio-driver", "Dummy"]
    flags = [f"--photo={tmp_path / 'me.jpg'}", f"--server={web}", f"--shot={tmp_path / 'window.png'}"]
    subprocess.run(["xvfb-run", "-a", *game, *flags], capture_output=True, timeout=400, check=True)
    assert json.loads((tmp_path / "window.json").read_text()) == expected
    face = Image.open(tmp_path / "window.png").convert("RGB").crop((0, 30, 500, 520))
    assert len(face.getcolors(maxcolors=500 * 490) or ()) > 500
