"""A client in another language, made from the .proto files alone. `F2P_FOREIGN=1 pytest tests/foreign` runs it."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import trustme

from f2p.client import CharacterClient, Connection, values
from tests.helpers.bad_photos import good_photo
from tests.helpers.processes import serving

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("F2P_FOREIGN"), reason="F2P_FOREIGN=1 runs it; it needs node, npm and a registry"
    ),
]


def readme_flags() -> list[str]:
    """What the README says to serve others with."""
    (flags,) = re.findall(r"--host 0\.0\.0\.0 --tls-\S+ \S+ --tls-\S+ \S+", (ROOT / "README.md").read_text("utf-8"))
    return flags.split()


def test_node_sees_what_python_sees(tmp_path: Path) -> None:
    for file in (HERE / "node").iterdir():
        shutil.copy(file, tmp_path)
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=tmp_path, check=True, timeout=200)
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(good_photo())
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "tls.crt"))
    issued.private_key_pem.write_to_path(str(tmp_path / "tls.key"))
    with serving(None, *readme_flags(), cwd=tmp_path) as (port, _):
        target = f"localhost:{port}"
        command = ["node", "client.js", str(ROOT / "proto"), target, str(photo), str(tmp_path / "ca.pem")]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, done.stderr
        seen = json.loads(done.stdout)
        with CharacterClient(Connection(target=target, root_certificates=tmp_path / "ca.pem")) as client:
            character = client.create(good_photo(), seed=7)
    numbers = {name: value for name, value in values(character).items() if not isinstance(value, str)}
    assert {name: round(value, 6) for name, value in seen["values"].items()} == numbers
    assert seen["info"]["bundle_name"] == "makehuman"
    assert seen["sliders"] == len(character.continuous)
    assert seen["checked"]["usable"] is True
    assert seen["stages"][-1] == "PROGRESS_STAGE_SOLVING"
    assert seen["left"] == {"left": True}
    assert seen["refit"]["steps"] > 3
    assert seen["refit"]["locked"] > 0
    assert seen["refit"]["shares"] == [0.5, 0.5]
    assert seen["preview"] > 500
    assert seen["largest"] == 0
    assert seen["refused"]["code"] == "INVALID_ARGUMENT"
    assert seen["refused"]["reason"] == "PHOTO_UNREADABLE"
    assert seen["refused"]["details"].startswith("PHOTO_UNREADABLE: ")
