"""The HTML report of one solve: one file with everything inside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from f2p.arrays import Pixels
from f2p.character.character import Character
from f2p.imaging.encode import jpeg_bytes, png_bytes
from f2p.reports.page import picture, spoken, style, template

__all__ = ["character_page"]

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
    pictures = [] if photo is None else [picture(jpeg_bytes(photo), "image/jpeg", "Photo")]
    if character.images is not None:
        drawn_by = {"engine": "Engine's render"}.get(character.render_source, "Imitator's drawing (no engine here)")
        pictures += [
            picture(png_bytes(character.images.aligned), "image/png", "Aligned photo"),
            picture(png_bytes(character.images.drawing), "image/png", "Imitator's drawing G(x)"),
            picture(png_bytes(character.images.render), "image/png", drawn_by),
        ]
    origin = [
        ("bundle", f"{character.bundle_name} {character.bundle_version}"),
        ("schema", f"{character.schema.name} {character.schema.version}, {character.schema.hash}"),
        ("preset, seed", f"{character.preset}, {character.seed}"),
        *((f"loss: {name}", f"{value:.4f}") for name, value in character.losses.items()),
    ]
    return template("character.html.j2").render(
        title=title,
        subtitle=f"{len(character.schema.names)} parameters, preset {character.preset}, {character.seconds:.1f} s",
        style=style(),
        warnings=character.warnings,
        pictures=pictures,
        photos=[(f"Photo {use.number + 1}", f"{100 * use.weight:.0f} %", use.note) for use in character.photos],
        expressions=[(f"Photo {face.photo + 1}", face.words()) for face in character.expressions],
        confidence=[
            (spoken(group.group), f"{100 * group.confidence:.0f}", f"{100 * group.seen:.0f} %", group.note)
            for group in character.confidence
        ],
        curves=_curves(character.history),
        groups=_groups(character),
        origin=origin,
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
    return [{"name": spoken(group), "rows": members} for group, members in rows.items()]
