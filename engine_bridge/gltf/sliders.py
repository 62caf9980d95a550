"""Sliders drafted from a head's morph targets: sides joined, opposites joined, roles, ranges and spreads guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from engine_bridge.gltf.model import Model, moved_by
from engine_bridge.gltf.words import arkit_unit, group_of, is_expression, opposite, shared_words, side_of, words

__all__ = ["Drafted", "draft_sliders"]

MOST, LEAST = 0.24, 0.004  # dm: how far a slider may move a point of the face, and what nobody sees
BEHIND = -0.75  # dm: what lies further back does not show from the front
ALIKE = 0.2  # share of a target's size by which it may differ from the mirrored one of the other side
AGAINST = 0.75  # share of its movement that a target must share with another's reverse to be its opposite
BACK = 0.5  # share of its range that a target without an opposite goes the other way


@dataclass
class Drafted:
    """A slider as it will stand in the YAML; ``note`` the comment beside it."""

    name: str
    label: str
    group: str
    role: str
    average: float
    low: float
    high: float
    spread: float
    frontal: bool
    plus: dict[str, float]
    minus: dict[str, float] = field(default_factory=dict)
    note: str = ""


@dataclass
class _Unit:
    said: tuple[str, ...]
    targets: tuple[str, ...]
    joined: str = ""


def draft_sliders(model: Model) -> list[Drafted]:
    """The sliders of a model's targets, in the file's order; expressions last."""
    names = list(model.names)
    shapes = [name for name in names if not is_expression(name)]
    units = _sides_joined(model, shapes)
    out: list[Drafted] = []
    taken: set[str] = set()
    used: set[int] = set()
    for k, unit in enumerate(units):
        if k in used:
            continue
        later = [m for m in range(k + 1, len(units)) if m not in used]
        other = next((m for m in later if opposite(unit.said, units[m].said)), None)
        if other is None:
            other = next((m for m in later if _against(model, unit, units[m]) > AGAINST), None)
        if other is None:
            out.append(_one_way(model, unit, taken))
        else:
            used.add(other)
            ends = unit, units[other]
            plus, minus = ends if opposite(unit.said, units[other].said) >= 0 else ends[::-1]
            out.append(_two_ways(model, plus, minus, taken))
    return out + [_expression(model, name, taken) for name in names if is_expression(name)]


def _sides_joined(model: Model, names: list[str]) -> list[_Unit]:
    """The targets, those of both sides of the face as one: by their names, else by their geometry."""
    sided: dict[tuple[str, ...], dict[str, str]] = {}
    for name in names:
        side, said = side_of(name)
        if side:
            sided.setdefault(said, {})[side] = name
    units: list[_Unit] = []
    done: set[str] = set()
    plain = [name for name in names if not side_of(name)[0]]
    mirrored = _mirrored(model, plain)
    for name in names:
        if name in done:
            continue
        side, said = side_of(name)
        if side and len(sided[said]) == 2:
            pair = sided[said]["left"], sided[said]["right"]
            units.append(_Unit(said, pair, "left and right joined by their names"))
            done |= set(pair)
        elif name in mirrored:
            pair = name, mirrored[name]
            a, b = words(name), words(mirrored[name])
            said = tuple(w for w, v in zip(a, b, strict=False) if w == v) or a
            units.append(_Unit(said, pair, "left and right joined by their geometry"))
            done |= set(pair)
        else:
            units.append(_Unit(words(name), (name,)))
            done.add(name)
    return units


def _mirrored(model: Model, names: list[str]) -> dict[str, str]:
    """Targets that move one side alone, and the one that does the same to the other side; both ways round."""
    tree = cKDTree(model.points)
    one_sided: dict[str, float] = {}
    full: dict[str, NDArray[np.float32]] = {}
    for name in names:
        rows, delta = moved_by(model, name)
        size = np.linalg.norm(delta, axis=1)
        lean = float((np.sign(model.points[rows, 0]) * size).sum() / max(size.sum(), 1e-9))
        if abs(lean) > 0.95:
            one_sided[name] = lean
            full[name] = _dense(model, (name,))
    out: dict[str, str] = {}
    _, other = tree.query(model.points * np.array([-1, 1, 1], np.float32)) if one_sided else (None, np.zeros(0, int))
    for name, lean in one_sided.items():
        rest = [m for m, tilt in one_sided.items() if tilt * lean < 0 and m not in out and m != name]
        if name in out or not rest:
            continue
        seen = full[name][other] * np.array([-1, 1, 1], np.float32)
        gaps = [float(np.linalg.norm(seen - full[m])) / max(float(np.linalg.norm(full[m])), 1e-9) for m in rest]
        if min(gaps) < ALIKE:
            pair = rest[int(np.argmin(gaps))]
            out[name], out[pair] = pair, name
    return out


def _dense(model: Model, targets: Iterable[str]) -> NDArray[np.float32]:
    """Displacements (V, 3) of targets at weight 1."""
    total = np.zeros_like(model.points)
    for name in targets:
        rows, delta = moved_by(model, name)
        total[rows] += delta
    return total


def _against(model: Model, one: _Unit, other: _Unit) -> float:
    """Minus the cosine of what two units do, 0 where their names share no word: 1 for exact opposites."""
    if one.said[:1] != other.said[:1]:
        return 0.0
    a, b = _dense(model, one.targets).ravel(), _dense(model, other.targets).ravel()
    return -float(a @ b) / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-12)


def _reach(model: Model, targets: Iterable[str]) -> tuple[float, float]:
    """How far (dm) the targets move a point at weight 1, anywhere, and where it shows from the front."""
    size = np.linalg.norm(_dense(model, targets), axis=1)
    front = size[model.points[:, 2] > BEHIND]
    return float(size.max(initial=0.0)), float(front.max(initial=0.0))


def _two_ways(model: Model, plus: _Unit, minus: _Unit, taken: set[str]) -> Drafted:
    (far, front), (back, back_front) = _reach(model, plus.targets), _reach(model, minus.targets)
    high, low = min(1.0, MOST / max(far, 1e-9)), -min(1.0, MOST / max(back, 1e-9))
    said = shared_words(plus.said, minus.said)
    note = f"{' + '.join(plus.targets)} up, {' + '.join(minus.targets)} down" + _more(plus.joined, far, high)
    return _drafted(said, taken, low, high, plus, minus.targets, 1.0, max(front, back_front), note)


def _one_way(model: Model, unit: _Unit, taken: set[str]) -> Drafted:
    far, front = _reach(model, unit.targets)
    high = min(1.0, MOST / max(far, 1e-9))
    note = f"no opposite found: its reverse at half strength; range [0, {high:.2g}] if that looks wrong"
    return _drafted(
        unit.said, taken, -BACK * high, high, unit, unit.targets, -1.0, front, note + _more(unit.joined, far, high)
    )


def _more(joined: str, far: float, high: float) -> str:
    parts = [joined] if joined else []
    if high < 1:
        parts.append(
            f"moves {far * 10:.0f} cm at 1: range shortened"
            if far > 1
            else f"moves {far * 10:.1f} cm at 1: range shortened"
        )
    return "".join(f"; {p}" for p in parts)


def _drafted(
    said: tuple[str, ...],
    taken: set[str],
    low: float,
    high: float,
    plus: _Unit,
    minus: tuple[str, ...],
    sign: float,
    front: float,
    note: str,
) -> Drafted:
    name = _name(said, taken)
    seen = front * max(high, -low) > LEAST
    if not seen:
        note += "; hardly shows from the front: not sampled"
    return Drafted(
        name=name,
        label=name.replace("_", " ").capitalize(),
        group=group_of(name),
        role="identity",
        average=round(-low / (high - low), 4),
        low=round(low, 3),
        high=round(high, 3),
        spread=0.2 if seen else 0.0,
        frontal=seen,
        plus=dict.fromkeys(plus.targets, 1.0),
        minus=dict.fromkeys(minus, sign),
        note=note,
    )


def _expression(model: Model, name: str, taken: set[str]) -> Drafted:
    unit = arkit_unit(name)
    own = unit if unit is not None and unit not in taken else _name(words(name), taken)
    taken.add(own)
    _, front = _reach(model, (name,))
    note = f"{name}: ARKit's unit" if unit == own else f"{name}: an expression by its name"
    return Drafted(own, own, "expression", "expression", 0.0, 0.0, 1.0, 0.0, front > LEAST, {name: 1.0}, note=note)


def _name(said: tuple[str, ...], taken: set[str]) -> str:
    name = re.sub(r"[^a-z0-9_]", "", "_".join(w for w in said if w not in "+-")).strip("_")
    name = name if name[:1].isalpha() else f"target_{name}"
    own, k = name, 2
    while own in taken:
        own, k = f"{name}_{k}", k + 1
    taken.add(own)
    return own
