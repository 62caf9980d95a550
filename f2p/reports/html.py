"""HTML reports: of one solve, and of the differences of two characters. One file each, with everything inside."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import jinja2

from f2p.arrays import Pixels
from f2p.character.character import Character
from f2p.character.comparison import Comparison, GroupDifference
from f2p.imaging.encode import jpeg_bytes, png_bytes

__all__ = ["character_page", "comparison_page"]

_CURVE_WIDTH, _CURVE_HEIGHT = 240.0, 70.0


@dataclass(frozen=True)
class _Curve:
    """History of one loss term, as an SVG polyline and its figures as text."""

    name: str
    points: str
    first: str
    last: str
    lowest: str
    width: float = _CURVE_WIDTH
    height: float = _CURVE_HEIGHT


def character_page(character: Character, photo: Pixels | None = None, title: str = "Character") -> str:
    """The report of one solve: pictures, loss curves, sliders by group, origin.

    Args:
        character: with its pictures, where it has any.
        photo: (H, W, 3) uint8, the photo as it was used.
        title: usually the photo's name.
    """
    pictures = [] if photo is None else [_picture(jpeg_bytes(photo), "image/jpeg", "Photo")]
    if character.images is not None:
        drawn_by = {"engine": "Engine's render"}.get(character.render_source, "Imitator's drawing (no engine here)")
        pictures += [
            _picture(png_bytes(character.images.aligned), "image/png", "Aligned photo"),
            _picture(png_bytes(character.images.drawing), "image/png", "Imitator's drawing G(x)"),
            _picture(png_bytes(character.images.render), "image/png", drawn_by),
        ]
    origin = [
        ("bundle", f"{character.bundle_name} {character.bundle_version}"),
        ("schema", f"{character.schema.name} {character.schema.version}, {character.schema.hash}"),
        ("preset, seed", f"{character.preset}, {character.seed}"),
        *((f"loss: {name}", f"{value:.4f}") for name, value in character.losses.items()),
    ]
    return _template("report.html.j2").render(
        title=title,
        subtitle=f"{len(character.schema.names)} parameters, preset {character.preset}, {character.seconds:.1f} s",
        style=_style(),
        warnings=character.warnings,
        pictures=pictures,
        photos=[(f"Photo {use.number + 1}", f"{100 * use.weight:.0f} %", use.note) for use in character.photos],
        expressions=[(f"Photo {face.photo + 1}", face.words()) for face in character.expressions],
        confidence=[
            (_spoken(group.group), f"{100 * group.confidence:.0f}", f"{100 * group.seen:.0f} %", group.note)
            for group in character.confidence
        ],
        curves=_curves(character.history),
        groups=_groups(character),
        origin=origin,
    )


def comparison_page(
    comparison: Comparison, first: str, second: str, renders: Sequence[Pixels] = (), title: str = "Comparison"
) -> str:
    """The comparison of two characters: both renders, groups, sliders.

    Args:
        comparison: of the two.
        first, second: their names.
        renders: both pictures (H, W, 3) uint8, or none.
    """
    names = (first, second)
    pictures = [_picture(png_bytes(image), "image/png", name) for image, name in zip(renders, names, strict=False)]
    choices = comparison.choices_different
    return _template("compare.html.j2").render(
        title=title,
        subtitle=f"mean difference {comparison.mean:.4f}, largest {comparison.largest:.4f}, {choices} choices differ",
        style=_style(),
        pictures=pictures,
        first=first,
        second=second,
        groups=[_compared(group) for group in comparison.groups],
    )


def _curves(history: Sequence[Mapping[str, float]]) -> list[_Curve]:
    names = list(dict.fromkeys(name for step in history for name in step))
    names.sort(key=lambda name: name != "total")
    return [_curve(name, [step[name] for step in history if name in step]) for name in names]


def _curve(name: str, values: Sequence[float]) -> _Curve:
    low, high = min(values), max(values)
    scale = (high - low) or 1.0
    step = _CURVE_WIDTH / max(len(values) - 1, 1)
    # Two pixels of air above and below, so that the line is not cut.
    room = _CURVE_HEIGHT - 4.0
    points = " ".join(f"{i * step:.1f},{2 + room * (high - value) / scale:.1f}" for i, value in enumerate(values))
    return _Curve(name, points, f"{values[0]:.4g}", f"{values[-1]:.4g}", f"{low:.4g}")


def _groups(character: Character) -> list[dict[str, Any]]:
    rows: dict[str, list[dict[str, Any]]] = {group: [] for group in character.schema.groups}
    engine = character.engine_values()
    for slider in character.schema.continuous:
        value = float(character.values[slider.name])
        low, high = sorted((slider.average, value))
        rows[slider.group].append(
            {
                "name": slider.name,
                "label": slider.label,
                "left": f"{100 * low:.2f}",
                "width": f"{100 * (high - low):.2f}",
                "tick": f"{100 * slider.average:.2f}",
                "value": f"normalised {value:.6f}",
                "engine": f"{float(engine[slider.name]):.2f} {slider.unit}",
            }
        )
    for choice in character.schema.discrete:
        row = {"name": choice.name, "label": choice.label, "option": character.values[choice.name]}
        rows[choice.group].append(row)
    return [{"name": _spoken(group), "rows": members} for group, members in rows.items()]


def _compared(group: GroupDifference) -> dict[str, Any]:
    sliders = [
        {
            "name": item.name,
            "label": item.label,
            "first": f"{100 * item.first:.2f}",
            "second": f"{100 * item.second:.2f}",
            "difference": f"{item.difference:+.3f}",
        }
        for item in group.sliders
    ]
    choices = [
        {
            "name": item.name,
            "label": item.label,
            "option": item.first if item.same else f"{item.first} → {item.second}",
        }
        for item in group.choices
    ]
    return {
        "name": _spoken(group.name),
        "count": len(group.sliders),
        "mean": f"{group.mean:.4f}",
        "largest": f"{group.largest:.4f}",
        "largest_at": group.largest_at,
        "choices": ", ".join(item.label for item in group.choices if not item.same),
        "rows": [*sliders, *choices],
    }


def _spoken(group: str) -> str:
    return group.replace("_", " ")


def _picture(data: bytes, kind: str, caption: str) -> dict[str, str]:
    return {"source": f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}", "caption": caption}


@cache
def _environment() -> jinja2.Environment:
    # Autoescape for all: labels and names come out of schemas and file names.
    loader = jinja2.PackageLoader("f2p.reports", "templates")
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _template(name: str) -> jinja2.Template:
    return _environment().get_template(name)


@cache
def _style() -> Any:
    # Our own file, and no HTML entity is one in CSS.
    from markupsafe import Markup

    loader = _environment().loader
    assert loader is not None
    return Markup(loader.get_source(_environment(), "style.css")[0])
