"""The table of vertex attributes that the shading kernels interpolate: put together from its parts."""

from __future__ import annotations

import numpy as np

from engine_bridge.makehuman.core.jit import inline, kernel
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


@inline
def light_left(hollow):  # type: ignore[no-untyped-def]
    """Share of the light that reaches into a crease as deep as ``hollow``, see `mesh.hollows`."""
    k = 2.2 * hollow
    return 1.0 - 0.45 * (0.0 if k < 0.0 else (0.6 if k > 0.6 else k))


@inline
def _write(table, i, n, points, normals, light, fine, hollow, pigment, uneven, spotted):  # type: ignore[no-untyped-def]
    """Row ``i`` of the table, from row ``i`` of the mesh's arrays and row ``n`` of the others."""
    m, brown = uneven * pigment[i, 0], 1.0 - spotted * pigment[i, 1]
    for c in range(3):
        table[i, POSITION + c] = points[i, c]
        table[i, NORMAL + c] = normals[i, c]
        table[i, LIGHT + c] = light[n, c]
    table[i, ALBEDO] = fine[n, 6] * (1.0 + 0.35 * m) * (0.4 + 0.6 * brown)
    table[i, ALBEDO + 1] = fine[n, 7] * (1.0 + m) * brown
    table[i, ALBEDO + 2] = fine[n, 8] * (1.0 + 1.1 * m) * brown
    table[i, KEY_SEEN], table[i, SKY_SEEN], table[i, RIM_SEEN] = fine[n, 3], fine[n, 4], fine[n, 5]
    table[i, OIL], table[i, WRINKLE] = fine[n, 9], fine[n, 10]
    table[i, SCALP], table[i, BEARD], table[i, HOLLOW] = fine[n, 11], fine[n, 12], hollow[n]


@kernel
def fill(table, points, normals, light, fine, hollow, pigment, uneven, spotted):  # type: ignore[no-untyped-def]
    """Write into ``table`` (F, COLUMNS) all that changes from person to person.

    ``points``, ``normals``, ``light`` (F, 3); ``fine`` (F, JOINED); ``hollow`` (F,); ``pigment`` (F, 2): by the first,
    -1..1, the skin is darker and lighter by the share ``uneven``, by the second, 0..1, darker by ``spotted``.
    """
    for i in range(len(table)):
        _write(table, i, i, points, normals, light, fine, hollow, pigment, uneven, spotted)


@kernel
def fill_seen(table, rows, points, normals, light, fine, hollow, pigment, uneven, spotted):  # type: ignore[no-untyped-def]
    """`fill` in the ``rows`` (K,) alone; ``light`` (K, 3), ``fine`` (K, JOINED) and ``hollow`` (K,) have only these."""
    for n in range(len(rows)):
        _write(table, rows[n], n, points, normals, light, fine, hollow, pigment, uneven, spotted)
