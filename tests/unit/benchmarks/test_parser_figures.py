"""The parser's benchmark: widths of soft maps, their correlation over people, and its run on a photo and on renders."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image
from torch import Tensor

from benchmarks.likeness.metrics import CLASS_INDEX, CLASSES
from benchmarks.networks.parser import class_maps, correlations, main, render_figures, span, widths
from f2p.networks.face_parser import FaceParser
from f2p.regions import REGIONS
from imitator_training.data.dataset import Renders
from imitator_training.data.render import RenderConfig, render
from tests.helpers.toy_engine import ToyEngine


def face(nose: float, mouth: float, eye: float, side: int = 128, blur: float = 0.0) -> npt.NDArray[np.float64]:
    """Soft region maps (K, side, side) of boxes: widths of nose and mouth and height of the eyes in px."""
    y, x = np.mgrid[:side, :side] + 0.5

    def box(cx: float, cy: float, wide: float, high: float) -> npt.NDArray[np.float64]:
        edge = [
            np.clip(0.5 + (h / 2 - np.abs(a - c)) / max(blur, 1.0), 0, 1) for a, c, h in ((x, cx, wide), (y, cy, high))
        ]
        return np.asarray(edge[0] * edge[1])

    maps = np.zeros((len(REGIONS), side, side))
    maps[REGIONS.index("nose")] = box(64, 74, nose, 18)
    maps[REGIONS.index("upper_lip")] = box(64, 95, mouth, 3)
    maps[REGIONS.index("lower_lip")] = box(64, 98, mouth, 3)
    maps[REGIONS.index("eyes")] = box(46, 60, 16, eye) + box(82, 60, 16, eye)
    maps[REGIONS.index("skin")] = 1 - maps.sum(0)
    return maps


def test_boxes_have_their_sizes() -> None:
    measured = widths(class_maps(face(12.0, 18.0, 4.5)))
    expected = {"nose_width": 12.0, "mouth_width": 16.2, "eye_height": 4.5}
    assert {name: 128 * value for name, value in measured.items()} == pytest.approx(expected, abs=1e-9)


def test_widths_see_parts_of_a_pixel_through_blur() -> None:
    narrow, wide = (128 * widths(class_maps(face(n, 17, 4, blur=4)))["nose_width"] for n in (10.0, 10.4))
    assert wide - narrow == pytest.approx(0.4, abs=0.08)


def test_far_specks_hardly_count() -> None:
    maps = face(11, 17, 4)
    maps[REGIONS.index("nose"), 20, 20] = 1
    assert 128 * widths(class_maps(maps))["nose_width"] == pytest.approx(11, abs=0.15)


def test_a_nose_is_as_wide_as_its_wings_however_long_its_bridge() -> None:
    maps = face(6, 17, 4)
    maps[REGIONS.index("nose"), 76:83] = face(12, 17, 4)[REGIONS.index("nose"), 76:83]
    longer = maps.copy()
    longer[REGIONS.index("nose"), 61:65, 61:67] = 1
    for nose in (maps, longer):
        assert 128 * widths(class_maps(nose))["nose_width"] == pytest.approx(12, abs=0.01)


def test_what_is_nowhere_has_no_width() -> None:
    assert math.isnan(span(np.zeros(8)))
    maps = class_maps(face(11, 17, 4))
    maps[CLASSES.index("nose")] = 0
    assert math.isnan(widths(maps)["nose_width"])
    assert widths(maps)["mouth_width"] > 0


def test_correlation_is_that_of_the_people_who_have_both() -> None:
    people = [(10.0, 18.0, 4.0), (11.0, 16.0, 5.0), (12.5, 17.0, 3.5), (9.0, 20.0, 4.5)]
    hand = [widths(class_maps(face(*sizes))) for sizes in people]
    wider = [widths(class_maps(face(1.5 * n, m, 8 - e))) for n, m, e in people]
    r = correlations(wider, hand)
    assert r["nose_width"] == pytest.approx(1, abs=0.01)
    assert r["mouth_width"] == pytest.approx(1, abs=1e-9)
    assert r["eye_height"] == pytest.approx(-1, abs=0.01)
    same = [hand[0]] * 4
    assert math.isnan(correlations(same, hand)["nose_width"])
    gone = [{**person, "nose_width": float("nan")} if i else person for i, person in enumerate(hand)]
    assert math.isnan(correlations(gone, hand)["nose_width"])


def open_toy(name: str) -> ToyEngine:
    return ToyEngine()


class Halves(FaceParser):
    """Skin on the left, hair on the right."""

    def forward(self, images: Tensor) -> Tensor:
        logits = torch.zeros(len(images), len(REGIONS), *images.shape[-2:])
        half = images.shape[-1] // 2
        logits[:, REGIONS.index("skin"), :, :half] = 1
        logits[:, REGIONS.index("hair"), :, half:] = 1
        return logits


def test_iou_of_renders_is_over_all_their_pixels(tmp_path: Path) -> None:
    config = RenderConfig(out=tmp_path / "toy", engine="toy", count=5, size=64, seed=5, per_shard=4, workers=1)
    render(config, open_toy)
    wanted = CLASS_INDEX[Renders([config.out]).labels(range(3)).numpy()]
    skin, left = wanted == CLASSES.index("skin"), np.arange(64) < 32
    measured, r = render_figures(Halves(), config.out, 3)
    assert measured["skin"] == pytest.approx((skin & left).sum() / (skin | left).sum())
    assert measured["eyes"] == 0
    assert measured != render_figures(Halves(), config.out, 500)[0]
    # Three toys of three sizes, and a parser that sees none of them.
    assert math.isnan(r["nose_width"])


def test_a_run_measures_photos_and_says_which_it_left_out(
    tmp_path: Path, astronaut: npt.NDArray[np.uint8], capsys: pytest.CaptureFixture[str]
) -> None:
    photos, labels, out = (tmp_path / name for name in ("photos", "labels", "out"))
    photos.mkdir()
    labels.mkdir()
    nobody = np.full((200, 200, 3), 128, np.uint8)
    # In FASSEG's colours: all of it is skin, so the IoU of skin is its share of what the parser sees.
    for name, picture in (("a", astronaut), ("nobody", nobody)):
        Image.fromarray(picture).save(photos / f"{name}.png")
        Image.fromarray(np.full_like(picture, (255, 255, 0))).save(labels / f"{name}.png")
    assert main(photos, labels, out=out) == 0
    printed = capsys.readouterr().out
    assert "1 photos." in printed
    assert "left out: nobody.png" in printed
    document = json.loads((out / "parser.json").read_text())
    person = document["photos"]["a.png"]
    assert 0.15 < person["iou_skin"] < 0.7
    assert person["iou_eyes"] == 0
    assert 10 < person["predicted"]["nose_width"] < 18  # of 128 px, by the shipped parser
    with Image.open(out / "parser.png") as sheet:
        assert sheet.size == (8 * 128, 2 * 128)
    (labels / "a.png").unlink()
    with pytest.raises(SystemExit, match=r"no labels for a\.png"):
        main(photos, labels)
