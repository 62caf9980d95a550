"""Scalar functions that every kernel uses; our own, so that every processor and every libm give the same bits.

All are float64 in and out and accurate to about 1e-9 unless said otherwise: far finer than a grey level.
"""

from __future__ import annotations

import math

import numpy as np

from engine_bridge.makehuman.core.jit import inline

PI = 3.141592653589793
_POWERS = np.array([2.0**k for k in range(-64, 65)])  # exact


@inline
def clamp(x: float, low: float, high: float) -> float:
    """x, not below ``low`` and not above ``high``."""
    return low if x < low else (high if x > high else x)


@inline
def lerp(a: float, b: float, t: float) -> float:
    """a at t = 0, b at t = 1, on a line."""
    return a + (b - a) * t


@inline
def ramp(x: float, low: float, high: float) -> float:
    """0 at ``low``, 1 at ``high`` (either order), smooth between (Hermite), constant beyond."""
    t = (x - low) * (1.0 / (high - low))  # limits are mostly constants: their quotient is known to the compiler
    t = 0.0 if t < 0.0 else (1.0 if t > 1.0 else t)
    return t * t * (3.0 - 2.0 * t)


@inline
def exp2(x: float) -> float:
    """2 to the power of x, for x in [-64, 64] (clamped)."""
    x = -64.0 if x < -64.0 else (63.999 if x > 63.999 else x)
    whole = math.floor(x + 0.5)
    f = (x - whole) * 0.6931471805599453
    # Its series, in pairs: a processor works on several at once (Estrin's scheme).
    g = f * f
    p = (1.0 + f) + g * (0.5 + f * (1 / 6))
    q = (1 / 24 + f * (1 / 120)) + g * (1 / 720 + f * (1 / 5040)) + g * g * (1 / 40320)
    return _POWERS[int(whole) + 64] * (p + g * g * q)


@inline
def exp(x: float) -> float:
    """e to the power of x, for x in [-44, 44] (clamped)."""
    return exp2(x * 1.4426950408889634)


@inline
def log2(x: float) -> float:
    """Logarithm to base 2 of x > 0."""
    bits = np.float64(x).view(np.int64)
    exponent = ((bits >> 52) & 2047) - 1023
    m = np.int64((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000).view(np.float64)
    if m > 1.4142135623730951:
        m *= 0.5
        exponent += 1
    t = (m - 1.0) / (m + 1.0)
    s = t * t
    r = s * s
    p = (1.0 + s * (1 / 3)) + r * ((1 / 5 + s * (1 / 7)) + r * (1 / 9 + s * (1 / 11)))
    return exponent + 2.885390081777927 * t * p


@inline
def power(x: float, y: float) -> float:
    """x to the power of y; 0 where x <= 0."""
    return exp2(y * log2(x)) if x > 0.0 else 0.0


@inline
def bump(x: float, centre: float, width: float) -> float:
    """A Gaussian of height 1."""
    t = (x - centre) * (1.0 / width)
    t = t * t
    return 0.0 if t > 40.0 else exp(-0.5 * t)


@inline
def sine(x: float) -> float:
    """Sine of x (radians), |x| below 1e6."""
    k = math.floor(x * (1.0 / PI) + 0.5)
    r = (x - k * 3.141592653589793) - k * 1.2246467991473532e-16
    s = r * r
    t = s * s
    p = (1.0 + s * (-1 / 6)) + t * ((1 / 120 + s * (-1 / 5040)) + t * (1 / 362880 + s * (-1 / 39916800)))
    p = r * (p + t * t * t * (1 / 6227020800))
    return -p if (int(k) & 1) else p


@inline
def cosine(x: float) -> float:
    """Cosine of x (radians), |x| below 1e6."""
    return sine(x + 1.5707963267948966)


@inline
def _arctangent(t: float) -> float:
    """Arc tangent for t in [0, 1]: halved twice by tan(a / 2) = t / (1 + sqrt(1 + t t)), then a series."""
    t = t / (1.0 + math.sqrt(1.0 + t * t))
    t = t / (1.0 + math.sqrt(1.0 + t * t))
    s = t * t
    return 4.0 * t * (1.0 + s * (-1 / 3 + s * (1 / 5 + s * (-1 / 7 + s * (1 / 9 + s * (-1 / 11 + s * (1 / 13)))))))


@inline
def arctangent2(y: float, x: float) -> float:
    """Angle of the point (x, y) in (-pi, pi]; 0 at the origin."""
    ax, ay = abs(x), abs(y)
    if ax == 0.0 and ay == 0.0:
        return 0.0
    a = _arctangent(ay / ax) if ay <= ax else 0.5 * PI - _arctangent(ax / ay)
    if x < 0.0:
        a = PI - a
    return -a if y < 0.0 else a


@inline
def arcsine(x: float) -> float:
    """Arc sine of x, clamped to [-1, 1]."""
    x = clamp(x, -1.0, 1.0)
    return arctangent2(x, math.sqrt(1.0 - x * x))


@inline
def arccosine(x: float) -> float:
    """Arc cosine of x, clamped to [-1, 1]."""
    x = clamp(x, -1.0, 1.0)
    return arctangent2(math.sqrt(1.0 - x * x), x)


@inline
def hash_integer(x: int) -> np.uint32:
    """A well-mixed 32-bit number for each 32-bit number (Wellons' lowbias32)."""
    h = np.uint32(x)
    h = np.uint32(h ^ (h >> np.uint32(16)))
    h = np.uint32(h * np.uint32(0x7FEB352D))
    h = np.uint32(h ^ (h >> np.uint32(15)))
    h = np.uint32(h * np.uint32(0x846CA68B))
    return np.uint32(h ^ (h >> np.uint32(16)))


@inline
def _corner(x: int, y: int, z: int) -> float:
    h = hash_integer(np.uint32((x * 73856093) ^ (y * 19349663) ^ (z * 83492791)) & np.uint32(0xFFFFFFFF))
    return (h & np.uint32(0xFFFF)) * (2.0 / 65535.0) - 1.0


@inline
def noise(x: float, y: float, z: float) -> float:
    """Value noise in [-1, 1], smooth, one cell a unit."""
    fx, fy, fz = math.floor(x), math.floor(y), math.floor(z)
    i, j, k = int(fx), int(fy), int(fz)
    a, b, c = x - fx, y - fy, z - fz
    a, b, c = a * a * (3.0 - 2.0 * a), b * b * (3.0 - 2.0 * b), c * c * (3.0 - 2.0 * c)
    near = lerp(
        lerp(_corner(i, j, k), _corner(i + 1, j, k), a), lerp(_corner(i, j + 1, k), _corner(i + 1, j + 1, k), a), b
    )
    far = lerp(
        lerp(_corner(i, j, k + 1), _corner(i + 1, j, k + 1), a),
        lerp(_corner(i, j + 1, k + 1), _corner(i + 1, j + 1, k + 1), a),
        b,
    )
    return lerp(near, far, c)


@inline
def interpolate(at: np.ndarray, values: np.ndarray, x: float) -> float:
    """Linear interpolation in the knots ``at`` (N,), rising, with ``values`` (N,); constant beyond them."""
    if x <= at[0]:
        return values[0]
    for k in range(1, len(at)):
        if x <= at[k]:
            return lerp(values[k - 1], values[k], (x - at[k - 1]) / (at[k] - at[k - 1]))
    return values[len(at) - 1]
