"""The figures of a run, out of its records, and the tables for docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.landmark_baseline.model import LANDMARK_REGIONS
from benchmarks.likeness.degrade import TITLES
from benchmarks.likeness.metrics import CLASSES, COLOURED, Array, cosines, rank_k
from benchmarks.likeness.records import Records, Row
from f2p.bundle import Bundle

# Key, what the table calls it, decimals.
LINES: tuple[tuple[str, str, int], ...] = (
    ("cosine", "cosine, less the human mean of the photos", 3),
    ("cosine_bundle", "the same, less the bundle's human mean", 3),
    ("rank1", "rank-1 among the photos", 3),
    ("rank5", "rank-5 among the photos", 3),
    *((f"iou_{name}", f"label IoU {'hair and brows' if name == 'hair' else name}", 3) for name in CLASSES[1:]),
    ("landmarks", "landmark distance, inter-ocular", 4),
    ("landmarks_median", "the same, median over the photos", 4),
    ("landmarks_worn", "the same, with the photo's expression and pose put back on", 4),
    *((f"landmarks_{name}", f"landmark distance {name}", 4) for name in LANDMARK_REGIONS),
    *((f"delta_e_{name}", f"Delta E 2000 {name}", 1) for name in COLOURED),
    ("delta_e", "Delta E 2000, mean of these", 1),
    ("energy", "prior energy (mean z squared)", 2),
    ("gap", "exploitation gap (cosine on G less cosine on the engine)", 3),
    ("seconds", "seconds a photo", 2),
)


def rows_of(records: Records, photos: Sequence[str], recipe: str, bundle: Bundle) -> list[Row]:
    """The answers of a recipe to the undegraded photos, with their cosines."""
    answers = [records.answers[photo, "", recipe] for photo in photos]
    seen = _photo_embeddings(records, photos)
    human = seen.mean(0)
    render, framed, drawing = (np.diagonal(cosines(seen, _stack(answers, n), human)) for n in _EMBEDDINGS)
    rows = []
    for i, answer in enumerate(answers):
        grey = records.photos[photos[i]]["grey"]
        centre = bundle.statistics[f"translator_centre_{'grey' if grey else 'colour'}"].numpy()
        known = cosines(seen[i : i + 1], [answer["render"]], centre)[0, 0]
        rows.append(
            answer["row"]
            | {
                "cosine": float(render[i]),
                "cosine_bundle": float(known),
                "gap": float(drawing[i] - framed[i]),
            }
        )
    return rows


_EMBEDDINGS = ("render", "framed", "drawing")


def _stack(answers: Sequence[Row], name: str) -> Array:
    return np.array([answer[name] for answer in answers], np.float64)


def _photo_embeddings(records: Records, photos: Sequence[str]) -> Array:
    return np.array([records.photos[photo]["embedding"] for photo in photos], np.float64)


def summary(records: Records, photos: Sequence[str], recipe: str, rows: Sequence[Row]) -> dict[str, Any]:
    """Means over the photos; `counts` says over how many where it is not all of them."""
    seen = _photo_embeddings(records, photos)
    render = _stack([records.answers[photo, "", recipe] for photo in photos], "render")
    similarity = cosines(seen, render, seen.mean(0))
    result: dict[str, Any] = {"photos": len(photos), "rank1": rank_k(similarity, 1), "rank5": rank_k(similarity, 5)}
    counts = {}
    for key in [key for key, _, _ in LINES] + ["faces_found"]:
        values = [float(row[key]) for row in rows if key in row]
        if values:
            result[key] = float(np.mean(values))
            if len(values) < len(rows):
                counts[key] = len(values)
    distances = [row["landmarks"] for row in rows if "landmarks" in row]
    if distances:
        result["landmarks_median"] = float(np.median(distances))
    colours = [result[key] for name in COLOURED if (key := f"delta_e_{name}") in result]
    if colours:
        result["delta_e"] = float(np.mean(colours))
    return result | {"counts": counts}


def robustness(
    records: Records, photos: Sequence[str], recipes: Sequence[str], degradations: Sequence[str]
) -> dict[str, dict[str, dict[str, float]]]:
    """By degradation and recipe: `ratio` of the mean cosine of undegraded photo and render of the degraded one to that
    of the undegraded one's render, over the `photos` on which the face was still found.
    """
    human = _photo_embeddings(records, photos).mean(0)
    table: dict[str, dict[str, dict[str, float]]] = {}
    for degradation in degradations:
        for recipe in recipes:
            usable = [photo for photo in photos if (photo, degradation, recipe) in records.answers]
            if not usable:
                continue
            seen = _photo_embeddings(records, usable)
            means = []
            for kind in ("", degradation):
                render = _stack([records.answers[photo, kind, recipe] for photo in usable], "render")
                means.append(float(np.diagonal(cosines(seen, render, human)).mean()))
            table.setdefault(degradation, {})[recipe] = {
                # Of a recipe that is no better than chance, a share means nothing.
                "ratio": means[1] / means[0] if means[0] > 0.02 else float("nan"),
                "cosine": means[1],
                "photos": len(usable),
            }
    return table


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows).replace("|  |", "| |")


def likeness_table(results: dict[str, dict[str, Any]]) -> str:
    """Markdown: one line a figure, one column a recipe; "of n" where a figure was not had from every photo."""
    lines = []
    for key, title, decimals in LINES:
        if any(key in result for result in results.values()):
            cells = [_cell(result, key, decimals) for result in results.values()]
            lines.append([title, *cells])
    return _table(["", *results], lines)


def _cell(result: dict[str, Any], key: str, decimals: int) -> str:
    if key not in result:
        return ""
    few = f" (of {result['counts'][key]})" if key in result["counts"] else ""
    return f"{result[key]:.{decimals}f}{few}"


def robustness_table(table: dict[str, dict[str, dict[str, float]]], recipes: Sequence[str]) -> str:
    """Markdown: one line a degradation, one column a recipe; the ratio and, in brackets, of how many photos."""
    lines = []
    for degradation, cells in table.items():
        shown = [f"{cells[r]['ratio']:.2f} ({cells[r]['photos']:.0f})" if r in cells else "" for r in recipes]
        lines.append([TITLES[degradation], *shown])
    return _table(["", *recipes], lines)
