"""The figures of the recovery benchmark out of its records: pure functions of true and found values.

Shapes: N renders, C sliders, F faces of one character.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.recovery.answers import Answers, Row
from benchmarks.recovery.cases import Case
from f2p.schema import Schema
from imitator_training.data.expressions import other_side

Array = npt.NDArray[np.float64]
MEANS = ("psnr", "psnr_seen", "cosine", "seconds")
SHOWS = 0.1
"""Spread of a unit's true weights from which on its correlation is counted."""


def figures(schema: Schema, cases: Sequence[Case], answers: Answers, recipe: str) -> dict[str, Any]:
    """Everything about one recipe; a part without any answer is left out."""
    pairs = [(case, answers.rows[case.key, recipe]) for case in cases if (case.key, recipe) in answers.rows]
    found: dict[str, Any] = {}
    known = [pair for pair in pairs if pair[0].part == "known"]
    apart = [pair for pair in pairs if pair[0].part == "apart"]
    if known:
        found["known"] = {**_means(known), **recovery(schema, known), **_angles(known)}
    if apart:
        found["apart"] = {**_means(apart), **separation(schema, apart), "r expression": _units(apart)}
    turned = [pair for pair in pairs if pair[0].part == "turned"]
    if turned:
        found["turned"] = turning(turned)
    return found


def turning(pairs: Sequence[tuple[Case, Row]]) -> dict[str, float]:
    """Mean cosine of answer and truth, solved from the front and from a turned head, and their ratio."""
    frontal, turned = (np.mean([row["cosine"] for case, row in pairs if case.face == face]) for face in (0, 1))
    return {"cosine frontal": float(frontal), "cosine turned": float(turned), "ratio": float(turned / frontal)}


def recovery(schema: Schema, pairs: Sequence[tuple[Case, Row]]) -> dict[str, Any]:
    """Right options by choice, and correlation of the sliders by group."""
    truth = np.array([schema.encode(case.values) for case, _ in pairs], np.float64)
    found = np.array([row["x"] for _, row in pairs], np.float64)
    top1 = {
        choice.name: float((truth[:, where].argmax(1) == found[:, where].argmax(1)).mean())
        for choice in schema.discrete
        if (where := schema.slices[choice.name])
    }
    each = {
        slider.name: correlation(truth[:, i], found[:, i])
        for i, slider in enumerate(schema.continuous)
        if slider.spread > 0
    }
    groups: dict[str, list[float]] = {}
    for slider in schema.continuous:
        if slider.name in each:
            groups.setdefault(slider.group, []).append(each[slider.name])
    return {"top1": top1, "r": {group: float(np.mean(rs)) for group, rs in groups.items()}, "r each": each}


def separation(schema: Schema, pairs: Sequence[tuple[Case, Row]]) -> dict[str, float]:
    """Distances within a character over those between characters, in spreads; all identity sliders, and the mouth's."""
    spread = schema.spread()[: schema.continuous_size].astype(np.float64)
    by_character: dict[int, list[Array]] = {}
    for case, row in pairs:
        z = np.array(row["x"][: schema.continuous_size]) / np.where(spread > 0, spread, 1)
        by_character.setdefault(case.character, []).append(z)
    faces = [np.array(each) for each in by_character.values()]
    identity = [s.role == "identity" and s.spread > 0 for s in schema.continuous]
    mouth = [chosen and s.group == "mouth" for chosen, s in zip(identity, schema.continuous, strict=True)]
    chosen = {"identity": np.flatnonzero(identity), "mouth": np.flatnonzero(mouth)}
    ratios = {name: within_between([each[:, where] for each in faces]) for name, where in chosen.items()}
    # Of a single character there is nothing to tell.
    return {f"within/between {name}": ratio for name, ratio in ratios.items() if np.isfinite(ratio)}


def within_between(faces: Sequence[Array]) -> float:
    """Root mean square distance of two answers for one character over that for two characters; faces: (F, C) each."""
    within = [float(((a - b) ** 2).sum()) for each in faces for i, a in enumerate(each) for b in each[:i]]
    means = [(each, other) for i, each in enumerate(faces) for other in faces[:i]]
    between = [float(((a - b) ** 2).sum()) for one, other in means for a in one for b in other]
    if not within or not between or not np.mean(between):
        return float("nan")
    return float(np.sqrt(np.mean(within) / np.mean(between)))


def correlation(truth: Array, found: Array) -> float:
    """Pearson's; 0 where the answers never vary, as nothing was found then."""
    if truth.std() < 1e-9 or found.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(truth, found)[0, 1])


def _units(pairs: Sequence[tuple[Case, Row]]) -> dict[str, float]:
    """By unit, both sides as one; only of those that any answer wears, and that the renders wear enough of."""
    if any(row["expression"] is None for _, row in pairs):
        return {}
    names = [name for name in pairs[0][1]["expression"]["units"] if "Right" not in name]
    found = {}
    for name in names:
        truth = np.array([_both(case.units, name) for case, _ in pairs])
        solved = np.array([_both(row["expression"]["units"], name) for _, row in pairs])
        if truth.std() >= SHOWS and solved.any():
            found[name.replace("Left", "")] = correlation(truth, solved)
    return found


def _both(units: Mapping[str, float], name: str) -> float:
    return (units.get(name, 0.0) + units.get(other_side(name), 0.0)) / 2


def _angles(pairs: Sequence[tuple[Case, Row]]) -> dict[str, float]:
    if any(row["expression"] is None for _, row in pairs):
        return {}
    return {
        f"r {name}": correlation(
            np.array([getattr(case.view, name) for case, _ in pairs]),
            np.array([row["expression"][name] for _, row in pairs]),
        )
        for name in ("yaw", "pitch")
    }


def _means(pairs: Sequence[tuple[Case, Row]]) -> dict[str, float]:
    return {
        "renders": len(pairs),
        **{
            name: float(np.mean([row[name] for _, row in pairs])) for name in ("psnr", "psnr_seen", "cosine", "seconds")
        },
    }


def tables(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Markdown, one table a part, one column a recipe."""
    parts = []
    for part in ("known", "apart", "turned"):
        flat = {name: _flat(each.get(part, {})) for name, each in found.items()}
        keys = dict.fromkeys(key for each in flat.values() for key in each)
        if keys:
            head = [f"| {part} | {' | '.join(flat)} |", "|---" * (len(flat) + 1) + "|"]
            parts.append("\n".join([*head, *(_line(key, flat) for key in keys)]))
    return "\n\n".join(parts)


def _line(key: str, flat: Mapping[str, Mapping[str, float]]) -> str:
    cells = (f"{each[key]:.3g}" if key in each else "" for each in flat.values())
    return f"| {key} | {' | '.join(cells)} |"


def _flat(figures: Mapping[str, Any]) -> dict[str, float]:
    rows: dict[str, float] = {}
    for name, value in figures.items():
        if isinstance(value, Mapping):
            rows |= {} if name == "r each" else {f"{name} {key}": number for key, number in value.items()}
        else:
            rows[name] = value
    return rows
