"""Our own transcendental functions against numpy's, and the shape kernels against shapes that are known."""

from __future__ import annotations

import numpy as np
import pytest

from engine_bridge.makehuman.core import mathematics as m
from engine_bridge.makehuman.core import mesh
from engine_bridge.makehuman.core.jit import kernel

# Compiling the kernels takes minutes on a busy machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@kernel
def _apply(x, y):  # type: ignore[no-untyped-def]
    out = np.empty((9, len(x)))
    for i in range(len(x)):
        out[0, i] = m.exp(x[i])
        out[1, i] = m.exp2(x[i])
        out[2, i] = m.log2(abs(x[i]) + 1e-6)
        out[3, i] = m.sine(7.0 * x[i])
        out[4, i] = m.cosine(7.0 * x[i])
        out[5, i] = m.arctangent2(x[i], y[i])
        out[6, i] = m.arcsine(x[i] / 9.0)
        out[7, i] = m.arccosine(x[i] / 9.0)
        out[8, i] = m.power(abs(x[i]), 2.4)
    return out


def test_functions_are_accurate() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-9, 9, (2, 4000))
    wanted = [
        np.exp(x),
        np.exp2(x),
        np.log2(abs(x) + 1e-6),
        np.sin(7 * x),
        np.cos(7 * x),
        np.arctan2(x, y),
        np.arcsin(x / 9),
        np.arccos(x / 9),
        np.abs(x) ** 2.4,
    ]
    for mine, right in zip(_apply(x, y), wanted, strict=True):
        assert np.max(np.abs(mine - right) / (1 + np.abs(right))) < 2e-8


def test_special_points() -> None:
    out = _apply(np.array([0.0, 1.0, 9.0, -9.0]), np.array([0.0, 0.0, -1.0, 0.0]))
    assert out[5, 0] == 0.0
    assert out[5, 1] == pytest.approx(np.pi / 2)
    assert out[5, 3] == pytest.approx(-np.pi / 2)
    assert out[6, 2] == pytest.approx(np.pi / 2)
    assert out[8, 0] == 0.0


def _cube() -> tuple[np.ndarray, ...]:
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)
    quads = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]], np.int32)
    sides = np.sort(np.stack([quads, np.roll(quads, -1, axis=1)], axis=2).reshape(-1, 2), axis=1)
    edges, which = np.unique(sides, axis=0, return_inverse=True)
    owners = np.array([np.flatnonzero(which == e) // 4 for e in range(len(edges))], np.int32)
    return corners, quads, edges.astype(np.int32), owners, np.zeros(8, bool)


def test_a_subdivided_cube_is_the_one_of_the_textbook() -> None:
    corners, *topology = _cube()
    fine = mesh.subdivide(corners, *topology, False)
    assert fine.shape == (8 + 12 + 6, 3)
    assert np.allclose(np.abs(fine[:8]), 5 / 9, atol=1e-6)  # Catmull and Clark's rule for valence 3
    assert np.allclose(np.sort(np.abs(fine[8:20]), axis=1), [0, 0.75, 0.75], atol=1e-6)
    assert np.allclose(np.sort(np.abs(fine[20:]), axis=1), [0, 0, 1], atol=1e-6)


def test_keeping_the_cage_shrinks_less() -> None:
    corners, *topology = _cube()
    plain, kept = (mesh.subdivide(corners, *topology, keep) for keep in (False, True))
    assert np.abs(kept[:8]).mean() > np.abs(plain[:8]).mean() + 0.1


def test_normals_point_outwards_and_hollows_tell_ridges() -> None:
    corners, quads, edges, *_ = _cube()
    normals = mesh.normals(corners, quads)
    assert np.allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-5)
    assert np.all((normals * corners).sum(axis=1) > 0.9) or np.all((normals * corners).sum(axis=1) < -0.9)
    outwards = np.ascontiguousarray(corners / np.float32(3**0.5))
    assert np.all(mesh.hollows(corners, outwards, edges) < -0.5)
