"""Figures of a run by attribute, for all and by sex and skin, and confusion tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

from benchmarks.attributes.answers import Row
from benchmarks.attributes.labels import ANY, Label

__all__ = ["Pair", "confusions", "figures", "groups", "wrong"]

Pair = tuple[Label, Row]
Figure = dict[str, Any]


def _fair(wanted: Sequence[str], found: Sequence[str]) -> bool:
    return ANY in wanted or not set(wanted).isdisjoint(found)


def _hair(label: Label, row: Row) -> bool | None:
    return _fair(label.hair, row["hair"])


def _colour(label: Label, row: Row) -> bool | None:
    # Of a bald head nobody can say it, and of a bald character neither: that is an error of the length.
    return None if ANY in label.colour or not row["colour"] else _fair(label.colour, [row["colour"]])


def _white_kept(label: Label, row: Row) -> bool | None:
    """White and grey heads of hair that are not bald."""
    if not {"grey", "white"} & set(label.colour) or {"bald", "receding", ANY} & set(label.hair):
        return None
    return "bald" not in row["hair"]


def _glasses_found(label: Label, row: Row) -> bool | None:
    return bool(row["glasses"]) if label.glasses else None


def _glasses_not_invented(label: Label, row: Row) -> bool | None:
    return None if label.glasses else not row["glasses"]


def _beard_found(label: Label, row: Row) -> bool | None:
    if {"none", "stubble"} & set(label.beard):
        return None
    return row["beard"] in ("moustache", "beard")


def _no_beard_on_a_woman(label: Label, row: Row) -> bool | None:
    return row["beard"] == "none" if label.sex == "f" else None


def _shaven_man(label: Label, row: Row) -> bool | None:
    """Clean-shaven men without a beard; stubble is allowed."""
    return row["beard"] in ("none", "stubble") if label.sex == "m" and label.beard == ("none",) else None


def _sex(label: Label, row: Row) -> bool | None:
    return (row["female_render"] > 0) == (label.sex == "f")


def _sex_photo(label: Label, row: Row) -> bool | None:
    return (row["female_photo"] > 0) == (label.sex == "f")


def _expression(label: Label, row: Row) -> bool | None:
    return row["expression"] == label.expression if label.expression else None


def _skin(label: Label, row: Row) -> bool | None:
    return row["skin"] == label.skin if label.skin else None


def _parting(label: Label, row: Row) -> bool | None:
    return row["parting"] == label.parting if label.parting else None


TESTS: Final[dict[str, Callable[[Label, Row], bool | None]]] = {
    "hair length": _hair,
    "hair colour": _colour,
    "white or grey hair not bald": _white_kept,
    "parting": _parting,
    "glasses found": _glasses_found,
    "no glasses invented": _glasses_not_invented,
    "beard found": _beard_found,
    "no beard on a woman": _no_beard_on_a_woman,
    "no beard on a shaven man": _shaven_man,
    "sex of the render": _sex,
    "sex of the photo (the network's own)": _sex_photo,
    "expression": _expression,
    "skin": _skin,
}
"""Name of each figure -> whether one answer is right; None where the photo says nothing about it."""


def groups(pairs: Sequence[Pair]) -> dict[str, list[Pair]]:
    """All, and the parts by set, sex and skin that hold anybody; skin by label alone."""
    parts: dict[str, list[Pair]] = {"all": list(pairs)}
    for label, row in pairs:
        parts.setdefault(label.group, []).append((label, row))
        parts.setdefault({"f": "women", "m": "men"}[label.sex], []).append((label, row))
        if label.skin:
            parts.setdefault(f"{label.skin} skin", []).append((label, row))
    return parts


def figures(pairs: Sequence[Pair]) -> Figure:
    """Share right and number of each test, and means of the numbers."""
    result: Figure = {"photos": len(pairs)}
    for name, test in TESTS.items():
        found = [right for label, row in pairs if (right := test(label, row)) is not None]
        if found:
            result[name] = {"right": sum(found), "of": len(found)}
    gaps = [row["age_render"] - row["age_photo"] for _, row in pairs]
    result["age, render less photo"] = {"mean": _mean(gaps), "mean_absolute": _mean([abs(gap) for gap in gaps])}
    labelled = [row["age_photo"] - label.age for label, row in pairs if label.age]
    if labelled:
        errors = [abs(gap) for gap in labelled]
        result["age, network less label"] = {"mean": _mean(labelled), "mean_absolute": _mean(errors)}
    for name in ("cosine", "landmarks", "seconds"):
        result[name] = {"mean": _mean([row[name] for _, row in pairs])}
    return result


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / max(1, len(numbers))


def confusions(pairs: Sequence[Pair]) -> dict[str, dict[str, dict[str, int]]]:
    """Counts by attribute, label and answer. Of several fair labels the one that was met stands, else the first."""

    def table(found: Sequence[tuple[Sequence[str], Sequence[str]]]) -> dict[str, dict[str, int]]:
        counts: Counter[tuple[str, str]] = Counter()
        for wanted, answers in found:
            met = next((each for each in answers if each in wanted), None)
            counts[(met or wanted[0], met or (answers[0] if answers else "none"))] += 1
        rows: dict[str, dict[str, int]] = {}
        for (wanted_class, answer), count in sorted(counts.items()):
            rows.setdefault(wanted_class, {})[answer] = count
        return rows

    def glasses(worn: bool) -> list[str]:
        return ["glasses" if worn else "none"]

    return {
        "hair length": table([(label.hair, row["hair"]) for label, row in pairs]),
        "hair colour": table([(label.colour, [row["colour"] or "bald"]) for label, row in pairs]),
        "beard": table([(label.beard, [row["beard"]]) for label, row in pairs]),
        "glasses": table([(glasses(label.glasses), glasses(row["glasses"])) for label, row in pairs]),
        "sex": table([([label.sex], ["f" if row["female_render"] > 0 else "m"]) for label, row in pairs]),
        "expression": table([([label.expression], [row["expression"]]) for label, row in pairs if label.expression]),
        "skin": table([([label.skin], [row["skin"]]) for label, row in pairs if label.skin]),
    }


def wrong(pairs: Sequence[Pair], name: str) -> list[Pair]:
    """The answers that a test finds wrong."""
    return [(label, row) for label, row in pairs if TESTS[name](label, row) is False]
