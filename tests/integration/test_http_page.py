"""The commands of docs/http.md, as they stand there; those of exports, in blocks of `sh`, are in test_exports.py."""

import json
import re
import subprocess
from pathlib import Path

from PIL import Image

from tests.helpers.bad_photos import good_photo

PAGE = Path(__file__).resolve().parents[2] / "docs" / "http.md"


def test_every_command_of_the_page_works(web: str, tmp_path: Path) -> None:
    for name in ("me.jpg", "me_again.jpg"):
        (tmp_path / name).write_bytes(good_photo())
    for block in re.findall(r"```bash\n(.*?)```", PAGE.read_text("utf-8"), re.S):
        script = block.replace("localhost:8080", web)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, timeout=240
        )
        assert done.returncode == 0, (script, done.stderr, done.stdout)
    four, caricature = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("four", "caricature"))
    assert len(four["parameters"]) == len(caricature["parameters"]) > 0
    assert {item["name"]: item.get("option") for item in caricature["parameters"]}["glasses"] == "none"
    characters = [
        json.loads((tmp_path / f"{name}.json").read_text()) for name in ("quick", "again", "of_two", "edited")
    ]
    quick, again, of_two, edited = characters
    assert [item for item in quick["parameters"] if "option" in item] == [
        item for item in again["parameters"] if "option" in item
    ]
    assert [use["reason"] for use in of_two["photos"]] == ["USED", "USED"]
    (nose,) = [item["value"] for item in edited["parameters"] if item["name"] == "nose_width"]
    assert nose == 0.8
    assert "event: result" in (tmp_path / "events.txt").read_text()
    assert json.loads((tmp_path / "differences.json").read_text())["largest"] > 0
    assert json.loads((tmp_path / "shared.json").read_text())["code"]
    assert json.loads((tmp_path / "carried.json").read_text())["changes"] == []
    assert (Image.open(tmp_path / "face.png").size, Image.open(tmp_path / "nose.jpg").format) == ((256, 256), "JPEG")
