"""Morph targets: what each expression unit and each shape slider moves, exactly as the engine moves it.

Shape is linear in the weights, subdivision and the re-centring between the eyes too; so the sum of the targets is the
engine's own shape but for rounding and what lies below `LEAST`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine_bridge.makehuman.core import mesh
from engine_bridge.makehuman.export.surface import Patch
from engine_bridge.makehuman.face.head import Floats, Head, Ints

LEAST = 1.5e-3  # dm: smaller movements of a vertex are left out
HAIRS, FEW = 2.0, 500  # so much larger is the least movement of what has more vertices and no surface
LEAST_TURN = 0.06  # and smaller changes of its normal (radians)


@dataclass(frozen=True)
class Moved:
    """What one target does to a mesh: vertices ``rows`` (K,) move by ``steps`` (K, 3) dm; the normals of ``turned``
    (M,) change by ``turns`` (M, 3)."""

    rows: Ints
    steps: Floats
    turned: Ints
    turns: Floats


def moved(steps: Floats, turns: Floats | None = None, least: float = LEAST) -> Moved:
    """The sparse form of displacements (N, 3) and changes of normals (N, 3)."""
    rows = np.flatnonzero((steps * steps).sum(axis=1) > least * least).astype(np.int32)
    if turns is None:
        return Moved(rows, steps[rows], rows[:0], steps[:0])
    turned = np.flatnonzero((turns * turns).sum(axis=1) > LEAST_TURN * LEAST_TURN).astype(np.int32)
    return Moved(rows, steps[rows], turned, turns[turned])


Follower = Callable[[Floats, Floats, Floats], Floats]
"""Where the vertices (N, 3) of something that goes with the head are, on a head of cage (V, 3) and fine mesh (F, 3)
with normals (F, 3)."""


class Targets:
    """The targets by name of a head at rest: ``weights`` by name, ``patches`` of its surface and what follows it."""

    def __init__(
        self,
        head: Head,
        weights: Mapping[str, float],
        patches: Mapping[str, Patch],
        followers: Mapping[str, Follower] | None = None,
        least: float = LEAST,
    ) -> None:
        self._least = least
        self._head, self._weights = head, dict(weights)
        self._patches, self._followers = patches, dict(followers or {})
        self.cage, self.fine, self.normals = self._shape({})
        self.still = {name: f(self.cage, self.fine, self.normals) for name, f in self._followers.items()}

    def _shape(self, more: Mapping[str, float]) -> tuple[Floats, Floats, Floats]:
        weights = dict(self._weights)
        for name, step in more.items():
            weights[name] = weights.get(name, 0.0) + step
        cage = self._head.shape(weights)
        fine = self._head.subdivide(cage, keep=True)
        return cage, fine, mesh.normals(fine, self._head.fine_quads)

    def of(self, steps: Mapping[str, float]) -> dict[str, Moved]:
        """What adding ``steps`` (weights by name) does to each patch and each follower, by name."""
        cage, fine, normals = self._shape(steps)
        out = {
            name: moved(fine[p.at] - self.fine[p.at], normals[p.at] - self.normals[p.at], self._least)
            for name, p in self._patches.items()
        }
        for name, follower in self._followers.items():
            least = self._least * (HAIRS if len(self.still[name]) > FEW else 1)
            out[name] = moved(follower(cage, fine, normals) - self.still[name], None, least)
        return out

    def each(self, names: Sequence[str]) -> Iterator[tuple[str, dict[str, Moved]]]:
        """The targets of morphs at a weight of 1, one after the other."""
        for name in names:
            yield name, self.of({name: 1.0})


def bound(points: Floats, fine: Floats, at: Ints) -> Follower:
    """A follower: ``points`` (N, 3) that keep their distance from the fine vertices ``at`` (N, 3), each as much as it
    is near."""
    gap = np.linalg.norm(points[:, None] - fine[at], axis=2)
    pull = 1.0 / (gap + 0.01)
    pull = (pull / pull.sum(axis=1, keepdims=True)).astype(np.float32)

    def follow(cage: Floats, now: Floats, normals: Floats) -> Floats:
        return np.asarray(points + (pull[:, :, None] * (now[at] - fine[at])).sum(axis=1))

    return follow
