"""The table of vertex attributes that the shading kernels interpolate: put together from its parts."""

from __future__ import annotations

import numpy as np

from engine_bridge.makehuman.core.jit import kernel
from engine_bridge.makehuman.core.scene import (
    ALBEDO,
    BEARD,
    HOLLOW,
    KEY_SEEN,
    LIGHT,
    NORMAL,
    OIL,
    POSITION,
    RIM_SEEN,
    SCALP,
    SKY_SEEN,
    WRINKLE,
)

# Columns of `joined`: light (3), shares of key, sky and rims, albedo (3), oil, wrinkles, hair of the scalp, beard.
JOINED = 13


@kernel
def joined(lit, own, lines, scalp, beard):  # type: ignore[no-untyped-def]
    """What is known at the vertices of the cage, (V, JOINED): ``lit`` (V, 6) from `shadow.illuminate`, ``own`` (V, 4)
    albedo and oil, depth of ``lines`` (V,), shares of ``scalp`` and ``beard`` (V,)."""
    out = np.empty((len(lit), JOINED), np.float32)
    for i in range(len(lit)):
        for c in range(6):
            out[i, c] = lit[i, c]
        for c in range(4):
            out[i, 6 + c] = own[i, c]
        out[i, 10], out[i, 11], out[i, 12] = lines[i], scalp[i], beard[i]
    return out


@kernel
def reaching(fine, hollow):  # type: ignore[no-untyped-def]
    """Light (F, 3) of ``fine`` (F, JOINED) that reaches into creases as deep as ``hollow`` (F,), see `mesh.hollows`."""
    out = np.empty((len(fine), 3), np.float32)
    for i in range(len(fine)):
        k = 2.2 * hollow[i]
        share = 1.0 - 0.45 * (0.0 if k < 0.0 else (0.6 if k > 0.6 else k))
        for c in range(3):
            out[i, c] = fine[i, c] * share
    return out


@kernel
def fill(table, points, normals, light, fine, hollow, pigment, uneven, spotted):  # type: ignore[no-untyped-def]
    """Write into ``table`` (F, COLUMNS) all that changes from person to person.

    ``points``, ``normals``, ``light`` (F, 3); ``fine`` (F, JOINED); ``hollow`` (F,); ``pigment`` (F, 2): by the first,
    -1..1, the skin is darker and lighter by the share ``uneven``, by the second, 0..1, darker by ``spotted``.
    """
    for i in range(len(table)):
        m, brown = uneven * pigment[i, 0], 1.0 - spotted * pigment[i, 1]
        for c in range(3):
            table[i, POSITION + c] = points[i, c]
            table[i, NORMAL + c] = normals[i, c]
            table[i, LIGHT + c] = light[i, c]
        table[i, ALBEDO] = fine[i, 6] * (1.0 + 0.35 * m) * (0.4 + 0.6 * brown)
        table[i, ALBEDO + 1] = fine[i, 7] * (1.0 + m) * brown
        table[i, ALBEDO + 2] = fine[i, 8] * (1.0 + 1.1 * m) * brown
        table[i, KEY_SEEN], table[i, SKY_SEEN], table[i, RIM_SEEN] = fine[i, 3], fine[i, 4], fine[i, 5]
        table[i, OIL], table[i, WRINKLE] = fine[i, 9], fine[i, 10]
        table[i, SCALP], table[i, BEARD], table[i, HOLLOW] = fine[i, 11], fine[i, 12], hollow[i]
