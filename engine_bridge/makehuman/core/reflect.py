"""Small vector functions, and how surfaces shine."""

from __future__ import annotations

import math

from engine_bridge.makehuman.core.jit import inline
from engine_bridge.makehuman.core.mathematics import PI


@inline
def dot(a, b):  # type: ignore[no-untyped-def]
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@inline
def unit(x, y, z):  # type: ignore[no-untyped-def]
    scale = 1.0 / math.sqrt(x * x + y * y + z * z + 1e-18)
    return x * scale, y * scale, z * scale


@inline
def cross(a, b):  # type: ignore[no-untyped-def]
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


@inline
def fifth(x):  # type: ignore[no-untyped-def]
    return x * x * x * x * x


@inline
def highlight(normal, view, light, rough, mirror):  # type: ignore[no-untyped-def]
    """Reflected share of a light, times its cosine: GGX microfacets (Walter et al. 2007) with Schlick's Fresnel term
    from ``mirror`` (reflectance head-on) and his shadowing term with Karis' k; ``rough`` is the root of alpha."""
    facing = dot(normal, light)
    if facing <= 0.0:
        return 0.0
    # Only the half vector's cosines are needed, and they are known without it: it is as long as the root of `across`.
    viewed = dot(normal, view)
    across = max(2.0 + 2.0 * dot(view, light), 1e-9)
    lean = max(viewed + facing, 0.0)
    a2 = rough * rough * rough * rough
    d = lean * lean * (a2 - 1.0) + across
    k = (rough + 1.0) * (rough + 1.0) * 0.125
    below = PI * d * d * (facing * (1.0 - k) + k) * (max(viewed, 0.05) * (1.0 - k) + k) * 4.0
    fresnel = mirror + (1.0 - mirror) * fifth(1.0 - 0.5 * math.sqrt(across))
    return a2 * across * across * fresnel * facing / below
