"""Checks of what pictures and label maps show: the parts of a face, in place, in sRGB, before a backdrop that stays."""

from __future__ import annotations

import numpy as np

from engine_bridge.check.measures import (
    FEWEST,
    REACH,
    SEEN,
    alignment,
    area,
    best_shift,
    centre,
    differ,
    looks_antialiased,
    marked,
)
from engine_bridge.check.session import SIDE, Picture, Result, Session, passed
from f2p.engines.abilities import has_labels, sample
from f2p.engines.protocol import Frame, View
from f2p.regions import REGIONS, index

__all__ = ["backdrop", "colours", "label_edges", "labels", "views"]

FACE = ("skin", "brows", "eyes", "nose", "upper_lip", "lower_lip")
DOWNWARDS = ("brows", "eyes", "nose", "lower_lip")
TURNED = (0.0, 25.0, -20.0, 0.0, 35.0)
LARGE = 128
MIXED = 0.04
"""Share of pixels along label edges that may look mixed, at 256 px."""
NO_LABELS = "not tried: the engine draws no label maps"
BRIGHT = 140.0
"""Luminance that the white of eyes has at least, in pictures of sRGB."""
RED_OVER_BLUE = 1.9
"""Of skin: less in most people's sRGB, more where values are linear light."""


def labels(session: Session) -> Result:
    """The average face has every part of a face, from brows down to lips, each with its own number."""
    if not has_labels(session.engine):
        return passed("labels", [], NO_LABELS, "")
    frame = session.draw({})
    shown = Picture("label edges", marked(frame, 2))
    if frame.labels.max() >= len(REGIONS):
        remedy = f"Use indices of f2p.regions: 0 to {len(REGIONS) - 1}."
        return passed("labels", [f"label {frame.labels.max()} is no region"], "", remedy, shown)
    missing = [name for name in FACE if not (frame.labels == index(name)).any()]
    if missing:
        fault = f"the average face has no {', '.join(missing)}"
        return passed("labels", [fault], "", "Label them at every size, also where they are small.", shown)
    heights = [centre(frame.labels == index(name))[1] for name in DOWNWARDS]
    if heights == sorted(heights, reverse=True):
        remedy = "Rows run from the top down: flip the picture before it is written."
        return passed("labels", ["upside down: the lips are above the eyes"], "", remedy, shown)
    share = float((frame.labels != index("background")).mean())
    faults = [] if heights == sorted(heights) else ["brows, eyes, nose and lips are not one below the other"]
    faults += [] if 0.25 < share < 0.95 else [f"the character fills {share:.0%} of the picture"]
    mixed = looks_antialiased(session.draw({}, 256).labels)
    if mixed > MIXED:
        faults.append(f"{mixed:.0%} of the pixels along edges hold mixtures of their neighbours' labels")
    return passed(
        "labels",
        faults,
        f"all parts of a face; the character fills {share:.0%} of the picture",
        "Draw label maps without antialiasing and filtering."
        if mixed > MIXED
        else "The average face should stand upright, look at the camera and fill about half of the picture.",
        shown,
    )


def label_edges(session: Session) -> Result:
    """The label map's edges are where the picture's are, to the pixel."""
    if not has_labels(session.engine):
        return passed("label edges", [], NO_LABELS, "")
    drawn = [session.draw(sample(session.engine, seed), LARGE, View(yaw=yaw)) for seed, yaw in enumerate(TURNED)]
    scores = alignment(drawn)
    best = {name: float(score.max()) for name, score in scores.items()}
    shown = tuple(Picture("label edges", marked(frame, 2)) for frame in drawn[:2])
    remedy = "Draw picture and label map with one camera, at one size, in one frame."
    flip = max(best, key=lambda name: best[name])
    if flip != "as drawn" and best[flip] > 1.1 * best["as drawn"]:
        fault = (
            f"picture and label map agree once the one is turned {flip}"
            if flip == "upside down"
            else ("picture and label map agree once the one is mirrored")
        )
        return passed("label edges", [fault], "", "Write both the same way round, rows from the top down.", *shown)
    right, down, gain = best_shift(scores["as drawn"])
    if (right, down) != (0, 0) and gain > 0.02:
        where = [
            f"{abs(n)} px {side}"
            for n, side in ((right, "left" if right > 0 else "right"), (down, "above" if down > 0 else "below"))
            if n
        ]
        far = " or more" if max(abs(right), abs(down)) == REACH else ""
        return passed(
            "label edges", [f"the label map lies {' and '.join(where)} of the picture{far}"], "", remedy, *shown
        )
    # Where nothing fits, no shift is much better than another.
    level = float(np.median(scores["as drawn"]))
    if scores["as drawn"][REACH, REACH] < 1.25 * level:
        return passed("label edges", ["the label map's edges are not where the picture has any"], "", remedy, *shown)
    return passed("label edges", [], "on the picture's, to the pixel", remedy, *shown)


def colours(session: Session) -> Result:
    """Skin is redder than blue, and brightness that of sRGB."""
    if not has_labels(session.engine):
        return passed("colours", [], NO_LABELS, "")
    ratios, whites, skins = [], [], []
    for seed in range(12):
        frame = session.draw(sample(session.engine, seed))
        skin, eyes = (frame.image[frame.labels == index(name)].astype(float) for name in ("skin", "eyes"))
        if len(skin) >= FEWEST:
            red, _, blue = np.median(skin, 0)
            ratios.append(red / max(blue, 1.0))
            skins.append(float(np.median(skin @ (0.3, 0.59, 0.11))))
        if len(eyes):
            whites.append(float(np.percentile(eyes @ (0.3, 0.59, 0.11), 95)))
    shown = Picture("a sampled face", session.draw(sample(session.engine, 0), LARGE).image)
    if not ratios:
        return passed("colours", ["no sampled face has skin"], "", "See the label maps.", shown)
    ratio, white, skin_level = float(np.median(ratios)), max(whites, default=255.0), float(np.median(skins))
    if ratio < 0.95:
        fault = f"skin is bluer than red ({ratio:.2f} times as red as blue): channels in the order blue, green, red"
        return passed("colours", [fault], "", "Write red, green, blue.", shown)
    if white < BRIGHT and ratio > RED_OVER_BLUE:
        figures = f"whites of eyes {white:.0f} of 255, skin {ratio:.1f} times as red as blue"
        fault = f"dark, with too strong colours ({figures}): linear light"
        return passed("colours", [fault], "", "Convert linear values to sRGB before a picture is written.", shown)
    if not 25 < skin_level < 245:
        remedy = "Set the neutral light (light 0) so that skin is neither black nor white."
        return passed("colours", [f"skin has a level of {skin_level:.0f} of 255"], "", remedy, shown)
    return passed("colours", [], f"skin {ratio:.2f} times as red as blue", "", shown)


def views(session: Session) -> Result:
    """Yaw, pitch, roll and light change the picture, each to the side that the contract says."""
    front = session.draw({})
    asked = {"yaw": View(yaw=30), "pitch": View(pitch=20), "roll": View(roll=15), "light": View(light=3)}
    drawn = {name: session.draw({}, SIDE, view) for name, view in asked.items()}
    shown = tuple(Picture(name, frame.image) for name, frame in (("front", front), *drawn.items()))
    still = [name for name, frame in drawn.items() if not differ(front, frame)]
    if still:
        remedy = "The parser learns from turned heads and other lights; without, it fails on photos that have them."
        return passed("views", [f"no effect: {', '.join(still)}"], "", remedy, *shown)
    faults = _wrong_ways(front, drawn) if has_labels(session.engine) else []
    return passed(
        "views",
        faults,
        "yaw, pitch, roll and light change the picture",
        "Yaw turns the head to the viewer's right, pitch up, roll clockwise; the picture must not be mirrored.",
        *shown,
    )


def _wrong_ways(front: Frame, drawn: dict[str, Frame]) -> list[str]:
    def nose(frame: Frame) -> tuple[float, float]:
        """Of the nose from the middle of the face."""
        place = centre(frame.labels == index("nose"))
        face = centre(np.isin(frame.labels, [index(name) for name in ("skin", "ears", "hair", "neck")]))
        return place[0] - face[0], place[1] - face[1]

    moved = {name: np.subtract(nose(frame), nose(front)) for name, frame in drawn.items()}
    brows, lips = (centre(drawn["roll"].labels == index(name)) for name in ("brows", "lower_lip"))
    faults = (
        [] if moved["yaw"][0] > 0.01 else ["yaw to the right turns the head to the left, or the picture is mirrored"]
    )
    eyes = [
        centre(frame.labels == index("eyes"))[1] - centre(frame.labels == index("lower_lip"))[1]
        for frame in (front, drawn["pitch"])
    ]
    nose_up = [
        centre(frame.labels == index("nose"))[1] - centre(frame.labels == index("eyes"))[1]
        for frame in (front, drawn["pitch"])
    ]
    # Of a head that looks up, the nose comes nearer to the eyes than the whole face shortens.
    if nose_up[1] / abs(eyes[1]) > nose_up[0] / abs(eyes[0]):
        faults.append("pitch up turns the head down")
    if brows[0] - lips[0] <= 0.01:
        faults.append("roll is not clockwise, or the picture is mirrored")
    return faults


def backdrop(session: Session) -> Result:
    """What is labelled background looks the same behind everybody: backdrop, light and camera stay, labels miss
    nothing."""
    if not has_labels(session.engine):
        return passed("backdrop", [], NO_LABELS, "")
    drawn = [session.draw(sample(session.engine, seed)) for seed in range(12)]
    pictures = np.stack([frame.image for frame in drawn]).astype(np.float32)
    empty = np.stack([frame.labels == index("background") for frame in drawn])
    usual = np.ma.median(np.ma.array(pictures, mask=np.repeat(~empty[..., None], 3, 3)), axis=0).filled(0.0)
    off = (np.abs(pictures - usual).max(axis=3) > 2 * SEEN) & empty
    share = off.sum() / max(int(empty.sum()), 1)
    worst = int(off.sum(axis=(1, 2)).argmax())
    faults = [f"{share:.1%} of what is labelled background changes from person to person"] if share > 0.03 else []
    faults += _moved_camera(session)
    return passed(
        "backdrop",
        faults,
        "stays, and so does the camera",
        "One backdrop, one light and one camera for all: no framing by the size of a head. Label all of the hair.",
        Picture("the person with most changes", marked(drawn[worst], 2)),
    )


def _moved_camera(session: Session) -> list[str]:
    """Colours and choices must not move the eyes."""
    base = session.draw({})
    place = centre(base.labels == index("eyes"))
    moved: list[str] = []
    for slider in session.schema.continuous:
        if slider.role == "appearance" and slider.group in ("skin", "hair", "colour", "makeup") and len(moved) < 3:
            frame = session.draw({slider.name: 1.0})
            eyes = frame.labels == index("eyes")
            if area(frame, "eyes") > 0.8 * area(base, "eyes"):
                away = np.abs(np.subtract(centre(eyes), place)).max() * SIDE
                if away > 1.5:
                    moved.append(slider.name)
    return [f"the eyes move with {', '.join(moved)}"] if moved else []
