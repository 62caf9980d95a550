"""Checks of the contract: sizes and types, refusals, the same bytes again, in another process too, and the schema."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import numpy as np

from engine_bridge.check.session import SIDE, Picture, Result, Session, passed
from engine_bridge.doors.failures import compare_schemas
from f2p.engines.abilities import sample
from f2p.engines.protocol import SIZES, Engine, Frame, View
from f2p.errors import EngineError, ParameterError

__all__ = ["frames", "processes", "refusals", "same_bytes", "schema"]

TRIED = 3
"""People that a second process must draw alike."""


def schema(session: Session) -> Result:
    """Sliders that are sampled must exist."""
    found = session.schema
    sampled = [slider for slider in found.continuous if slider.spread > 0]
    numbers = f"{len(found.continuous)} sliders, {len(sampled)} of them sampled, {len(found.discrete)} choices"
    faults = [] if sampled else [f"{numbers}: nobody differs from anybody"]
    remedy = "Give the sliders that make a person a spread above 0."
    if ":" in session.engine.name:
        faults.append(f"the name '{session.engine.name}' has a ':', as addresses have")
        remedy = "Name the engine in letters, digits and '-'."
    return passed("schema", faults, f"{session.engine.name}: {numbers}", remedy)


def frames(session: Session) -> Result:
    """Pictures and label maps of the size that was asked for."""
    wrong = []
    for side in (SIZES[0], 200, 512):
        try:
            frame = session.draw({}, side)
        except EngineError as error:
            if type(error).__name__ != "EngineFailed":
                raise
            wrong.append(f"{side} px: {error.message}")
            continue
        image, labels = frame.image, frame.labels
        shapes = image.shape == (side, side, 3) and labels.shape == (side, side)
        if not shapes or {str(image.dtype), str(labels.dtype)} != {"uint8"}:
            wrong.append(f"{side} px: image {image.shape} {image.dtype}, labels {labels.shape} {labels.dtype}")
    return passed(
        "frames", wrong, "as large as asked for", "uint8 (S, S, 3) and uint8 (S, S) are needed, S being the job's size."
    )


def refusals(session: Session) -> Result:
    """What does not fit the schema is refused, in place of another face being drawn."""
    slider = session.schema.continuous[0].name
    taken = []
    wrong: dict[str, tuple[dict[str, Any], int]] = {
        "an unknown slider": ({"no such slider": 0.5}, SIDE),
        "a value of 1.5": ({slider: 1.5}, SIDE),
        "a size of 8 px": ({}, 8),
    }
    for what, (values, size) in wrong.items():
        try:
            session.draw(values, size, fresh=True)
            taken.append(what)
        except ParameterError:
            pass
    return passed(
        "refusals",
        [f"takes {', '.join(taken)}"] if taken else [],
        "what is wrong is refused",
        "Begin render with check_size(size) and schema.decode(schema.encode(values)), which raise ParameterError.",
    )


def same_bytes(session: Session) -> Result:
    """One person drawn twice in a row, another one twice, and the first again."""
    one, other = (sample(session.engine, seed) for seed in (1, 2))
    view = View(yaw=20, light=7)
    first, second = (session.draw(one, fresh=True) for _ in range(2))
    third, fourth = (session.draw(other, SIDE, view, fresh=True) for _ in range(2))
    last = session.draw(one, fresh=True)
    remedy = "A frame must depend on its values alone: seed any noise, wait for textures and shaders to load."
    if _same(second, last) and _same(third, fourth) and _same(first, last):
        return passed("same bytes", [], "one person twice: the same bytes", remedy)
    if _same(second, third) and not _same(third, fourth):
        fault = "a frame late: each picture shows the person before"
        remedy = (
            "Draw twice, or wait a frame, after the values are set: the engine applies them when the next frame begins."
        )
    elif _same(third, fourth) and _same(second, last):
        fault = "the first picture differs from the later ones"
    elif _same(first, second):
        fault = "what was drawn before shows in the next person's picture"
        remedy = (
            "Set every slider, option, view and light for each picture: what a job does not name stands at the average."
        )
    else:
        away = np.abs(first.image.astype(int) - second.image)
        fault = f"one person twice differs by up to {away.max()} levels in {int((away.max(axis=2) > 0).sum())} pixels"
    shown = (
        Picture("one person", first.image),
        Picture("the same again", second.image),
        Picture("difference x 4", _away(first, second)),
    )
    return passed("same bytes", [fault], "", remedy, *shown)


def processes(session: Session) -> Result:
    """Another process of the engine draws the same people alike, by the same schema."""
    remedy = (
        "Whatever is random must follow from the values: no clock, no process number, no order of a set or of files."
    )
    if session.second is None:
        return passed("processes", [], "not tried: there is one process only", remedy)
    with closing(session.second()) as other:
        try:
            compare_schemas(session.engine.name, session.schema, other.schema)
        except EngineError as error:
            return passed(
                "processes", [error.message], "", "One engine has one schema: read it from a file that stays."
            )
        for seed in range(TRIED):
            fault = _differs(session, other, seed)
            if fault is not None:
                return passed("processes", [f"another process draws person {seed} otherwise"], "", remedy, *fault)
    return passed("processes", [], f"another one draws {TRIED} people alike, byte for byte", remedy)


def _differs(session: Session, other: Engine, seed: int) -> tuple[Picture, ...] | None:
    values = sample(session.engine, seed)
    here, there = session.draw(values), other.render(values, SIDE)
    if _same(here, there):
        return None
    return (
        Picture("one process", here.image),
        Picture("another", there.image),
        Picture("difference x 4", _away(here, there)),
    )


def _same(one: Frame, other: Frame) -> bool:
    return np.array_equal(one.image, other.image) and np.array_equal(one.labels, other.labels)


def _away(one: Frame, other: Frame) -> np.ndarray:
    away = np.abs(one.image.astype(np.int16) - other.image) * 4
    return away.clip(0, 255).astype(np.uint8)
