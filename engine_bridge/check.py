"""Checks whether an engine keeps the contract of `f2p.engines.protocol`, before anything is trained for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from f2p.engines.protocol import SIZES, Engine, Frame, View
from f2p.errors import F2PError, ParameterError
from f2p.findings import Finding
from f2p.regions import REGIONS, index
from f2p.schema import Continuous

__all__ = ["check_engine"]

SIDE = 96
SEEN = 6
"""Grey levels by which a pixel must change for it to count, and how many must: `FEWEST`."""
FEWEST = 12
FACE = ("skin", "brows", "eyes", "nose", "upper_lip", "lower_lip")
SEEDS = range(4)


def check_engine(engine: Engine) -> Iterator[Finding]:
    """Yield a finding for each part of the contract; draws each slider twice and each option once."""
    checks: dict[str, Callable[[Engine], Finding]] = {
        "schema": _schema,
        "frames": _frames,
        "labels": _labels,
        "same bytes": _same,
        "refusals": _refusals,
        "samples": _samples,
        "views": _views,
        "sliders": _sliders,
        "options": _options,
    }
    for subject, check in checks.items():
        try:
            yield check(engine)
        except F2PError as error:
            yield Finding(subject, False, f"{error.reason}: {error.message}", error.remedy)
        except Exception as error:  # of the engine, whatever it is: the check goes on
            yield Finding(subject, False, f"{type(error).__name__}: {error}", "See f2p/engines/protocol.py.")


def _schema(engine: Engine) -> Finding:
    schema = engine.schema
    sampled = [slider for slider in schema.continuous if slider.spread > 0]
    numbers = f"{len(schema.continuous)} sliders, {len(sampled)} of them sampled, {len(schema.discrete)} choices"
    return Finding(
        "schema", bool(sampled), f"{engine.name}: {numbers}", "Give the sliders that make a person a spread above 0."
    )


def _frames(engine: Engine) -> Finding:
    wrong = []
    for side in (SIZES[0], 200, 512):
        frame = engine.render({}, side)
        image, labels = frame.image, frame.labels
        shapes = image.shape == (side, side, 3) and labels.shape == (side, side)
        if not shapes or {str(image.dtype), str(labels.dtype)} != {"uint8"}:
            wrong.append(f"{side} px: image {image.shape} {image.dtype}, labels {labels.shape} {labels.dtype}")
    return Finding(
        "frames", not wrong, "; ".join(wrong) or "as they should be", "uint8 (S, S, 3) and uint8 (S, S) are needed."
    )


def _labels(engine: Engine) -> Finding:
    labels = engine.render({}, SIDE).labels
    if labels.max() >= len(REGIONS):
        return Finding(
            "labels", False, f"label {labels.max()}", f"Use indices of f2p.regions: 0 to {len(REGIONS) - 1}."
        )
    missing = [name for name in FACE if not (labels == index(name)).any()]
    if missing:
        return Finding("labels", False, f"the average face has no {', '.join(missing)}", "Label them at every size.")
    share = float((labels != index("background")).mean())
    heights = [float(np.nonzero(labels == index(name))[0].mean()) for name in ("brows", "eyes", "nose", "lower_lip")]
    ok = 0.25 < share < 0.95 and heights == sorted(heights)
    return Finding(
        "labels",
        ok,
        f"all parts of a face; the character fills {share:.0%} of the picture",
        "The average face should stand upright, look at the camera and fill about half of the picture.",
    )


def _same(engine: Engine) -> Finding:
    values = engine.sample(1)
    first = engine.render(values, SIDE)
    engine.render(engine.sample(2), SIDE, View(yaw=20, light=7))
    second = engine.render(values, SIDE)
    ok = np.array_equal(first.image, second.image) and np.array_equal(first.labels, second.labels)
    return Finding("same bytes", ok, "yes" if ok else "no", "A frame must depend on its values alone: seed any noise.")


def _refusals(engine: Engine) -> Finding:
    slider = engine.schema.continuous[0].name
    taken = []
    wrong: dict[str, tuple[dict[str, Any], int]] = {
        "an unknown slider": ({"no such slider": 0.5}, SIDE),
        "a value of 1.5": ({slider: 1.5}, SIDE),
        "a size of 8 px": ({}, 8),
    }
    for what, (values, size) in wrong.items():
        try:
            engine.render(values, size)
            taken.append(what)
        except ParameterError:
            pass
    return Finding(
        "refusals",
        not taken,
        f"takes {', '.join(taken)}" if taken else "what is wrong is refused",
        "Begin render with check_size(size) and schema.decode(schema.encode(values)), which raise ParameterError.",
    )


def _samples(engine: Engine) -> Finding:
    drawn = [engine.sample(seed) for seed in SEEDS]
    vectors = [engine.schema.encode(values) for values in drawn]
    if drawn[0] != engine.sample(SEEDS[0]):
        return Finding("samples", False, "one seed gives two characters", "Let everything follow from the seed.")
    distinct = len({vector.tobytes() for vector in vectors})
    moved = [
        slider.name
        for slider in engine.schema.continuous
        if slider.spread == 0 and any(values.get(slider.name, slider.average) != slider.average for values in drawn)
    ]
    remedy = "Sliders of spread 0 stay at their average in samples; give others a spread."
    if moved or distinct < len(drawn):
        return Finding("samples", False, f"{distinct} of {len(drawn)} differ; moved: {', '.join(moved) or '-'}", remedy)
    return Finding("samples", True, f"{distinct} of {len(drawn)} differ")


def _views(engine: Engine) -> Finding:
    front = engine.render({}, SIDE)
    views = {"yaw": View(yaw=30), "pitch": View(pitch=20), "roll": View(roll=15), "light": View(light=3)}
    still = [name for name, view in views.items() if not _differ(front, engine.render({}, SIDE, view))]
    return Finding(
        "views",
        not still,
        f"no effect: {', '.join(still)}" if still else "yaw, pitch, roll and light change the picture",
        "The parser learns from turned heads and other lights; without, it fails on photos that have them.",
    )


def _sliders(engine: Engine) -> Finding:
    others = [{choice.name: option} for choice in engine.schema.discrete for option in choice.options]
    # An expression is at rest on average and goes to one side only.
    shown = [s for s in engine.schema.continuous if s.frontal and (s.spread > 0 or s.role == "expression")]
    # What shapes a beard shows only where there is one.
    still = [s.name for s in shown if not any(_shows(engine, s, choices) for choices in ({}, *others))]
    return Finding(
        "sliders",
        not still,
        f"no visible effect: {', '.join(still)}" if still else "each changes the picture",
        "Widen their range, give them a spread of 0, or leave them out: a search cannot find what does not show.",
    )


def _shows(engine: Engine, slider: Continuous, choices: Mapping[str, str]) -> bool:
    low, high = (engine.render({**choices, slider.name: value}, SIDE) for value in _ends(slider))
    return _differ(low, high)


def _ends(slider: Continuous) -> tuple[float, float]:
    reach = 2 * slider.spread or 1.0
    return max(slider.average - reach, 0.0), min(slider.average + reach, 1.0)


def _options(engine: Engine) -> Finding:
    alike = []
    for choice in engine.schema.discrete:
        seen: dict[bytes, str] = {}
        for option in choice.options:
            picture = engine.render({choice.name: option}, SIDE).image.tobytes()
            if picture in seen:
                alike.append(f"{choice.name}={option} and {seen[picture]}")
            seen[picture] = option
    return Finding(
        "options",
        not alike,
        f"look the same: {'; '.join(alike)}" if alike else "all look different",
        "Leave options out that look like another one.",
    )


def _differ(one: Frame, other: Frame) -> bool:
    change = np.abs(one.image.astype(np.int16) - other.image).max(axis=2)
    return bool((change > SEEN).sum() >= FEWEST)
