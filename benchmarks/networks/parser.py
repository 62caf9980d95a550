"""Accuracy of the face parser: IoU against hand-made labels and on held-out renders,
and correlation of its widths with the person's.

    python -m benchmarks.networks.parser PHOTOS --labels LABELS [--data DATA] [--run RUN] [--out DIR]

Prints Markdown tables; with --out also writes parser.json and parser.png (photo, hand-made labels, parser's).

IoU      of each hand-made class, in the engine's frame where the photo covers it, mean over people; of renders, over
         the pixels of all held-out samples together
widths   nose across its wings: mean width of the rows of its lowest 40 %; mouth across: what the middle 90 % of its
         mass spans; eyes up and down: mean height of the columns of each.  In px of the parser's picture.  Predicted
         maps are soft (sums of the regions' probabilities), hand-made ones are not
r        correlation over people of predicted with hand-made widths: 0 for a parser that sees the engine's average face;
         of renders with the engine's own labels, where the face is in the range that the parser was trained on
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import tyro
from PIL import Image

from benchmarks.command_line import run_command
from benchmarks.likeness.metrics import CLASS_INDEX, CLASSES, OUTSIDE, Array, label_iou, resample
from benchmarks.likeness.subjects import photo_files, read_hand_labels, to_pixels
from f2p.arrays import Pixels
from f2p.bundle import Bundle, load_bundle
from f2p.errors import F2PError
from f2p.face.alignment import align
from f2p.imaging.decode import read_photo
from f2p.networks.face_parser import FaceParser, parse_photo
from f2p.regions import PALETTE, REGIONS
from imitator_training.data.dataset import Renders
from imitator_training.runtime.trained_networks import trained_parser

WIDTHS = ("nose_width", "mouth_width", "eye_height")
MIDDLE = 0.9
"""Share of a mouth's mass that its width spans: single pixels far away do not count."""
WINGS = 0.4
"""Share of a nose's mass, from below, that counts as its wings: how far up a nose reaches is a matter of taste."""
_COLOURS = PALETTE[[REGIONS.index(name) for name in ("background", "skin", "hair", "eyes", "lower_lip", "nose")]]
"""Of `CLASSES`, in their order."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """One photo, parsed. regions (S, S) the likeliest regions; widths in px of S; `picture` (S, S, 3)."""

    name: str
    regions: Pixels
    hand: Pixels
    iou: Mapping[str, float]
    predicted: Mapping[str, float]
    wanted: Mapping[str, float]
    picture: Pixels


def class_maps(probs: Array) -> Array:
    """(6, H, W) soft maps of `CLASSES` from region probabilities (K, H, W); what is in no class is in no map."""
    return np.stack([probs[number == CLASS_INDEX].sum(0) for number in range(len(CLASSES))])


def hard_maps(classes: Pixels) -> Array:
    """(6, H, W) maps of 0 and 1 from classes (H, W)."""
    return np.stack([classes == number for number in range(len(CLASSES))]).astype(np.float64)


def span(mass: Array) -> float:
    """Span of the middle `MIDDLE` of a profile's mass (N,), as a share of N; NaN without mass."""
    if mass.sum() <= 0:
        return float("nan")
    ends = np.concatenate([[0.0], np.cumsum(mass) / mass.sum()])
    places = np.interp([0.5 - MIDDLE / 2, 0.5 + MIDDLE / 2], ends, np.linspace(0, 1, len(ends)))
    return float(places[1] - places[0])


def thickness(lines: Array, last: float = 1.0) -> float:
    """Mean mass of a map's rows or columns (N,) that hold the `last` share of it, by their mass; exact to parts of a
    pixel. NaN without mass."""
    if lines.sum() <= 0:
        return float("nan")
    above = np.clip(np.cumsum(lines) / lines.sum() - (1 - last), 0, None)
    share = np.diff(above, prepend=0.0)
    return float((share * lines).sum() / share.sum())


def widths(maps: Array) -> dict[str, float]:
    """`WIDTHS` of class maps (6, S, S), as shares of the side; NaN where a class is nowhere."""
    eyes = maps[CLASSES.index("eyes")]
    side = eyes.shape[1]
    left, right = eyes[:, : side // 2].sum(0), eyes[:, side // 2 :].sum(0)
    return {
        "nose_width": thickness(maps[CLASSES.index("nose")].sum(1), WINGS) / side,
        "mouth_width": span(maps[CLASSES.index("mouth")].sum(0)),
        "eye_height": (thickness(left) + thickness(right)) / 2 / side,
    }


def correlations(predicted: Sequence[Mapping[str, float]], wanted: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """r of each of `WIDTHS` over people who have both; NaN for fewer than 3 or where all are alike."""
    result = {}
    for name in WIDTHS:
        pairs = np.array([(p[name], w[name]) for p, w in zip(predicted, wanted, strict=True)])
        pairs = pairs[np.isfinite(pairs).all(1)]
        alike = len(pairs) < 3 or bool((pairs.std(0) < 1e-12).any())
        result[name] = float("nan") if alike else float(np.corrcoef(pairs.T)[0, 1])
    return result


def measure_person(parser: FaceParser, bundle: Bundle, path: Path, labels: Path) -> Person:
    """Parse one photo. Raises F2PError for a photo that cannot be used, SystemExit without its labels."""
    found = [file for file in sorted(labels.iterdir()) if file.stem == path.stem]
    if not found:
        raise SystemExit(f"{labels} has no labels for {path.name}. Name them as the photos.")
    aligned = align(read_photo(path.read_bytes()), bundle.frame_landmarks5, bundle.size)
    hand = read_hand_labels(found[0], aligned)
    probs = parse_photo(parser, aligned.image)[0].double() * aligned.valid_mask
    regions = probs.argmax(0).numpy().astype(np.uint8)
    side = len(regions)
    return Person(
        name=path.name,
        regions=regions,
        hand=hand,
        iou=label_iou(regions, hand),
        predicted={name: side * value for name, value in widths(class_maps(probs.numpy())).items()},
        wanted={name: side * value for name, value in widths(hard_maps(hand)).items()},
        picture=to_pixels(aligned.image),
    )


@torch.no_grad()
def render_figures(parser: FaceParser, data: Path, count: int) -> tuple[dict[str, float], dict[str, float]]:
    """IoU of each of `CLASSES` and r of `WIDTHS` on the first `count` renders of a folder, which no training sees, as
    they are and by one pass of the parser."""
    renders = Renders([data])
    overlap = np.zeros((2, len(CLASSES)))
    predicted, labelled = [], []
    for start in range(0, min(count, len(renders)), 16):
        part = range(start, min(start + 16, count, len(renders)))
        probs = parser(renders.images(part)).softmax(1).double().numpy()
        drawn = CLASS_INDEX[probs.argmax(1)]
        wanted = CLASS_INDEX[renders.labels(part).numpy()]
        for number in range(len(CLASSES)):
            a, b = drawn == number, wanted == number
            overlap[:, number] += (a & b).sum(), (a | b).sum()
        predicted += [widths(class_maps(p)) for p in probs]
        labelled += [widths(hard_maps(classes)) for classes in wanted]
    iou = {name: hit / union for name, hit, union in zip(CLASSES, *overlap, strict=True) if union}
    return iou, correlations(predicted, labelled)


def contact_sheet(people: Sequence[Person]) -> Image.Image:
    """By rows of people: photo, hand-made classes (black where it ends), the parser's classes and its regions."""
    rows = []
    for person in people:
        hand = resample(person.hand, len(person.regions))
        drawn = CLASS_INDEX[person.regions]
        tiles = (
            person.picture,
            np.where((hand == OUTSIDE)[..., None], 0, _COLOURS[hand % len(CLASSES)]),
            np.where((drawn >= len(CLASSES))[..., None], 0, _COLOURS[drawn % len(CLASSES)]),
            PALETTE[person.regions],
        )
        rows.append(np.concatenate(tiles, 1).astype(np.uint8))
    return Image.fromarray(np.concatenate(rows).repeat(2, 0).repeat(2, 1))


def photo_table(people: Sequence[Person]) -> str:
    """IoU on photos and widths, as Markdown."""
    lines = ["| | IoU, photos |", "|---|---|"]
    for name in CLASSES:
        seen = [p.iou[f"iou_{name}"] for p in people if f"iou_{name}" in p.iou]
        lines.append(f"| {name} | {np.mean(seen):.3f} |" if seen else f"| {name} | |")
    predicted, wanted = [p.predicted for p in people], [p.wanted for p in people]
    r = correlations(predicted, wanted)
    lines += ["", "| width | r | predicted, px | hand-made, px |", "|---|---|---|---|"]
    for name in WIDTHS:
        cells = [_mean_and_spread([side[name] for side in sides]) for sides in (predicted, wanted)]
        lines.append(f"| {name.replace('_', ' ')} | {r[name]:.2f} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines)


def _mean_and_spread(values: Sequence[float]) -> str:
    known = np.array(values)[np.isfinite(values)]
    return f"{known.mean():.1f} ± {known.std():.1f}" if len(known) else ""


def main(
    photos: Annotated[Path, tyro.conf.Positional],
    labels: Path,
    bundle: Path | None = None,
    run: Path | None = None,
    data: Path | None = None,
    holdout: int = 500,
    out: Path | None = None,
) -> int:
    """Measure the parser.

    Args:
        photos: folder of photos, one face each.
        labels: folder of label pictures in FASSEG's colours, named as the photos.
        bundle: the bundle's folder; the shipped one by default.
        run: folder of a training whose parser to measure in place of the bundle's.
        data: data folder whose first samples, never trained on, are measured too.
        holdout: how many of them.
        out: folder for parser.json and the contact sheet.
    """
    people, skipped = [], {}
    try:
        loaded = load_bundle(bundle)
        parser = loaded.parser if run is None else trained_parser(run)
        for path in photo_files(photos):
            try:
                people.append(measure_person(parser, loaded, path, labels))
            except F2PError as error:
                skipped[path.name] = str(error)
        iou, r = ({}, {}) if data is None else render_figures(parser, data, holdout)
    except F2PError as error:
        raise SystemExit(str(error)) from None
    if not people:
        raise SystemExit(f"No usable photo in {photos}; the first: {next(iter(skipped.values()))}")
    print(photo_table(people))
    if data is not None:
        print("\n| held-out renders | IoU or r |\n|---|---|")
        print("\n".join(f"| {name.replace('_', ' ')} | {value:.3f} |" for name, value in (iou | r).items()))
    print(f"\n{len(people)} photos.", *(f"\n- left out: {name}: {why}" for name, why in skipped.items()))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        contact_sheet(people).save(out / "parser.png")
        rows = {p.name: {**p.iou, "predicted": p.predicted, "hand": p.wanted} for p in people}
        document = {"photos": rows, "renders": {"iou": iou, "r": r}, "skipped": skipped}
        (out / "parser.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    run_command(main)
