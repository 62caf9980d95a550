"""The z-buffer: which triangle does each cell show?"""

from __future__ import annotations

import math

import numpy as np

from engine_bridge.makehuman.core.jit import kernel

# The four samples of a pixel lie on a turned grid: each has a row and a column of its own, so that an upright or level
# edge that moves changes one of them at a time.  In cells: so far from the cell's middle, to the right in its upper
# row, up in its left column.
SAMPLE = 0.25


@kernel
def rasterise(triangles, corners, depth, ids, first, both=True, turned=0.0):  # type: ignore[no-untyped-def]
    """Draw ``triangles`` (T, 3) with ``corners`` (V, 3) from `camera.project` into ``depth`` (W, W), nearness, and
    ``ids`` (W, W), the number of the nearest triangle plus ``first``; both in place.

    Of two that are equally near, the first one stays.  ``both``: those that show their back are drawn too.  ``turned``
    is how far from a cell's middle its sample lies, see `SAMPLE`.
    """
    height, width = depth.shape
    aside = np.float32(turned)
    half = np.float32(0.5)
    first_sample, last = half - aside, half + aside
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay, bx, by = corners[a, 0], corners[a, 1], corners[b, 0], corners[b, 1]
        cx, cy = corners[c, 0], corners[c, 1]
        abx, aby, acx, acy = bx - ax, by - ay, cx - ax, cy - ay
        area = abx * acy - acx * aby
        if area > np.float32(-1e-9) and (not both or area < np.float32(1e-9)):
            continue
        left = max(math.ceil(min(ax, min(bx, cx)) - last), 0)
        right = min(math.floor(max(ax, max(bx, cx)) - first_sample), width - 1)
        top = max(math.ceil(min(ay, min(by, cy)) - last), 0)
        bottom = min(math.floor(max(ay, max(by, cy)) - first_sample), height - 1)
        if left > right or top > bottom:
            continue
        az, bz, cz = corners[a, 2], corners[b, 2], corners[c, 2]
        nearest = max(az, max(bz, cz))
        scale = np.float32(1) / area
        for y in range(top, bottom + 1):
            qx = half + (aside if y & 1 == 0 else -aside) - ax
            qy = np.float32(y) + half - ay
            for x in range(left, right + 1):
                if depth[y, x] >= nearest:
                    continue
                px = np.float32(x) + qx
                py = qy + (-aside if x & 1 == 0 else aside)
                second = (px * acy - acx * py) * scale
                third = (abx * py - px * aby) * scale
                rest = np.float32(1) - second - third
                if min(second, min(third, rest)) < np.float32(-1e-5):
                    continue
                z = rest * az + second * bz + third * cz
                if z > depth[y, x]:
                    depth[y, x] = z
                    ids[y, x] = first + t
