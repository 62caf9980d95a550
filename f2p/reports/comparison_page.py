"""The HTML report of two runs: one file, with the worst people's pictures inside."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from f2p.arrays import Pixels
from f2p.bundle import Bundle
from f2p.comparison.differences import Pair, PersonDifference, RunDifference
from f2p.comparison.drawn import draw
from f2p.comparison.records import attribute_rows, likeness_in_words
from f2p.reports.page import picture, spoken, style, template

__all__ = ["comparison_page"]

# People with pictures; with four pictures each of some 8 kB, a page stays far below 10 MB.
_PICTURED: Final = 60
_SLIDERS: Final = 12
_PERSON_SLIDERS: Final = 8
_AMPLIFIED: Final = 4
_PHOTO_SIDE: Final = 192


def comparison_page(
    found: RunDifference,
    pairs: Sequence[Pair],
    first: str,
    second: str,
    bundle: Bundle | None = None,
    photos: Mapping[str, Path] | None = None,
) -> str:
    """The page of a comparison.

    Args:
        found: the comparison.
        pairs: what it compares.
        first, second: the runs' names.
        bundle: draws both characters of the worst people; None: no pictures.
        photos: photo of each person, by name, where there are any.
    """
    photos = photos or {}
    by_name = {pair.name: pair for pair in pairs}
    shown = found.people[:_PICTURED]
    drawn = _drawings([by_name[person.name] for person in shown], bundle)
    visible = len(found.visible)
    differences = f"{len(found.people)} people, {visible} differ visibly; sliders differ by {found.mean:.4f} on average"
    return template("comparison.html.j2").render(
        title=f"{first} and {second}",
        subtitle="; ".join(filter(None, (differences, likeness_in_words(found)))),
        style=style(),
        first=first,
        second=second,
        missing=[(second, found.only_first), (first, found.only_second)],
        groups=[
            {
                "name": spoken(group.name),
                "mean": f"{group.mean_absolute:.4f}",
                "interval": f"{group.low:.4f} to {group.high:.4f}",
                "worst": group.largest_at,
                "flips": group.flips,
            }
            for group in found.groups
        ],
        sliders=[
            {
                "name": drift.name,
                "label": drift.label,
                "group": spoken(drift.group),
                "mean": f"{drift.mean:+.4f}",
                "interval": f"{drift.low:+.4f} to {drift.high:+.4f}",
                "absolute": f"{drift.mean_absolute:.4f}",
                "largest": f"{drift.largest:.3f}",
                "worst": drift.largest_at,
            }
            for drift in found.sliders[:_SLIDERS]
            if drift.mean_absolute
        ],
        flips=[
            {"choice": spoken(choice), "first": pair[0], "second": pair[1], "people": count}
            for choice, counts in found.flips.items()
            for pair, count in sorted(counts.items(), key=lambda item: -item[1])
        ],
        attributes=[_attribute(row) for row in attribute_rows(found)],
        people=[
            _person(person, by_name[person.name], (first, second), drawn.get(person.name), photos.get(person.name))
            for person in shown
        ],
        left_out=len(found.people) - len(shown),
    )


def _drawings(pairs: Sequence[Pair], bundle: Bundle | None) -> dict[str, tuple[Pixels, Pixels]]:
    if bundle is None:
        return {}
    firsts = draw(bundle, [pair.first for pair in pairs])
    seconds = draw(bundle, [pair.second for pair in pairs])
    return {pair.name: both for pair, both in zip(pairs, zip(firsts, seconds, strict=True), strict=True)}


def _person(
    person: PersonDifference,
    pair: Pair,
    titles: tuple[str, str],
    drawn: tuple[Pixels, Pixels] | None,
    photo: Path | None,
) -> dict[str, Any]:
    pictures = []
    if photo is not None:
        pictures.append(picture(_photo(photo), "image/jpeg", "Photo"))
    if drawn is not None:
        change = (np.abs(drawn[1].astype(np.int16) - drawn[0]) * _AMPLIFIED).clip(0, 255).astype(np.uint8)
        captions = (*titles, f"Difference × {_AMPLIFIED}")
        pictures += [
            picture(_jpeg(Image.fromarray(image)), "image/jpeg", caption)
            for image, caption in zip((*drawn, change), captions, strict=True)
        ]
    sliders = {slider.name: slider for slider in pair.first.schema.continuous}
    worst = sorted(person.sliders.items(), key=lambda item: -abs(item[1]))[:_PERSON_SLIDERS]
    facts = [f"sliders {person.mean:.4f}"]
    if person.picture is not None and person.identity is not None:
        facts += [f"picture {person.picture:.2f} of 255", f"identity {person.identity:.3f}"]
    if person.likeness is not None:
        facts.append(f"likeness {person.likeness:+.3f}")
    return {
        "name": person.name,
        "facts": ", ".join(facts),
        "visible": person.visible,
        "pictures": pictures,
        "flips": [(spoken(flip.choice), flip.first, flip.second) for flip in person.flips],
        "rows": [
            {
                "name": name,
                "label": sliders[name].label,
                "first": f"{100 * float(pair.first.values[name]):.2f}",
                "second": f"{100 * float(pair.second.values[name]):.2f}",
                "difference": f"{difference:+.3f}",
            }
            for name, difference in worst
            if difference
        ],
    }


def _attribute(row: dict[str, Any]) -> dict[str, str]:
    def interval(name: str, digits: int, sign: str = "") -> str:
        if name not in row:
            return ""
        mean, low, high = (f"{row[name][key]:{sign}.{digits}f}" for key in ("mean", "low", "high"))
        return f"{mean} ({low} to {high})"

    return {
        "attribute": spoken(row["attribute"]),
        "value": row["value"],
        "people": str(row["people"]),
        "visible": str(row["visible"]),
        "sliders": interval("sliders", 4),
        "picture": interval("picture", 2),
        "identity": interval("identity", 3),
        "likeness": interval("likeness", 4, "+"),
    }


def _photo(path: Path) -> bytes:
    """A small copy of a photo, upright."""
    from f2p.files import read_photo_file
    from f2p.imaging.decode import read_photo

    image = Image.fromarray(read_photo(read_photo_file(path)).pixels)
    image.thumbnail((_PHOTO_SIDE, _PHOTO_SIDE), Image.Resampling.LANCZOS)
    return _jpeg(image)


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
