"""The likeness benchmark's run, with the toy engine's untrained networks: records, resuming, tables."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image

from benchmarks.likeness.__main__ import print_figures
from benchmarks.likeness.cma import EngineObjective
from benchmarks.likeness.recipes import in_order, recipe
from benchmarks.likeness.records import FILE
from benchmarks.likeness.run import measure_folder
from benchmarks.likeness.subjects import measure_photo
from f2p.bundle import Bundle
from f2p.character.character import rounded
from f2p.fitting.presets import get_preset
from f2p.imaging.decode import read_photo
from tests.helpers.toy_engine import ToyEngine

Pixels = npt.NDArray[np.uint8]
POINTS = np.random.default_rng(0).uniform(0, 512, (68, 2))
RECIPES = ("cma", "default", "average", "translator")


def detect(pixels: Pixels) -> npt.NDArray[np.float64]:
    """The toy engine's ellipse is no face to a landmark model."""
    return POINTS


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory, astronaut: Pixels) -> Path:
    """Two photos of a face, and one of nobody."""
    folder = tmp_path_factory.mktemp("photos")
    Image.fromarray(astronaut).save(folder / "a.png")
    Image.fromarray(astronaut[:, ::-1] // 2 + 40).save(folder / "b.png")
    Image.fromarray(np.full((200, 200, 3), 128, np.uint8)).save(folder / "nobody.png")
    return folder


@pytest.fixture(scope="module")
def done(bundle: Bundle, photos: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("out")
    quick = replace(get_preset("default"), steps=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchmarks.likeness.recipes.get_preset", lambda name: quick)
        return out, measure_folder(photos, out, bundle, ToyEngine(), detect, recipes=RECIPES)


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / FILE).read_text().splitlines()]


def test_every_recipe_is_measured_on_every_usable_photo(done: tuple[Path, dict[str, Any]]) -> None:
    out, document = done
    assert list(document["summary"]) == list(RECIPES)
    for name, rows in document["photos"].items():
        assert [row["photo"] for row in rows] == ["a.png", "b.png"]
        assert all(row["landmarks"] == 0 for row in rows)
        result = document["summary"][name]
        assert result["rank5"] == 1
        assert result["cosine"] == pytest.approx(np.mean([row["cosine"] for row in rows]))
    assert json.loads((out / "likeness.json").read_text())["summary"] == document["summary"]


def test_a_photo_without_a_face_is_named_and_left_out(
    done: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    _, document = done
    (left,) = document["skipped"]
    assert left["photo"] == "nobody.png"
    print_figures(document)
    shown = capsys.readouterr().out
    assert "| | cma | default | average | translator |\n| --- | --- | --- | --- | --- |" in shown
    assert "- nobody.png: No face was found" in shown
    assert "2 photos. Left out: 1." in shown


def test_baselines_are_what_they_say(done: tuple[Path, dict[str, Any]], bundle: Bundle) -> None:
    _, document = done
    average, guess, cma = (document["photos"][name] for name in ("average", "translator", "cma"))
    assert all(row["values"] == rounded(bundle.schema.decode(bundle.schema.average())) for row in average)
    assert guess[0]["values"] != average[0]["values"]
    assert all(row["losses"]["renders"] >= 1 for row in cma)


@pytest.mark.timing
def test_cma_gets_the_seconds_of_the_reference(done: tuple[Path, dict[str, Any]]) -> None:
    _, document = done
    for slow, best in zip(document["photos"]["cma"], document["photos"]["default"], strict=True):
        assert slow["seconds"] < best["seconds"] + 1


def test_the_contact_sheet_shows_all_rows(done: tuple[Path, dict[str, Any]]) -> None:
    with Image.open(done[0] / "likeness-1.png") as sheet:
        assert sheet.size == (110 + 2 * 160, 14 + 160 * (2 + 2 * len(RECIPES)))
        assert len(set(sheet.crop((110, 14, 270, 174)).resize((8, 8)).tobytes())) > 10


@pytest.fixture
def counted() -> tuple[ToyEngine, list[int]]:
    """An engine, and the sizes it was asked for."""
    asked: list[int] = []

    class Counting(ToyEngine):
        def render(self, values: Any, size: int = 512, view: Any = None) -> Any:
            asked.append(size)
            return super().render(values, size)

    return Counting(), asked


def test_a_stopped_run_goes_on(
    bundle: Bundle, photos: Path, tmp_path: Path, counted: tuple[ToyEngine, list[int]]
) -> None:
    engine, asked = counted
    settings: dict[str, Any] = {"recipes": ("average", "translator")}
    measure_folder(photos, tmp_path, bundle, engine, detect, **settings, limit=1)
    assert len(asked) == 2
    first = lines(tmp_path)
    # Killed while it wrote the last line: that answer alone is made again.
    text = (tmp_path / FILE).read_text()
    (tmp_path / FILE).write_text(text[:-40])
    document = measure_folder(photos, tmp_path, bundle, engine, detect, **settings)
    assert len(asked) == 2 + 1 + 2
    again = lines(tmp_path)
    assert again[: len(first) - 1] == first[:-1]
    assert again[len(first) - 1]["render"] == first[-1]["render"]
    measure_folder(photos, tmp_path, bundle, engine, detect, **settings)
    assert len(asked) == 5
    whole = measure_folder(photos, tmp_path, bundle, engine, detect, **settings, fresh=True)
    assert len(asked) == 9
    assert whole["summary"]["translator"]["cosine"] == document["summary"]["translator"]["cosine"]


def test_records_of_another_run_are_not_mixed_in(bundle: Bundle, photos: Path, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"recipes": ("average",), "limit": 1}
    measure_folder(photos, tmp_path, bundle, ToyEngine(), detect, **settings)
    with pytest.raises(SystemExit, match=r"another run \(seed differ\).*--fresh"):
        measure_folder(photos, tmp_path, bundle, ToyEngine(), detect, **settings, seed=1)


def test_an_engine_that_the_bundle_does_not_know_is_refused(bundle: Bundle, photos: Path, tmp_path: Path) -> None:
    engine = ToyEngine()
    engine.schema = replace(engine.schema, version="2")
    with pytest.raises(SystemExit, match="other parameters"):
        measure_folder(photos, tmp_path, bundle, engine, detect, recipes=("average",))


def test_robustness_is_the_share_of_the_cosine_that_is_left(bundle: Bundle, photos: Path, tmp_path: Path) -> None:
    document = measure_folder(
        photos, tmp_path, bundle, ToyEngine(), detect, recipes=("average",), degradations=("jpeg", "dark")
    )
    assert set(document["robustness"]) == {"jpeg", "dark"}
    undegraded = document["summary"]["average"]["cosine"]
    for cells in document["robustness"].values():
        # The average face is the same whatever the photo.
        assert cells["average"]["cosine"] == pytest.approx(undegraded, abs=1e-6)
        assert cells["average"]["photos"] == 2


def test_colours_are_read_where_parser_and_hand_made_label_agree(bundle: Bundle, photos: Path, tmp_path: Path) -> None:
    photo = read_photo((photos / "a.png").read_bytes())
    plain = measure_photo("a.png", photo, None, bundle, detect)
    Image.fromarray(np.full((512, 512, 3), (255, 255, 0), np.uint8)).save(tmp_path / "a.png")
    labelled = measure_photo("a.png", photo, tmp_path, bundle, detect)
    assert plain.hand is None
    assert labelled.hand is not None
    assert set(np.unique(labelled.hand)) <= {1, 255}
    kept = labelled.regions != 255
    assert (labelled.regions[kept] == plain.regions[kept]).all()
    assert kept.sum() < (plain.regions != 255).sum()


def test_cma_searches_the_engine_and_gets_better_with_time(bundle: Bundle, photos: Path) -> None:
    engine = ToyEngine()
    target = measure_photo("a.png", read_photo((photos / "a.png").read_bytes()), None, bundle, detect).target
    search = recipe("cma", bundle, engine, seed=0)
    hurried, patient = search(target, 0.0), search(target, 1.0)
    assert hurried.losses["renders"] == 1
    assert patient.losses["total"] < hurried.losses["total"]
    assert ((patient.x >= 0) & (patient.x <= 1)).all()
    objective = EngineObjective(bundle, engine, target, get_preset("default"))
    total, _ = objective(patient.x)
    assert total == pytest.approx(patient.losses["total"], rel=1e-4)
    variables = np.zeros(objective.size)
    variables[-1] = 1.0  # the last option of the last choice
    assert bundle.schema.decode(objective.x(variables).numpy())["hair"] == "long"
    torch.testing.assert_close(objective.x(np.zeros(objective.size)), hurried.x)


def test_names_of_recipes_are_checked() -> None:
    assert in_order(("cma", "default", "default")) == ("default", "cma")
    with pytest.raises(SystemExit, match=r"no recipe nonsense: use default, instant, paper"):
        in_order(("nonsense",))
    with pytest.raises(SystemExit, match="add default"):
        in_order(("cma", "paper"))
