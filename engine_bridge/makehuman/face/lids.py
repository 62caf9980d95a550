"""The margins of the lids: which vertices they are, and where they stand round each eyeball."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.eye import LID_REACH
from engine_bridge.makehuman.core.jit import kernel
from engine_bridge.makehuman.core.mathematics import arcsine, arctangent2, lerp

STEPS = 32  # azimuths at which a margin is known


@kernel
def _angles(points, centre):  # type: ignore[no-untyped-def]
    """Azimuth and elevation (N, 2), radians, of points (N, 3) seen from ``centre`` (3,)."""
    out = np.empty((len(points), 2))
    for i in range(len(points)):
        x, y, z = points[i, 0] - centre[0], points[i, 1] - centre[1], points[i, 2] - centre[2]
        out[i, 0] = arctangent2(x, z)
        out[i, 1] = arcsine(y / math.sqrt(x * x + y * y + z * z))
    return out


def find_rims(
    cage: NDArray[np.float32], skin: NDArray[np.int32], lid: NDArray[np.float32], centre: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Cage vertices of the upper and the lower margin round the eyeball at ``centre`` (3,), in order of azimuth, both
    with the two corners; ``skin`` the skin's vertices, ``lid`` (V,) distance from the margins."""
    near = skin[(lid[skin] < 1e-4) & (cage[skin, 2] > -0.2)]
    gap = ((cage[near].astype(np.float64) - centre) ** 2).sum(axis=1)
    near = near[gap < 0.30**2]
    azimuth, elevation = _angles(cage[near], centre).T
    first, last = int(np.argmin(azimuth)), int(np.argmax(azimuth))
    run = (azimuth - azimuth[first]) / (azimuth[last] - azimuth[first])
    line = elevation[first] + run * (elevation[last] - elevation[first])
    ends = near[[first, last]]
    upper, lower = (
        near[m][np.argsort(azimuth[m], kind="stable")] for m in (elevation > line + 1e-6, elevation < line - 1e-6)
    )
    return (
        np.concatenate([ends[:1], upper, ends[1:]]).astype(np.int32),
        np.concatenate([ends[:1], lower, ends[1:]]).astype(np.int32),
    )


@kernel
def margin(points, centre):  # type: ignore[no-untyped-def]
    """Elevation (STEPS,) of a margin's ``points`` (N, 3) over even azimuths from -LID_REACH to LID_REACH."""
    angles = _angles(points, centre)
    out = np.empty(STEPS)
    last = len(angles) - 1
    for s in range(STEPS):
        a = -LID_REACH + 2.0 * LID_REACH * s / (STEPS - 1)
        value = angles[0, 1]
        if a >= angles[last, 0]:
            value = angles[last, 1]
        elif a > angles[0, 0]:
            for k in range(1, last + 1):
                if a <= angles[k, 0]:
                    step = max(angles[k, 0] - angles[k - 1, 0], 1e-6)
                    value = lerp(angles[k - 1, 1], angles[k, 1], (a - angles[k - 1, 0]) / step)
                    break
        out[s] = value
    return out
