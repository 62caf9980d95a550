"""Strands of the reference engine: their light, their shadow, and how they are laid on the picture."""

from __future__ import annotations

import numpy as np
import pytest

from engine_bridge.makehuman.canvas import Canvas, blank
from engine_bridge.makehuman.face.head import load_head
from engine_bridge.makehuman.face.shape import shaped
from engine_bridge.makehuman.light import light_setup
from engine_bridge.makehuman.strands import ribbons, veil
from engine_bridge.makehuman.strands.colour import DYES, NATURAL, mean, pigment
from engine_bridge.makehuman.strands.groom import Groom
from engine_bridge.makehuman.strands.lobes import shade
from engine_bridge.makehuman.strands.strand import HAIR, Strands
from f2p.engines.protocol import View

# Compiling the kernels takes minutes on a busy machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

UP = np.array([0.0, 1.0, 0.0])


def blend(
    ends: list[tuple[tuple[float, float, float], tuple[float, float, float]]],
    width: float,
    alpha: float = 1.0,
    depth: float = 0.0,
    colours: list[tuple[float, float, float]] | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lay straight strands over 16 x 16 cells: light, what is left of the background, coverage."""
    count = len(ends)
    screen = np.array(ends, np.float32).reshape(-1, 3)
    colour = np.repeat(np.array(colours or [(1.0, 1.0, 1.0)] * count, np.float32), 2, axis=0)
    opacity, breadth = np.full(2 * count, alpha, np.float32), np.full(2 * count, width, np.float32)
    kinds = np.tile(np.array([HAIR, 0], np.uint8), count)
    light, cover = np.zeros((16, 16, 4), np.float32), np.zeros((5, 16, 16), np.float32)
    behind = np.full((16, 16), depth, np.float32)
    segments = ribbons.order(screen, opacity, kinds)
    ribbons.blend(segments, screen, colour, opacity, breadth, kinds, np.zeros(5), behind, light, cover)
    return light[:, :, :3], 1 - light[:, :, 3], cover[HAIR]


def test_a_strand_covers_its_width_however_fine_it_is() -> None:
    for width in (0.25, 0.5, 1.0, 2.5):
        for start, end in (((2.0, 8.2, 0.07), (14.0, 8.2, 0.07)), ((7.7, 2.0, 0.07), (7.7, 14.0, 0.07))):
            cover = blend([(start, end)], width)[2]
            assert abs(cover.sum() - 12 * width) < 0.02 * 12
            assert cover.max() <= 1


def test_a_strand_behind_the_head_does_not_show() -> None:
    line = [((2.0, 8.0, 0.07), (14.0, 8.0, 0.07))]
    assert blend(line, 2.0, depth=0.08)[2].sum() == 0
    assert blend(line, 2.0, depth=0.06)[2].sum() > 20


def test_the_nearest_strand_wins_whatever_the_order() -> None:
    near, far = ((2.0, 8.0, 0.075), (14.0, 8.0, 0.075)), ((2.0, 8.0, 0.070), (14.0, 8.0, 0.070))
    red, blue = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)
    one = blend([near, far], 3.0, alpha=0.8, colours=[red, blue])
    other = blend([far, near], 3.0, alpha=0.8, colours=[blue, red])
    for a, b in zip(one, other, strict=True):
        assert np.array_equal(a, b)
    assert np.allclose(one[0][8, 8], (0.8, 0.0, 0.16), atol=1e-6)
    assert abs(one[1][8, 8] - 0.04) < 1e-6


def slab(depth: float) -> np.ndarray:
    """Strands that fill a level square of 1 dm at y = ``depth``: (40, 12, 3)."""
    x, z = np.meshgrid(np.linspace(-0.5, 0.5, 40), np.linspace(-1.05, -0.05, 12), indexing="ij")
    return np.stack([x, np.full_like(x, depth), z], axis=2).astype(np.float32)


def test_a_veil_darkens_what_lies_behind_it() -> None:
    hair = slab(0.3)
    grid = veil.cast(hair, np.ones(hair.shape[:2], np.float32), 4.0, UP, 1)
    points = np.array([[0, 0.8, -0.5], [0, -0.4, -0.5], [1.6, -0.4, -0.5]], np.float32)
    above, below, beside = veil.through(grid, UP, points)
    assert above < 0.01
    assert below > 0.3
    assert beside < 0.01
    double = veil.cast(hair, np.ones(hair.shape[:2], np.float32), 8.0, UP, 1)
    assert np.isclose(veil.through(double, UP, points)[1], 2 * below, rtol=1e-4)


def lit(albedo: float, turn: float = 0.0, tau: float = 0.0) -> np.ndarray:
    """Light of one strand that runs across the view, its normal towards the viewer, under a white key from the
    viewer."""
    t = np.linspace(-0.2, 0.2, 6)
    points = np.stack([t, 0 * t, turn * t], axis=1)[None].astype(np.float32)
    away = np.tile(np.array([0, 0, 1], np.float32), (1, 6, 1))
    tint = np.array([[albedo, albedo * 0.6, albedo * 0.3]], np.float32)
    depth = np.full((2, 1, 6), tau, np.float32)
    lights = np.array([[0, 0, 1, 3.14, 3.14, 3.14, 1, 0, -0.35, 0.25]], np.float32)
    ambient = np.full((2, 3), 0.2, np.float32)
    out: np.ndarray = shade(
        points,
        away,
        tint,
        tint,
        tint,
        depth,
        lights,
        ambient,
        np.array([0, 14], np.float32),
        0.16,
        1.0,
        np.ones(6, np.float32),
    )
    return out[0, 3]


def test_light_of_hair_is_brighter_for_fair_hair_and_dimmer_in_depth() -> None:
    fair, dark = lit(0.6), lit(0.02)
    assert (fair > 3 * dark).all()
    assert (dark > 0).all()
    deep = lit(0.6, tau=3.0)
    assert (deep < 0.6 * fair).all()
    assert (deep > 0.05 * fair).all()


def test_the_surface_highlight_has_the_light_s_colour() -> None:
    black = lit(0.004)
    assert abs(black[0] / black[2] - 1) < 0.35  # the albedo's own ratio is 3.3
    assert black[0] > 1.5 * lit(0.004, turn=1.0)[0]  # a strand that runs away from the mirror direction


def look(**own: float) -> dict[str, float | str]:
    return {"hair_darkness": 0.5, "hair_redness": 0.35, "hair_grey": 0.0} | own


def test_colours_run_along_their_palettes() -> None:
    light, middle, dark = (pigment(look(hair_darkness=d)) for d in (0.0, 0.5, 1.0))
    assert (light > middle).all()
    assert (middle > dark).all()
    assert len(NATURAL) == len(DYES) == 6
    red = pigment(look(hair_redness=1.0))
    assert red[0] / red[2] > 2 * middle[0] / middle[2]
    assert np.allclose(mean(look(hair_grey=1.0)), mean(look(hair_grey=1.0, hair_darkness=1.0)))


def test_drawing_blends_covers_and_labels() -> None:
    head = shaped(load_head(), {}, View())
    points = np.stack([np.linspace(-0.3, 0.3, 4), np.full(4, 0.1), np.full(4, 0.6)], axis=1)[None].astype(np.float32)
    tint = np.full((1, 3), 0.2, np.float32)
    one = Strands(
        HAIR,
        points,
        np.tile(np.array([0, 0, 1], np.float32), (1, 4, 1)),
        (tint, tint, tint),
        np.ones((1, 4), np.float32),
        np.full((1, 4), 0.1, np.float32),
        0.16,
        1.0,
        np.ones(4, np.float32),
    )
    none = np.zeros(len(head.cage), np.float32)
    canvas: Canvas = blank(64)
    canvas.rgb[...] = 0.5
    Groom([one], False, none, none, np.zeros(3), np.zeros(3), head).draw(canvas, light_setup(0))
    covered = canvas.cover > 0.5
    assert 100 < covered.sum() < 400  # 0.6 by 0.1 dm at 47 cells a dm
    assert np.abs(canvas.rgb[covered] - 0.5).min() > 0.01
    assert np.all(canvas.rgb[canvas.cover == 0] == 0.5)
