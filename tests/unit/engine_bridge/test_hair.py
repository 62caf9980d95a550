"""Hair of the reference engine: every style, on heads of many shapes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from scipy.ndimage import label

from engine_bridge.makehuman.engine import reference_schema
from engine_bridge.makehuman.hair import STYLES, colour
from f2p.engines.protocol import Engine, View
from f2p.engines.registry import open_engine
from f2p.face.detection import find_faces
from f2p.regions import index

HAIR, BACKGROUND = index("hair"), index("background")
WORN = [name for name, style in STYLES.items() if style is not None]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = open_engine("makehuman")
    yield engine
    engine.close()


def share(labels: np.ndarray) -> float:
    return float((labels == HAIR).mean())


def hue(darkness: float, redness: float, grey: float = 0.0) -> np.ndarray:
    return colour({"hair_darkness": darkness, "hair_redness": redness, "hair_grey": grey})


def test_the_schema_offers_every_style() -> None:
    options = next(d for d in reference_schema().discrete if d.name == "hair_style").options
    assert list(options) == list(STYLES)
    assert len(options) >= 18


@pytest.mark.parametrize("style", WORN)
def test_a_style_shows_and_leaves_one_face_to_find(engine: Engine, style: str) -> None:
    frame = engine.render({"hair_style": style}, 192)
    assert share(frame.labels) > 0.02
    assert len(find_faces(frame.image)) == 1


def test_a_bald_head_has_no_hair(engine: Engine) -> None:
    for yaw in (0, 40):
        assert share(engine.render({"hair_style": "bald"}, 128, View(yaw=yaw)).labels) == 0


@pytest.mark.parametrize("style", WORN)
def test_no_holes_between_hair_and_head(engine: Engine, style: str) -> None:
    """Background that hair and head enclose above the chin; below it, tips and shoulders rightly enclose some."""
    for seed in range(3):
        labels = engine.render(engine.sample(seed) | {"hair_style": style}, 128).labels
        patches, _ = label(np.pad(labels[:104] == BACKGROUND, ((1, 0), (1, 1)), constant_values=True))
        assert ((patches > 0) & (patches != patches[0, 0])).sum() < 40


def test_tied_back_hair_is_not_short_hair(engine: Engine) -> None:
    short = engine.render({"hair_style": "short"}, 192)
    for style in ("ponytail", "bun", "updo"):
        tied = engine.render({"hair_style": style}, 192)
        assert ((tied.labels == HAIR) != (short.labels == HAIR)).mean() > 0.01
        assert (np.abs(tied.image.astype(int) - short.image).max(axis=2) > 12).mean() > 0.03


def test_long_hair_reaches_the_lower_edge_and_short_hair_does_not(engine: Engine) -> None:
    for style, reaches in (("long", True), ("long_curly", True), ("short", False), ("bun", False)):
        assert bool((engine.render({"hair_style": style}, 128).labels[-4] == HAIR).any()) == reaches


def test_volume_and_hairline_move_the_hair(engine: Engine) -> None:
    for name, style in (("hair_volume", "afro"), ("hairline", "slicked_back"), ("hair_length", "bob")):
        low, high = (share(engine.render({"hair_style": style, name: v}, 128).labels) for v in (0.1, 0.9))
        assert abs(high - low) > 0.004


def test_colours_span_platinum_to_black_and_copper_to_silver() -> None:
    assert hue(0.0, 0.35).min() > 0.5
    assert hue(1.0, 0.35).max() < 0.02
    copper = hue(0.3, 1.0)
    assert copper[0] > 2 * copper[1] > 4 * copper[2]
    silver = hue(0.5, 0.35, 1.0)
    assert silver.max() / silver.min() < 1.05
    assert hue(0.2, 0.35)[0] > hue(0.2, 0.35)[2] * 2  # golden
