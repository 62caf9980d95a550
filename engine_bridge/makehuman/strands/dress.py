"""What single strands are like: how they coil in their locks, how opaque and how wide they are."""

from __future__ import annotations

import math

import numpy as np

from engine_bridge.makehuman.core.jit import inline, kernel
from engine_bridge.makehuman.core.mathematics import PI, clamp, ramp

LOOSENS = 0.08  # dm from the parting


@kernel
def coils(index, clump, uniform, normal, place, turns, loose, flying, unison):  # type: ignore[no-untyped-def]
    """Centre, phase, speed and size of the coils of each strand, and whether it flies, from its clump and its
    numbers; ``place`` of `scalp.places`, ``unison`` how far neighbouring locks bend together."""
    at = np.full(len(clump), -1, np.int32)
    for k in range(len(index)):
        at[index[k]] = k
    n = len(index)
    centre = np.empty(n, np.int32)
    phase, speed, size = np.empty(n, np.float32), np.empty(n, np.float32), np.empty(n, np.float32)
    fly = np.empty(n, np.float32)
    for k in range(n):
        i = index[k]
        c = clump[i]
        centre[k] = at[c] if at[c] >= 0 else k
        # Hair that waves together does so by its distance from the crown and not from its root.
        down = unison * turns * place[c, 1] * (0.85 * PI / 180.0)
        phase[k] = 2.0 * PI * ((1.0 - 0.80 * unison) * uniform[c, 9] + down) + loose * normal[i, 4]
        speed[k] = turns * (1.0 + (1.0 - 0.6 * unison) * (0.3 * uniform[c, 10] - 0.15))
        size[k] = 0.8 + 0.4 * uniform[c if loose < 0.4 else i, 4]
        fly[k] = 1.0 if uniform[i, 5] < flying else 0.0
    return centre, phase, speed, size, fly


@kernel
def split_locks(centre, side, x, normal, part, drawn):  # type: ignore[no-untyped-def]
    """Let a parting at ``part`` run through locks: in place, a strand whose ``centre`` (K,) lies on the other ``side``
    (K,) becomes its own, and a lock loosens, ``drawn`` (K,), as its middle comes near the parting, where it will change
    sides at once.  ``x`` (K,) of the roots, ``normal`` (K, 9) their numbers, as `scalp.plan` has them."""
    for k in range(len(centre)):
        c = centre[k]
        drawn[k] = ramp(abs(x[c] + 0.02 * normal[c, 7] - part), 0.0, LOOSENS)
        if side[c] != side[k]:
            centre[k] = k


@kernel
def dress(alpha, young, uniform, normal, clump, all_normal, w0, steps, solid, scatter):  # type: ignore[no-untyped-def]
    """Opacity and width (K, steps) of strands, and the logarithm of their brightness (K,); ``solid`` the opacity of a
    whole strand, ``scatter`` how much brightness varies from one to the next."""
    count = len(alpha)
    opacity, width = np.empty((count, steps), np.float32), np.empty((count, steps), np.float32)
    tone = np.empty(count, np.float32)
    for i in range(count):
        w = w0 * (0.75 + 0.5 * uniform[i, 6]) * (0.45 + 0.55 * young[i])
        for j in range(steps):
            t = j / (steps - 1)
            opacity[i, j] = alpha[i] * solid
            width[i, j] = w * clamp(1.15 - t * t * math.sqrt(t) * 0.85, 0.2, 1.0)
        opacity[i, 0] *= 0.75
        opacity[i, steps - 1] *= 0.2
        tone[i] = scatter * (0.23 * normal[i, 6] + 0.17 * all_normal[clump[i], 6])
    return opacity, width, tone


@inline
def _beside(point, half):  # type: ignore[no-untyped-def]
    """1 at points (3,) beside the face or behind it, 0 before it."""
    if point[2] <= -0.20:
        return 1.0
    x, y = point[0] / half, (point[1] + 0.30) / 0.86
    return ramp(x * x * x * x + y * y * y * y, 0.85, 1.15)


@kernel
def bare_face(points, fringe, long, centre, whole, half, opacity):  # type: ignore[no-untyped-def]
    """Fade single strands (K, M, 3) out, in place on ``opacity`` (K, M), where they cross the face; what is in the
    ``fringe`` (K,) stays, and so does what is not ``long`` (K,).  ``half`` (dm) of the width that hanging hair leaves
    to the face.  ``whole``: the strands of a lock, which have one ``centre`` (K,), go together from root to tip where
    the lock crosses the face further down than it grows."""
    count, steps, _ = points.shape
    least = np.ones(count, np.float32)
    for i in range(count):
        if fringe[i] > 0.0:
            continue
        short = ramp(long[i], 0.35, 0.20)
        for j in range(steps):
            beside = _beside(points[i, j], half)
            if whole:
                rooted = ramp(long[i] * j / (steps - 1), 0.55, 0.30)
                least[centre[i]] = min(least[centre[i]], beside + (1.0 - beside) * rooted)
            else:
                opacity[i, j] *= beside + (1.0 - beside) * short
    if whole:
        for i in range(count):
            for j in range(steps):
                opacity[i, j] *= least[centre[i]]
