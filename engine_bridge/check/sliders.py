"""Checks of sliders: each shows, over its whole range, both ways, finely, where its name says, and on its own side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np

from engine_bridge.check.measures import FEWEST, centre, change, differ, seen_pixels
from engine_bridge.check.naming import parts, side
from engine_bridge.check.session import SIDE, Picture, Result, Session, Stopped, passed
from f2p.engines.abilities import has_labels
from f2p.errors import EngineTimeout, F2PError
from f2p.regions import index
from f2p.schema import Continuous

__all__ = ["fineness", "places", "ranges", "sides", "sliders"]

CLOSE, CLOSEST = 256, 1024
"""Pixels of the pictures in which a slider that shows nothing is looked for once more, and in the end."""
STRONG = 10 * FEWEST
"""Pixels that a slider changes over its whole range for a tenth of it to show for certain."""
FINEST = 6
"""Sliders whose small steps are tried."""
STEP = 0.004
MARGIN = 0.06
SIDES = ("left", "right")


def shown_sliders(session: Session) -> list[Continuous]:
    """Sliders that a view from the front should show."""
    return [s for s in session.schema.continuous if s.frontal and (s.spread > 0 or s.role == "expression")]


def strength(session: Session, slider: Continuous) -> int:
    """Pixels that visibly change over the slider's whole range."""
    return seen_pixels(session.draw({slider.name: 0.0}), session.draw({slider.name: 1.0}))


def ranges(session: Session) -> Result:
    """Both ends of every slider are drawn, and the last tenth before them still changes something."""
    refused, flat = [], []
    for slider in session.schema.continuous:
        errors = [(end, _refusal(session, {slider.name: end})) for end in (0.0, 1.0)]
        refused += [f"{slider.name} = {end:g} ({error})" for end, error in errors if error]
        if slider.frontal and not any(error for _, error in errors) and strength(session, slider) >= STRONG:
            flat += [f"{slider.name} from {a:g} to {b:g}" for a, b in _flat_ends(session, slider)]
    faults = [f"refuses {'; '.join(refused[:4])}{_more(refused, 4)}"] if refused else []
    # A blink is closed before its end; an engine that maps its range wrongly does so for most sliders.
    strong = [s for s in shown_sliders(session) if s.spread > 0]
    if len(flat) > max(2, len(strong) // 8) or (flat and len(strong) < 16):
        faults.append(
            f"no change over {'; '.join(flat[:4])}{_more(flat, 4)}: the engine's range ends before the schema's"
        )
    return passed(
        "ranges",
        faults,
        "every slider is drawn from 0 to 1",
        "Normalised 0 is the range's low end in schema.yaml and 1 its high end, both included.",
    )


def _refusal(session: Session, values: Mapping[str, float | str]) -> str:
    """Why the engine does not draw these values; empty where it does."""
    try:
        session.draw(values)
    except (EngineTimeout, Stopped):
        raise
    except Exception as error:  # of the engine, whatever it is
        return error.message if isinstance(error, F2PError) else f"{type(error).__name__}: {error}"
    return ""


def _flat_ends(session: Session, slider: Continuous) -> Iterator[tuple[float, float]]:
    """The last tenths of a slider's range in which nothing changes, though much does before."""
    for before, end in ((0.1, 0.0), (0.9, 1.0)):
        if slider.average != end:
            last, near, far = (session.draw({slider.name: value}) for value in (end, before, 1.0 - end))
            if np.array_equal(last.image, near.image) and seen_pixels(near, far) >= STRONG:
                yield before, end


def sliders(session: Session) -> Result:
    """Every slider changes the picture, and to either side of its average otherwise."""
    still, one_way = [], []
    for slider in shown_sliders(session):
        if not _shows(session, slider):
            still.append(slider.name)
            continue
        if 0 < slider.average < 1 and slider.role == "identity":
            low, middle, high = (session.draw({slider.name: v}) for v in (0.0, slider.average, 1.0))
            if any(np.array_equal(end.image, middle.image) for end in (low, high)):
                one_way.append(slider.name)
    faults = [f"no visible effect: {', '.join(still)}"] if still else []
    faults += [f"one way only: {', '.join(one_way)}"] if one_way else []
    examples = (still + one_way)[:2] or [slider.name for slider in shown_sliders(session)[:3]]
    return passed(
        "sliders",
        faults,
        f"each of {len(shown_sliders(session))} changes the picture",
        "Wire the slider, widen its range, give it a spread of 0, or leave it out: what is not seen cannot be found."
        + (" Some engines draw no negative weights: give each direction a target of its own." if one_way else ""),
        *(picture for name in examples for picture in _pair(session, name)),
    )


def fineness(session: Session) -> Result:
    """Small steps of the strongest sliders change something: values arrive as they were sent."""
    strong = sorted(shown_sliders(session), key=lambda s: -strength(session, s))[:FINEST]
    rounded = []
    for slider in strong:
        if strength(session, slider) < STRONG:
            continue
        about = float(np.clip(slider.average, 0.2, 0.8))
        drawn = [session.draw({slider.name: about + step}) for step in (0.0, STEP, 2 * STEP, 3 * STEP)]
        alike = sum(np.array_equal(a.image, b.image) for a, b in pairwise(drawn))
        if alike >= 2:
            rounded.append(slider.name)
    faults = [f"steps of {STEP} change nothing: {', '.join(rounded)}"] if len(rounded) > len(strong) // 3 else []
    return passed(
        "small steps",
        faults,
        "they show",
        "Values must not be rounded on their way: not to whole numbers, percent or bytes.",
    )


def places(session: Session) -> Result:
    """A slider that is named after a part of the face changes that part."""
    if not has_labels(session.engine):
        return passed("places", [], "not tried: the engine draws no label maps", "")
    elsewhere, looked = [], 0
    head = session.draw({}).labels != index("background")
    for slider in shown_sliders(session):
        regions = parts(slider)
        if not regions or strength(session, slider) < FEWEST:
            continue
        low, high = session.draw({slider.name: 0.0}), session.draw({slider.name: 1.0})
        labelled = np.isin(low.labels, [index(r) for r in regions]) | np.isin(high.labels, [index(r) for r in regions])
        if labelled.sum() < FEWEST:
            continue
        looked += 1
        box = _box(labelled)
        effect = change(low, high).astype(float)
        share, fair = effect[box].sum() / effect.sum(), head[box].sum() / head.sum()
        if share < 0.5 * fair:
            elsewhere.append(slider.name)
    return passed(
        "places",
        [f"change another part than their names say: {', '.join(elsewhere)}"] if elsewhere else [],
        f"{looked} sliders change the part that they are named after",
        "Look whether sliders are wired to one another's targets.",
        *(picture for name in elsewhere[:3] for picture in _pair(session, name)),
    )


def sides(session: Session) -> Result:
    """A slider of the left side changes the character's left, which is the picture's right."""
    wrong: list[str] = []
    right: list[str] = []
    for slider in session.schema.continuous:
        named = side(slider.name)
        if not named or strength(session, slider) < FEWEST:
            continue
        place = centre(change(session.draw({slider.name: 0.0}), session.draw({slider.name: 1.0})))[0]
        if abs(place - 0.5) > 0.03:
            (right if (place > 0.5) == (named == "left") else wrong).append(slider.name)
    if wrong and len(wrong) > len(right):
        faults = [f"left and right are swapped, or the picture is mirrored: {', '.join(wrong[:6])}{_more(wrong, 6)}"]
    else:
        faults = [f"on the other side: {', '.join(wrong)}"] if wrong else []
    return passed(
        "sides",
        faults,
        f"{len(right)} sliders change their own side" if right else "no slider is named after a side",
        "Left is the character's own left, as in ARKit: the right half of the picture.",
        *(picture for name in wrong[:2] for picture in _pair(session, name)),
    )


def _shows(session: Session, slider: Continuous) -> bool:
    if strength(session, slider) >= FEWEST:
        return True
    if _changes(session, slider, {}, CLOSE) or _changes(session, slider, {}, CLOSEST):
        return True
    return any(_changes(session, slider, others, CLOSE) for others in _companions(session, slider))


def _changes(session: Session, slider: Continuous, others: Mapping[str, float | str], size: int) -> bool:
    low, high = (session.draw({**others, slider.name: value}, size) for value in (0.0, 1.0))
    return differ(low, high)


def _companions(session: Session, slider: Continuous) -> Iterator[Mapping[str, float | str]]:
    """With what a slider may show that shows nothing alone: a beard where there is one, eye shadow for its colour, lips
    that close an open mouth."""
    for choice in session.schema.discrete:
        yield from ({choice.name: option} for option in choice.options)
    if slider.role == "appearance":
        kin = [s for s in session.schema.continuous if s.group == slider.group and s is not slider]
        yield from ({other.name: 1.0} for other in kin)
    if slider.role == "expression":
        others = [s for s in session.schema.continuous if s.role == "expression" and s is not slider]
        yield from ({other.name: 1.0} for other in sorted(others, key=lambda s: "open" not in s.name.lower()))


def _box(labelled: np.ndarray) -> tuple[slice, slice]:
    """Of the labelled pixels, with some margin."""
    margin = round(MARGIN * SIDE)
    rows, columns = (np.nonzero(labelled.any(axis=axis))[0] for axis in (1, 0))
    return (
        slice(max(int(rows[0]) - margin, 0), int(rows[-1]) + margin + 1),
        slice(max(int(columns[0]) - margin, 0), int(columns[-1]) + margin + 1),
    )


def _pair(session: Session, name: str) -> Iterator[Picture]:
    for value in (0.0, 1.0):
        yield Picture(f"{name} = {value:g}", session.draw({name: value}).image)


def _more(names: list[str], shown: int) -> str:
    return f" and {len(names) - shown} more" if len(names) > shown else ""
