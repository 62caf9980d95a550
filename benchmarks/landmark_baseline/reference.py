"""What a fit of landmarks needs to know of the reference engine: its mesh, camera, and the line of its brows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.landmark_baseline.model import Array
from engine_bridge.makehuman.core.camera import PIVOT
from engine_bridge.makehuman.core.pose import turning
from engine_bridge.makehuman.engine import MakeHumanEngine
from engine_bridge.makehuman.face.head import SKIN, load_head
from engine_bridge.makehuman.strands import brows
from engine_bridge.makehuman.strands.facemap import face_map
from f2p.engines.protocol import Engine, View

Look = Mapping[str, float | str]
SIZE = 512  # px of the pictures that landmarks are read from
Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Reference:
    """A head of V vertices and T triangles with M linear morphs, lengths in dm, seen by a camera on the +z axis.

    ``vertices`` (V, 3), ``triangles`` (T, 3) and ``skin`` (T,) whether they are skin, ``ear`` (V,) dm into the ears,
    ``basis`` (M, V, 3) by ``names``, ``eyes`` vertices of the eyeballs; ``shape(weights)`` gives (V, 3),
    ``rotation(view)`` (3, 3) for row vectors about ``pivot`` (3,), ``brow_line(look, shares)`` (K, 2) places on the
    neutral face; the camera is ``distance`` away, looks at ``aim`` above the eyes and sees ``degrees``.
    """

    vertices: Floats
    triangles: Ints
    skin: npt.NDArray[np.bool_]
    ear: Floats
    basis: Floats
    names: dict[str, int]
    eyes: tuple[Ints, Ints]
    shape: Callable[[Mapping[str, float]], Floats]
    rotation: Callable[[View], Array]
    brow_line: Callable[[Look, Array], Array]
    open: Callable[[], Engine]
    pivot: tuple[float, float, float] = (0.0, -0.35, -0.70)
    distance: float = 14.0
    aim: float = 0.07
    degrees: float = 11.0

    def project(self, points: Floats) -> Array:
        """Picture coordinates (N, 2) in [0, 1], y down, of points (N, 3)."""
        focal = 0.5 / np.tan(np.radians(self.degrees / 2))
        away = self.distance - points[:, 2]
        x, y = 0.5 + focal * points[:, 0] / away, 0.5 - focal * (points[:, 1] - self.aim) / away
        return np.stack([x, y], axis=1).astype(np.float64)


def reference() -> Reference:
    """The reference engine's, opened."""
    head, engine = load_head(), MakeHumanEngine()
    basis = np.zeros((len(head.names), *head.cage.shape), np.float32)
    for m in head.names.values():
        own = slice(head.starts[m], head.starts[m + 1])
        basis[m, head.indices[own]] = head.deltas[own] * np.float32(head.scales[m])
    face = face_map(head.fine, np.ascontiguousarray(head.triangles[head.triangle_part == SKIN]))

    def line(look: Look, shares: Array) -> Array:
        strands = brows.grow_brows(look, face, head.fine, np.zeros_like(head.fine), SIZE)
        places, strength = strands.points[..., :2].reshape(-1, 2), strands.alpha.ravel()
        right = places[:, 0] > 0
        bins = 160, 150
        weight, x, y = np.histogram2d(
            places[right, 0], places[right, 1], bins, [(0.0, 0.80), (-0.10, 0.50)], weights=strength[right]
        )
        return _middle((x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2, weight, shares)

    return Reference(
        head.cage,
        head.cage_triangles,
        head.cage_part == SKIN,
        head.cage_fields["ear"],
        basis,
        head.names,
        head.eyes,
        head.shape,
        lambda view: turning(view.yaw, view.pitch, view.roll),
        line,
        lambda: engine,
        pivot=PIVOT,
    )


def _middle(x: Array, y: Array, cover: Array, shares: Array) -> Array:
    """Middle line (K, 2) of a brow that covers the cells ``cover`` (X, Y), at shares of its length from the nose on."""
    mass = cover.sum(axis=1)
    painted = np.flatnonzero(mass > 0.25 * mass.max())
    smooth = np.polynomial.Polynomial.fit(x[painted], (cover @ y)[painted] / mass[painted], 6)
    places = x[painted[0]] + shares * (x[painted[-1]] - x[painted[0]])
    return np.stack([places, smooth(places)], axis=1)
