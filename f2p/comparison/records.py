"""compare.json and JUnit's XML of a comparison."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree

import numpy as np

from f2p.comparison.bootstrap import paired_interval
from f2p.comparison.differences import PersonDifference, RunDifference

__all__ = ["attribute_rows", "in_words", "junit", "likeness_change", "likeness_in_words", "to_json"]

FORMAT = 1
_FIGURES = {"sliders": "mean", "picture": "picture", "identity": "identity", "likeness": "likeness"}


def to_json(found: RunDifference, first: str, second: str) -> str:
    """compare.json's text; `first` and `second` name the runs."""
    document = {
        "format": FORMAT,
        "first": first,
        "second": second,
        "people_count": len(found.people),
        "visible_count": len(found.visible),
        "mean": round(found.mean, 6),
        "likeness": likeness_change(found),
        "only_first": list(found.only_first),
        "only_second": list(found.only_second),
        "groups": [_rounded(asdict(group)) for group in found.groups],
        "sliders": [_rounded(asdict(slider)) for slider in found.sliders],
        "flips": [
            {"choice": choice, "first": pair[0], "second": pair[1], "people": count}
            for choice, pairs in found.flips.items()
            for pair, count in pairs.items()
        ],
        "attributes": attribute_rows(found),
        "people": [_person(person) for person in found.people],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def attribute_rows(found: RunDifference) -> list[dict[str, Any]]:
    """A row for each value of each attribute: how many people, how many visibly different, their mean difference in
    slider units and in grey levels, of identity, and how likeness changed, with 95 % intervals."""
    people = {person.name: person for person in found.people}
    rows = []
    for attribute, values in found.splits.items():
        for value, names in values.items():
            those = [people[name] for name in names if name in people]
            if those:
                rows.append({"attribute": attribute, "value": value, **_summary(those)})
    return rows


def likeness_change(found: RunDifference) -> dict[str, float] | None:
    """Mean change of likeness, a cosine, over all people, second less first, and its 95 % interval: mean, low, high.
    None where it is not known."""
    change: dict[str, float] | None = _summary(found.people).get("likeness")
    return change


def likeness_in_words(found: RunDifference) -> str:
    """The same in a sentence; "" where it is not known."""
    change = likeness_change(found)
    return (
        "likeness to the photos changes by {mean:+.4f} ({low:+.4f} to {high:+.4f})".format(**change) if change else ""
    )


def _summary(people: Sequence[PersonDifference]) -> dict[str, Any]:
    summary: dict[str, Any] = {"people": len(people), "visible": sum(person.visible for person in people)}
    for name, key in _FIGURES.items():
        figures = [getattr(person, key) for person in people if getattr(person, key) is not None]
        if figures:
            column = np.array(figures, dtype=float)[:, None]
            low, high = paired_interval(column)
            summary[name] = {
                "mean": round(float(column.mean()), 5),
                "low": round(float(low[0]), 5),
                "high": round(float(high[0]), 5),
            }
    return summary


def junit(found: RunDifference, first: str, second: str) -> str:
    """JUnit's XML: a test case a person, failed where the difference could be seen or a run lacks the person."""
    missing = dict.fromkeys(found.only_first, second) | dict.fromkeys(found.only_second, first)
    suite = ElementTree.Element(
        "testsuite",
        name=f"f2p compare: {first} and {second}",
        tests=str(len(found.people) + len(missing)),
        failures=str(len(found.visible) + len(missing)),
    )
    for person in found.people:
        case = ElementTree.SubElement(suite, "testcase", classname="f2p.compare", name=person.name)
        if person.visible:
            ElementTree.SubElement(case, "failure", message=in_words(person))
    for name, run in missing.items():
        case = ElementTree.SubElement(suite, "testcase", classname="f2p.compare", name=name)
        ElementTree.SubElement(case, "failure", message=f"{run} has no character of this person.")
    ElementTree.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suite, encoding="unicode") + "\n"


def in_words(person: PersonDifference) -> str:
    """The difference in one sentence."""
    parts = [f"sliders {person.mean:.4f} on average, {person.largest:.3f} at {person.largest_at or 'none'}"]
    if person.picture is not None and person.identity is not None:
        parts.append(f"picture {person.picture:.2f} of 255, identity {person.identity:.3f}")
    if person.likeness is not None:
        parts.append(f"likeness {person.likeness:+.3f}")
    parts += [f"{flip.choice}: {flip.first} -> {flip.second}" for flip in person.flips]
    return "; ".join(parts)


def _person(person: PersonDifference) -> dict[str, Any]:
    document = _rounded(asdict(person))
    document["sliders"] = {name: value for name, value in person.sliders.items() if value}
    return document | {"visible": person.visible}


def _rounded(document: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, 6) if isinstance(value, float) else value for key, value in document.items()}
