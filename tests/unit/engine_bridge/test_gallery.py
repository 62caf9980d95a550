"""Contact sheets of any engine."""

from pathlib import Path

from PIL import Image

from engine_bridge.gallery import CAPTION, write_gallery
from tests.helpers.sketch_engine import SketchEngine


def test_gallery_holds_every_sheet(tmp_path: Path) -> None:
    engine = SketchEngine()
    files = write_gallery(engine, tmp_path / "sheets", people=2, size=64)
    assert {f.stem for f in files} == {"characters", "options", "sliders", "expressions", "views", "lights"}
    options = sum(len(d.options) for d in engine.schema.discrete)
    with Image.open(tmp_path / "sheets" / "options.jpg") as sheet:
        assert sheet.width * sheet.height >= options * 64 * (64 + CAPTION)
