"""The light of hair.

Single scattering has the three lobes of Marschner et al. (Light scattering from human hair fibers, SIGGRAPH 2003): R,
off the surface, towards the root and uncoloured; TT, through the hair; TRT, off its far side, coloured, towards the
tip. Azimuthal terms are the fits of Karis (Physically based hair shading in Unreal, 2016). What scatters more than
once is a wrapped diffuse term whose colour deepens with the hair that the light has come through.

Exponentials are powers of polynomials, e^-x = (1 - x / n)^n, cut at 0: close enough, and the compiler works on eight
points at a time. Everything here is float32 and in fixed order.
"""

from __future__ import annotations

import math

import numpy as np

from engine_bridge.makehuman.core.jit import inline, kernel

BATCH = 512


@inline
def _power8(x):  # type: ignore[no-untyped-def]
    x = x * x
    x = x * x
    return x * x


@inline
def _bell(x):  # type: ignore[no-untyped-def]
    """e^(-x^2 / 2), nearly; 0 from |x| = 4."""
    return _power8(max(np.float32(1) - x * x * np.float32(0.0625), np.float32(0)))


@inline
def _fall(x):  # type: ignore[no-untyped-def]
    """e^-x for x >= 0, nearly, and never 0."""
    return np.float32(1) / _power8(np.float32(1) + x * np.float32(0.125))


def shade(points, away, base, passed, deep, tau, lights, ambient, camera, rough, shine, root_dark, tilt=None):  # type: ignore[no-untyped-def]
    """Linear light (K, M, 3) of strands.

    ``points``, ``away`` (K, M, 3) in view space; ``base``, ``passed``, ``deep`` (K, 3): the hair's colour, that of
    light which went through a hair, and that of light deep inside, from `colour.tints`; ``tau`` (2, K, M) optical
    depth towards the key and the sky; ``lights`` (L, 10) float32: direction, colour, how much either depth counts,
    and from which cosine to which the head's own shadow fades; ``ambient`` (2, 3) sky and ground; ``camera`` (2,) aim
    and distance; ``tilt`` (K,) how far each strand's shine is turned towards its tip, None: not at all.
    """
    if tilt is None:
        tilt = np.zeros(len(points), np.float32)
    return _shade(points, away, base, passed, deep, tau, lights, ambient, camera, rough, shine, root_dark, tilt)


@kernel
def _shade(points, away, base, passed, deep, tau, lights, ambient, camera, rough, shine, root_dark, tilt):  # type: ignore[no-untyped-def]
    f = np.float32
    count, steps, _ = points.shape
    out = np.empty((count, steps, 3), np.float32)
    tx, ty, tz = np.empty(BATCH, np.float32), np.empty(BATCH, np.float32), np.empty(BATCH, np.float32)
    vx, vy, vz = np.empty(BATCH, np.float32), np.empty(BATCH, np.float32), np.empty(BATCH, np.float32)
    nx, ny, nz = np.empty(BATCH, np.float32), np.empty(BATCH, np.float32), np.empty(BATCH, np.float32)
    st, ct, turned = np.empty(BATCH, np.float32), np.empty(BATCH, np.float32), np.empty(BATCH, np.float32)
    tk, ts = np.empty(BATCH, np.float32), np.empty(BATCH, np.float32)
    surf, thru, back = np.empty(BATCH, np.float32), np.empty(BATCH, np.float32), np.empty(BATCH, np.float32)
    soft = np.empty(BATCH, np.float32)
    total = np.empty((9, BATCH), np.float32)
    each = BATCH // steps
    i1, i2, i3 = f(1 / rough), f(1 / (rough * 0.7)), f(1 / (rough * 2.0))
    r_scale, tt_scale, trt_scale = f(0.0045 * shine) * i1, f(0.1396 * 0.72) * i2, f(0.079 * 1.246 * shine) * i3
    for first in range(0, count, each):
        last = min(first + each, count)
        size = (last - first) * steps
        for i in range(first, last):
            # Light hair takes little of what passes through it.
            thin = f(1) - f(0.35) * min((base[i, 0] + base[i, 1] + base[i, 2]) * f(0.3333), f(1))
            for j in range(steps):
                q = (i - first) * steps + j
                a, b = max(j - 1, 0), min(j + 1, steps - 1)
                tx[q] = points[i, b, 0] - points[i, a, 0]
                ty[q] = points[i, b, 1] - points[i, a, 1]
                tz[q] = points[i, b, 2] - points[i, a, 2]
                vx[q], vy[q], vz[q] = -points[i, j, 0], camera[0] - points[i, j, 1], camera[1] - points[i, j, 2]
                nx[q], ny[q], nz[q] = away[i, j, 0], away[i, j, 1], away[i, j, 2]
                turned[q] = tilt[i]
                tk[q] = thin * tau[0, i, j] / (f(1) + f(0.40) * tau[0, i, j])  # some light always gets through
                ts[q] = thin * tau[1, i, j] / (f(1) + f(0.40) * tau[1, i, j])
        for q in range(size):
            s = f(1) / math.sqrt(tx[q] * tx[q] + ty[q] * ty[q] + tz[q] * tz[q] + f(1e-12))
            tx[q] *= s
            ty[q] *= s
            tz[q] *= s
            s = f(1) / math.sqrt(vx[q] * vx[q] + vy[q] * vy[q] + vz[q] * vz[q])
            x, y, z = vx[q] * s, vy[q] * s, vz[q] * s
            along = tx[q] * x + ty[q] * y + tz[q] * z
            cross = math.sqrt(max(f(1) - along * along, f(0)))
            s = f(1) / (cross + f(1e-4))
            vx[q], vy[q], vz[q] = (x - tx[q] * along) * s, (y - ty[q] * along) * s, (z - tz[q] * along) * s
            st[q], ct[q] = along, cross
        for k in range(9):
            for q in range(size):
                total[k, q] = f(0)
        for n in range(len(lights)):
            lx, ly, lz = lights[n, 0], lights[n, 1], lights[n, 2]
            red, green, blue = lights[n, 3], lights[n, 4], lights[n, 5]
            to_key, to_sky, low, high = lights[n, 6], lights[n, 7], lights[n, 8], lights[n, 9]
            scale = f(1) / (high - low)
            for q in range(size):
                nl = nx[q] * lx + ny[q] * ly + nz[q] * lz
                passed_on = _fall(to_key * tk[q] + to_sky * ts[q])
                h = min(max((nl - low) * scale, f(0)), f(1))
                seen = passed_on * h * h * (f(3) - f(2) * h)
                sl = tx[q] * lx + ty[q] * ly + tz[q] * lz
                cl = math.sqrt(max(f(1) - sl * sl, f(0)))
                cosine = (vx[q] * lx + vy[q] * ly + vz[q] * lz) / (cl + f(1e-4))
                cosine = min(max(cosine, f(-1)), f(1))
                ss = sl + st[q] + turned[q]
                r = _bell((ss + f(0.10)) * i1) * math.sqrt(f(0.5) + f(0.5) * cosine) * ct[q]
                tt = _bell((ss - f(0.05)) * i2) * _power8(max(f(1) - f(0.4563) * (cosine + f(1)), f(0)))
                trt = max(f(1) - f(1.0625) * (f(1) - cosine), f(0))
                trt = _bell((ss - f(0.16)) * i3) * _power8(trt * trt)
                wrap = min(max((nl + f(0.5)) * f(1 / 1.5), f(0)), f(1))
                soft[q] = seen * (f(0.24) * (f(0.35) + f(0.65) * cl) * wrap + f(0.04))
                surf[q], thru[q], back[q] = seen * r * r_scale, seen * tt * tt_scale, seen * trt * trt_scale
            for q in range(size):  # off the surface, scattered often, passed: for red, green, blue
                total[0, q] += surf[q] * red
                total[1, q] += surf[q] * green
                total[2, q] += surf[q] * blue
                total[3, q] += soft[q] * red
                total[4, q] += soft[q] * green
                total[5, q] += soft[q] * blue
                total[6, q] += (thru[q] + back[q]) * red
                total[7, q] += (thru[q] + back[q]) * green
                total[8, q] += (thru[q] + back[q]) * blue
        for i in range(first, last):
            for j in range(steps):
                q = (i - first) * steps + j
                up = f(0.5) + f(0.5) * ny[q]
                inside = f(1) / (f(1) + ts[q])
                light = f(0.9) * (f(0.26) + f(0.64) * inside)
                dark = root_dark[j]
                for c in range(3):
                    colour = (base[i, c] * inside + deep[i, c] * (f(1) - inside)) * dark
                    sky = ambient[1, c] + (ambient[0, c] - ambient[1, c]) * up
                    out[i, j, c] = (
                        total[c, q] + total[3 + c, q] * colour + total[6 + c, q] * passed[i, c] + light * sky * colour
                    )
    return out
