"""The inside of the mouth: teeth with gums, tongue, and the lining that goes dark with depth."""

from __future__ import annotations

from engine_bridge.makehuman.core.jit import inline
from engine_bridge.makehuman.core.mathematics import bump, lerp, ramp
from engine_bridge.makehuman.core.reflect import highlight
from engine_bridge.makehuman.core.scene import KEY_SEEN, LIGHT, MOUTH, NEUTRAL, SKY_SEEN

TOOTH = 0.084  # dm: width of a middle incisor; the others are set from it by `_gap`


@inline
def _gap(x):  # type: ignore[no-untyped-def]
    """How deep in a gap between two teeth x (dm from the midline) lies: 0..1."""
    ax = abs(x)
    edge = min(ax, abs(ax - TOOTH))
    for k in range(1, 5):
        edge = min(edge, abs(ax - TOOTH - 0.066 * k))
    return edge


@inline
def shade_mouth(face, light, table, view, normal, upper, lower, tongue, out):  # type: ignore[no-untyped-def]
    """Light (3,) into ``out`` of a point of teeth (``upper``, ``lower``), ``tongue`` or lining."""
    x, y, z = table[NEUTRAL], table[NEUTRAL + 1], table[NEUTRAL + 2]
    deep = ramp(z, 0.26, -0.16)
    teeth = upper or lower
    rim = ramp(table[MOUTH], 0.10, 0.0)  # close to the lips
    r0, g0, b0 = 0.30, 0.085, 0.075
    rough, shine = 0.34, 0.035
    if tongue:
        rough_line = 1.0 - 0.25 * bump(x, 0.0, 0.018)
        r0, g0, b0 = 0.42 * rough_line, 0.15 * rough_line, 0.145 * rough_line
    if teeth:
        root = ramp(y, -0.565, -0.535) if upper else ramp(y, -0.735, -0.765)  # gums begin here
        gap = ramp(_gap(x), 0.010 + face.cell * 0.5, 0.0)
        # Lower teeth stand in the shade of the upper ones, and lips that move past them are no leap then.
        worn = (1.0 - 0.30 * gap) * (0.58 if lower else 1.0)
        blue = 1.0 - 0.05 * gap
        r0, g0, b0 = face.teeth[0] * worn, face.teeth[1] * worn, face.teeth[2] * worn * blue
        r0, g0, b0 = lerp(r0, 0.40, root), lerp(g0, 0.14, root), lerp(b0, 0.13, root)
        rough, shine = 0.26, 0.05
        # Behind lips that hardly part, and towards the corners of the mouth, teeth take the colour of the dark.
        hidden = max(0.92 * ramp(abs(x), 0.13, 0.29), 0.85 * (1.0 - face.open))
        r0, g0, b0 = lerp(r0, 0.10, hidden), lerp(g0, 0.028, hidden), lerp(b0, 0.026, hidden)
        shine *= 1.0 - hidden
    # Light falls in through the opened lips: what is near them has most of it.
    inward = face.open * (1.0 - 0.80 * deep) + (1.0 - face.open) * 0.18 * (1.0 - deep)
    front = max(normal[2], 0.30)
    if teeth:
        inward *= 1.0 - 0.30 * ramp(abs(x), 0.12, 0.32)
    gloss = highlight(normal, view, light.key, rough, shine) * table[KEY_SEEN] * (1.0 - deep)
    occluded = 0.5 + 0.5 * table[SKY_SEEN]
    for c in range(3):
        colour = r0 if c == 0 else (g0 if c == 1 else b0)
        if not teeth and not tongue:
            colour = lerp(colour, face.lips[c] * 0.75, rim * 0.7)
        own = table[LIGHT + c] * (0.35 + 0.45 * rim)
        spill = (0.46 * light.key_colour[c] + 0.30 * light.fill_colour[c] + 0.9 * light.sky[c]) * front
        out[c] = (
            colour * (own * (1.0 - 0.85 * deep) * 0.6 + spill * inward * occluded) + gloss * light.key_colour[c] * 1.5
        )
