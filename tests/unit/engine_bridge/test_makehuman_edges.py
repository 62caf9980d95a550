"""Outlines of the reference engine: they move by less than a cell."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine_bridge.makehuman.core.edges import edges_of, soften
from engine_bridge.makehuman.core.raster import SAMPLE, rasterise

WIDTH, NEAR = 64, 0.08
MIDDLE = slice(13, 47)  # away from the sheet's corners, where two outlines cross a cell
SQUARE = np.array([[0, 1, 2], [0, 2, 3]], np.int32)


def drawn(offset: float, slant: float, upright: bool) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cells (W, W) of a bright sheet before a dark backdrop, and how much of that shows; one side of the sheet leans
    by ``slant`` and lies at ``offset``."""
    edge = 20.0137 + offset  # no edge runs through a sample, where rounding would decide
    places = [(edge, 10), (edge + slant, 50), (50, 50), (50, 10)]
    if not upright:
        places = [(y, x) for x, y in places]
    corners = np.array([(x, y, NEAR) for x, y in places], np.float32)
    triangles = SQUARE if upright else np.ascontiguousarray(SQUARE[:, ::-1])
    depth, ids = np.zeros((WIDTH, WIDTH), np.float32), np.full((WIDTH, WIDTH), -1, np.int32)
    rasterise(triangles, corners, depth, ids, 0, False, SAMPLE)
    rgb = np.repeat((ids >= 0).astype(np.float32)[..., None], 3, axis=2)
    through = (ids < 0).astype(np.float32)
    soften(triangles, edges_of(triangles), corners, depth, rgb, through)
    return rgb[..., 0], through


@pytest.mark.parametrize("upright", [True, False])
@pytest.mark.parametrize("slant", [0.0, 7.3])
def test_an_outline_moves_smoothly(slant: float, upright: bool) -> None:
    step, before = 0.05, drawn(0.0, slant, upright)[0][MIDDLE, MIDDLE]
    first = before.sum()
    for k in range(1, 41):
        now = drawn(k * step, slant, upright)[0][MIDDLE, MIDDLE]
        assert np.abs(now - before).max() < 2.5 * step  # a cell that is painted whole changes by 1
        before = now
    assert first - before.sum() == pytest.approx(
        len(before) * 40 * step, rel=0.02
    )  # each row by as much as the sheet has moved


def test_the_backdrop_shows_as_far_as_the_outline_leaves_it() -> None:
    light, through = drawn(0.3, 5.0, True)
    assert np.allclose(light + through, 1, atol=1e-6)
    assert ((through > 0.1) & (through < 0.9)).sum() > 20


def test_an_outline_behind_something_else_is_left_alone() -> None:
    corners = np.array([(20.3, 10, NEAR), (20.3, 50, NEAR), (50, 50, NEAR), (50, 10, NEAR)], np.float32)
    depth, rgb = np.full((WIDTH, WIDTH), NEAR + 0.01, np.float32), np.random.default_rng(1).random((WIDTH, WIDTH, 3))
    shown = rgb.astype(np.float32)
    soften(SQUARE, edges_of(SQUARE), corners, depth, shown, np.zeros((WIDTH, WIDTH), np.float32))
    assert np.array_equal(shown, rgb.astype(np.float32))
