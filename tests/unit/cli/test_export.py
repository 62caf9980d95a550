"""`f2p export` with an engine that another package brings."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine_bridge.process import EngineProcess
from f2p.character.character import Character, rounded
from f2p.cli import main
from f2p.engines.exporting import export_character
from f2p.errors import ExportUnavailable
from tests.helpers.tiny_bundle import save_tiny_bundle
from tests.helpers.toy_engine import toy_schema

ENGINES = """
from tests.helpers.toy_engine import ToyEngine


class Sculptor(ToyEngine):
    formats = ("glb",)

    def export(self, values, format="glb", size=1024):
        return f"{format} {size} {values['hair']} {values['nose_length']}".encode()
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with an installed package of two engines; bundles for both, and a character."""
    folder = tmp_path_factory.mktemp("export")
    site = folder / "site"
    (site / "toy_sculptor-1.dist-info").mkdir(parents=True)
    (site / "toy_sculptor-1.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: toy-sculptor\nVersion: 1\n"
    )
    (site / "toy_sculptor-1.dist-info" / "entry_points.txt").write_text(
        "[f2p.engines]\nsculptor = toy_sculptor:Sculptor\npainter = toy_sculptor:ToyEngine\n"
    )
    (site / "toy_sculptor.py").write_text(ENGINES)
    for engine in ("sculptor", "painter"):
        save_tiny_bundle(folder / engine, toy_schema(), engine)
    values = rounded(toy_schema().decode(toy_schema().average()) | {"hair": "long", "nose_length": 0.25})
    character = Character(
        schema=toy_schema(), values=values, bundle_name="toy", bundle_version="1", preset="default", seed=0
    )
    (folder / "ann.json").write_text(character.to_json())
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(site))
        yield folder


def test_a_character_becomes_a_file_beside_it(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(installed / "ann.json"), "--bundle", str(installed / "sculptor")]) == 0
    assert (installed / "ann.glb").read_bytes() == b"glb 1024 long 0.25"
    assert "ann.glb" in capsys.readouterr().out
    out = installed / "deep" / "er.glb"
    arguments = ["--bundle", str(installed / "sculptor"), "--out", str(out), "--size", "512"]
    assert main(["export", str(installed / "ann.json"), *arguments]) == 0
    assert out.read_bytes() == b"glb 512 long 0.25"


@pytest.mark.parametrize(
    ("engine", "more", "reason", "words"),
    [
        ("painter", [], "EXPORT_UNAVAILABLE", "offers no export"),
        ("sculptor", ["--to", "morphs"], "EXPORT_UNAVAILABLE", "it offers glb"),
        ("sculptor", ["--size", "1000"], "PARAMETER_INVALID", "1000 px"),
    ],
)
def test_what_cannot_be_is_said(
    installed: Path, capsys: pytest.CaptureFixture[str], engine: str, more: list[str], reason: str, words: str
) -> None:
    assert main(["export", str(installed / "ann.json"), "--bundle", str(installed / engine), *more]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"error {reason}: ")
    assert words in told
    assert not list(installed.glob("*morphs.glb"))


def test_an_engine_in_a_process_of_its_own_exports(installed: Path) -> None:
    values = {"hair": "long", "nose_length": 0.25}
    with EngineProcess("sculptor", "toy_sculptor:Sculptor", toy_schema()) as engine:
        assert export_character(engine, values, "glb", 256) == b"glb 256 long 0.25"
    with (
        EngineProcess("painter", "tests.helpers.toy_engine:ToyEngine", toy_schema()) as engine,
        pytest.raises(ExportUnavailable, match="'toy'"),
    ):
        export_character(engine, values)
