"""The head's mesh as games take it: the cage, fine where its quads are large, with a texture map.

Its vertices are some of the fine mesh's (`face.head`), hence every shape and expression of the engine carries over as
it is.  Where fine and coarse quads meet, the coarse one becomes a fan about its middle, so that there is no crack.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.face.head import (
    LEFT_EYE,
    LOWER_TEETH,
    MOUTH,
    RIGHT_EYE,
    SKIN,
    TONGUE,
    UPPER_TEETH,
    Head,
    load_head,
)

MAP = Path(__file__).with_name("unwrap.npz")
STEPS = 65535  # of the stored map coordinates
COARSE, SHOULDERS = 0.065, -1.35  # dm: quads of longer edges are drawn fine, above this height
EYE_REACH = 1.3  # radians from the gaze that the eyes' texture covers
PRIMITIVES = {
    "skin": (SKIN,),
    "mouth": (MOUTH,),
    "teeth": (UPPER_TEETH, LOWER_TEETH),
    "tongue": (TONGUE,),
    "eyes": (LEFT_EYE, RIGHT_EYE),
}

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Patch:
    """One primitive: ``at`` (N,) the fine vertex that each of its vertices is, ``uv`` (N, 2) with v down,
    ``triangles`` (T, 3) and ``part`` (T,) of the head that each shows."""

    at: Ints
    uv: Floats
    triangles: Ints
    part: NDArray[np.uint8]


def _refined(head: Head) -> NDArray[np.bool_]:
    """The quads (Q,) that are drawn fine: eyeballs, and the large ones of the head, whose corners would show.  Round
    eyes, mouth and ears the cage is fine enough."""
    part = head.part[::4]
    corners = head.cage[head.quads]
    longest = np.linalg.norm(corners - np.roll(corners, -1, axis=1), axis=2).max(axis=1)
    large = (longest > COARSE) & (corners[:, :, 1].mean(axis=1) > SHOULDERS)
    out: NDArray[np.bool_] = ((part == SKIN) & large) | np.isin(part, (LEFT_EYE, RIGHT_EYE))
    return out


def _cut(refined: bool, split: tuple[bool, ...]) -> list[tuple[int, int, int]]:
    """Triangles of a quad whose sides are ``split`` or not; its places are 0 to 3 the corners, 4 to 7 the middles of
    the sides, of which side k joins the corners k and k + 1, and 8 the middle."""
    if refined:
        fine = [(k, 4 + k, 8, 4 + (k + 3) % 4) for k in range(4)]
        return [(a, b, c) for q in fine for a, b, c in ((q[0], q[1], q[2]), (q[0], q[2], q[3]))]
    if not any(split):
        return [(0, 1, 2), (0, 2, 3)]
    ring = [v for k in range(4) for v in ((k, 4 + k) if split[k] else (k,))]
    return [(8, ring[k], ring[(k + 1) % len(ring)]) for k in range(len(ring))]


@cache
def patches(everywhere: bool = True) -> dict[str, Patch]:
    """The primitives of the head by name; not ``everywhere``: the cage alone, but for the eyeballs."""
    head = load_head()
    part = head.part[::4]
    with np.load(MAP) as data:
        corner = (data["uv"].astype(np.float64) / STEPS)[data["corners"].astype(np.int64)]
    side = (corner + np.roll(corner, -1, axis=1)) / 2
    places = np.concatenate([corner, side, corner.mean(axis=1, keepdims=True)], axis=1)  # (Q, 9, 2)
    fine = head.fine_quads.reshape(-1, 4, 4)
    vertices = np.concatenate([fine[:, :, 0], fine[:, :, 1], fine[:, :1, 2]], axis=1)  # (Q, 9)
    refined = _refined(head) if everywhere else np.isin(part, (LEFT_EYE, RIGHT_EYE))
    halved = np.zeros(len(head.fine), bool)
    halved[vertices[refined, 4:8]] = True
    split = halved[vertices[:, 4:8]]
    out = {}
    for name, parts in PRIMITIVES.items():
        rows, cuts = [], []
        for q in np.flatnonzero(np.isin(part, parts)).tolist():
            cut = _cut(bool(refined[q]), tuple(split[q].tolist()))
            rows += [q] * len(cut)
            cuts += cut
        at = np.array(rows)[:, None], np.array(cuts)
        keys = np.concatenate([vertices[at][..., None], np.round(places[at] * STEPS)], axis=2).reshape(-1, 3)
        distinct, inverse = np.unique(keys.astype(np.int64), axis=0, return_inverse=True)
        patch = Patch(
            distinct[:, 0].astype(np.int32),
            (distinct[:, 1:] / STEPS).astype(np.float32),
            inverse.reshape(-1, 3).astype(np.int32),
            part[rows],
        )
        out[name] = _eyes(patch) if LEFT_EYE in parts else patch
    return out


def _eyes(patch: Patch) -> Patch:
    """The eyeballs with a map of their own: the angle from the gaze as a radius, the left eye in the left half."""
    head = load_head()
    uv = np.empty_like(patch.uv)
    side = np.zeros(len(patch.at), bool)
    side[patch.triangles[patch.part == RIGHT_EYE]] = True
    # At the poles MakeHuman's map has several places for one vertex; this one has one.
    for k in range(2):
        rows = np.flatnonzero(side == bool(k))
        points = head.fine[patch.at[rows]].astype(np.float64)
        d = points - head.cage[head.eyes[k]].astype(np.float64).mean(axis=0)
        d /= np.linalg.norm(d, axis=1, keepdims=True)
        angle = np.arccos(np.clip(d[:, 2], -1, 1))
        r = 0.5 * np.minimum(angle / EYE_REACH, 0.98) / np.maximum(np.hypot(d[:, 0], d[:, 1]), 1e-9)
        uv[rows, 0] = (0.5 + r * d[:, 0] + k) / 2
        uv[rows, 1] = 0.5 - r * d[:, 1]
    _, first, inverse = np.unique(patch.at, return_index=True, return_inverse=True)
    return Patch(patch.at[first], uv[first], inverse[patch.triangles].astype(np.int32), patch.part)
