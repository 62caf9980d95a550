"""The hair of the head: a style and the sliders made into strands."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.strands import colour
from engine_bridge.makehuman.strands.covers import AXIS_Z, BAND_TILT, BAND_Y
from engine_bridge.makehuman.strands.dress import bare_face, coils, dress, split_locks
from engine_bridge.makehuman.strands.gathered import gather
from engine_bridge.makehuman.strands.grow import face_half, grow
from engine_bridge.makehuman.strands.locks import lay
from engine_bridge.makehuman.strands.roots import follow
from engine_bridge.makehuman.strands.scalp import LINES, Cut, Scalp, plan
from engine_bridge.makehuman.strands.strand import HAIR, Strands
from engine_bridge.makehuman.strands.styles import Style

Floats = NDArray[np.float32]
ROOTS = 24000
ONE_HAIR = 0.40  # how far a strand has the colour of one hair, and not of the many that it stands for
DAMP = 0.17  # saturation that scattering between hairs puts in again
DENSE = 0.35  # how much wider strands of a fringe are: few grow it, and it lies on bright skin
SMALL = 200  # px up to which strands have fewer points
WALK = 20  # steps of growth; of short hair fewer
LOWER_LINE = 0.15  # of half the slider's range: how far hairlines stand below `HAIRLINES`, or foreheads look bare
FEWEST, MOST = 1500, 12500  # strands at 128 px and from 512 px on, for a style of usual density


def strand_count(size: int) -> int:
    """Strands of a style of usual density in a picture of ``size`` px."""
    return int(min(max(FEWEST + (size - 128) * 30, FEWEST), MOST))


def _small(size: int) -> float:
    """1 up to 128 px, 0 from 320 px on."""
    return min(max((320 - size) / 192, 0.0), 1.0)


def calm(style: Style, size: int) -> tuple[float, float]:
    """Opacity of a strand, and how much tone varies from strand to strand.  In small pictures a strand is as wide as a
    pixel: were it opaque, the order of two of them would decide what colour the pixel has, and it changes with every
    slider."""
    small = _small(size)
    if (max(style.length) > 1.0 or style.curl > 0.03) and not style.rope:  # such strands change places often
        return 0.75, 0.80 - 0.20 * small
    return 1.0 - 0.15 * small, 1.0 - 0.35 * small


def share(look: colour.Look, name: str, usual: float = 0.5) -> float:
    """A slider's value in 0..1."""
    return float(look.get(name, usual))


def cut_of(style: Style, look: colour.Look) -> Cut:
    """Style and sliders as the scalp takes them."""
    volume = 0.45 + 1.1 * share(look, "hair_volume")
    reach = (0.40 if style.rope else 0.56) if style.tip < -5 else 0.20  # hair that is cut at a height is long enough
    length = 1.0 + reach * (share(look, "hair_length") - 0.5)
    fringe = style.fringe
    part = style.part + 0.5 * (share(look, "hair_parting") - 0.5) * (style.flow in ("part", "side") and not style.rope)
    long = style.flow in ("part", "pole", "back", "hang") or style.rope != ""
    return Cut(
        line=LINES.index(style.line),
        rise=2 * (share(look, "hairline") - 0.5) - LOWER_LINE,
        recede=share(look, "hair_receding", 0.0),
        thinning=share(look, "hair_thinning", 0.0),
        length=_times(style.length, length),
        height=_times(style.height, volume),
        part=part,
        parted=float(style.flow in ("part", "side")),
        young=style.young,
        uneven=style.uneven,
        sleek=style.sleek,
        locks=0.0 if style.rope else style.locks * (1.0 - style.sleek),
        long=float(long),
        fade_low=style.fade[0] if style.fade else -9.0,
        fade_high=style.fade[1] if style.fade else -9.0,
        shortest=style.shortest,
        fringe=0.0 if fringe is None else 1.0 + fringe.split,
        drop=fringe.drop + 0.16 * (0.5 - share(look, "hair_length")) if fringe else 0.0,
        ragged=fringe.ragged if fringe else 0.0,
        reach=fringe.reach if fringe else 0.0,
        swept=14.0 * fringe.sweep * (1.0 - fringe.split) if fringe else 0.0,
        fringe_side=fringe.side if fringe else 0.0,
        rope=float(style.rope != ""),
        cover=style.cover,
        capped=float(look.get("head_cover", "none") == "cap") * (2.0 if style.flow in ("out", "up") else 1.0),
    )


def _times(four: tuple[float, float, float, float], by: float) -> tuple[float, float, float, float]:
    a, b, c, d = four
    return a * by, b * by, c * by, d * by


def grow_hair(
    style: Style, look: colour.Look, scalp: Scalp, radius: Floats, fine: Floats, normals: Floats, size: int
) -> list[Strands]:
    """The strands of a style on a shaped head: ``fine`` (F, 3) with ``normals`` (F, 3), ``radius`` of its skull."""
    roots = scalp.roots
    count = min(int(strand_count(size) * style.many), len(roots.points))
    steps = style.steps if size > SMALL else max(int(0.62 * style.steps + 0.5), min(style.steps, 4))
    walk = WALK if _longest(style) > 1.2 else 3 * WALK // 5
    cut = cut_of(style, look)
    capped = look.get("head_cover", "none") == "cap"
    clump, margin = scalp.centre[style.clumps], scalp.margin[style.clumps]
    places, outward = follow(fine, normals, roots.corners, roots.shares, count)
    index, made = plan(cut, scalp.place, roots.points, places, roots.uniform, roots.normal, clump, margin, count)
    flow = style.as_flow()
    tip = 0.3 * (0.5 - share(look, "hair_length"))
    flow = flow._replace(
        tip=flow.tip + tip if flow.tip > -5 else flow.tip, press=BAND_Y - 0.05 if capped else 9.0, part=0.55 * cut.part
    )
    length, height, layer, side, front, fringe, alpha, young = (np.ascontiguousarray(c) for c in made.T)
    normal, uniform = roots.normal[index], roots.uniform[index]
    own, lock_of = clump[index], np.float32(0.0 if style.rope else 1.0)
    led = normal.copy()  # strands of a lock leave the skin alike, and are cut alike
    led[:, :3] += lock_of * np.float32(0.8) * roots.normal[own, :3]
    led[:, 5] += lock_of * np.float32(1.2) * roots.normal[own, 5]
    strands, long = grow(
        flow,
        radius,
        places[index],
        outward[index],
        length,
        height,
        layer,
        side,
        front,
        fringe,
        led,
        _longest(style) / walk,
        walk,
        steps,
    )
    # The curl slider swells or flattens the style's own coils, and gives straight hair a wave.
    bend = 2 * (share(look, "hair_curl") - 0.5)
    swell = 1 + 0.8 * bend if bend > 0 else 1 + bend
    swell *= 0.6 if capped else 1.0
    wave = style.wave * swell
    turns = style.turns
    if style.curl == 0 and style.wave == 0 and not style.rope:
        wave, turns = 0.062 * max(bend, 0.0), 1.6
    lock = style.as_lock(style.curl * swell, wave)._replace(turns=turns)
    centre, phase, speed, swing, fly = coils(
        index, clump, roots.uniform, roots.normal, scalp.place, turns, style.loose, style.flying, style.unison
    )
    drawn = np.ones(len(index), np.float32)
    if cut.parted > 0 and not style.rope:
        split_locks(centre, side, roots.points[index, 0], normal, 0.55 * cut.part, drawn)
        swing *= drawn
    if style.rope:  # thinner at the hairline
        swing *= np.float32(0.45) + np.float32(0.55) * young
    points, away = lay(lock, strands, long, centre, phase, speed, swing, uniform, normal, fly, drawn)
    w0 = 0.0046 * 13500 / strand_count(size) * (1.0 - 0.16 * _small(size)) / _three_quarters(style.many) * style.thin
    t = np.arange(steps, dtype=np.float32) / np.float32(steps - 1)
    small = np.float32(_small(size))
    opacity, width, tone = dress(alpha, young, uniform, normal, own, roots.normal, w0, steps, *calm(style, size))
    stray = fly if style.stray > 0 else fly * np.float32(0)
    width *= 1 - stray[:, None] * (np.float32(0.40) + np.float32(0.30) * small)
    opacity *= 1 - stray[:, None] * (np.float32(0.40) + np.float32(0.15) * small)
    width *= 1 + np.float32(DENSE) * fringe[:, None]
    if style.flow == "part":
        bare_face(points, fringe, long, centre, style.rope != "", face_half(radius), opacity)
    if capped:  # what the cap hides would come through its crown
        above = points[:, :, 1] - BAND_Y - BAND_TILT * (points[:, :, 2] - AXIS_Z)
        opacity *= np.clip((np.float32(0.00) - above) / np.float32(0.10), 0, 1)
    pigment = colour.pigment(look)
    tints = colour.tints(pigment, colour.white(), colour.white_share(look), uniform[:, 7], tone, DAMP, ONE_HAIR)
    low = 0.74 if cut.parted > 0 and not style.rope else 0.62  # roots that show in a parting are no groove
    dark = (low + (1.10 - low) * _soft(t / 0.45)).astype(np.float32)
    tilt = (1 - np.float32(0.5) * small) * np.float32(0.07) * normal[:, 7] + np.float32(0.10) * roots.normal[own, 3]
    tilt *= lock_of * np.float32(1.0 - 0.6 * style.sleek)
    sets = [Strands(HAIR, points, away, tints, opacity, width, style.rough, style.shine, dark, tilt, mass=w0 * 55.0)]
    if style.ends and not (capped and style.pole[1] > 0.5):
        sets.append(_ends(style, look, radius, size, w0))
    return sets


def _ends(style: Style, look: colour.Look, radius: Floats, size: int, w0: float) -> Strands:
    """The tails or the bun of a style."""
    length, volume = 0.72 + 0.56 * share(look, "hair_length"), 0.75 + 0.5 * share(look, "hair_volume")
    points, away, uniform, normal = gather(
        style.ends, style.pole, radius, length, volume, int(strand_count(size) * 0.24)
    )
    count, steps, _ = points.shape
    full = np.ones(count, np.float32)
    alpha, width, tone = dress(
        full, full, uniform, normal, np.arange(count), normal, w0 * 0.9, steps, *calm(style, size)
    )
    tints = colour.tints(
        colour.pigment(look), colour.white(), colour.white_share(look), uniform[:, 7], tone, DAMP, ONE_HAIR
    )
    dark = np.ones(steps, np.float32)
    return Strands(HAIR, points, away, tints, alpha, width, style.rough, style.shine, dark, mass=w0 * 55.0)


def _longest(style: Style) -> float:
    """Length (dm) that growth must reach: of the style alone, whatever the sliders say."""
    longest = max(style.length)
    if style.fringe is not None:
        longest = max(longest, 1.5)
    return 1.45 * longest


def _soft(t: Floats) -> Floats:
    t = np.minimum(t, np.float32(1))
    return t * t * (3 - 2 * t)


def _three_quarters(x: float) -> float:
    """x to the power of 3/4, by roots, which every libm rounds alike."""
    return math.sqrt(x) * math.sqrt(math.sqrt(x))
