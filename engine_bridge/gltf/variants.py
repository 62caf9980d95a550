"""Choices and colour sliders drafted from the names of nodes and materials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine_bridge.gltf.scene import Part
from engine_bridge.gltf.words import kind_of, words
from engine_bridge.makehuman import palette
from engine_bridge.makehuman.face.features import CLOTHS

__all__ = ["Choice", "Colours", "draft_choices", "draft_colours", "hexed"]

_NOTHING = {"hair": 0.08, "beard": 0.6, "glasses": 0.7, "hat": 0.9, "brow_style": 0.0}
_GROUPS = {"brow_style": "brow"}


@dataclass
class Choice:
    """A choice as it will stand in the YAML: option -> nodes."""

    name: str
    group: str
    options: dict[str, list[str]]
    weights: list[float]
    default: str
    note: str = ""


@dataclass
class Colours:
    """A colour slider as it will stand in the YAML."""

    name: str
    group: str
    average: float
    spread: float
    materials: list[str]
    stops: list[str] = field(default_factory=list)
    towards: str = ""
    note: str = ""
    high: float = 1.0


def draft_choices(parts: Sequence[Part]) -> list[Choice]:
    """The choices among nodes of one kind: hair, beards, glasses, hats; brows where there are several."""
    found: dict[str, list[str]] = {}
    for part in parts:
        for name in part.path:
            kind = kind_of(name)
            if kind is not None:
                if name not in found.setdefault(kind, []):
                    found[kind].append(name)
                break
    out = []
    for kind, nodes in found.items():
        if kind == "brow_style" and len(nodes) < 2:
            continue
        shared = set.intersection(*(set(words(n)) for n in nodes)) if len(nodes) > 1 else set()
        nothing = _NOTHING[kind]
        options: dict[str, list[str]] = {"none": []} if nothing else {}
        for node in nodes:
            own = [w for w in words(node) if w not in shared] or list(words(node))
            name = "_".join(w for w in own if w not in "+-")
            options[name if name not in options else f"{name}_{len(options)}"] = [node]
        each = (1 - nothing) / len(nodes)
        weights = [round(nothing if not shown else each, 4) for shown in options.values()]
        default = (
            "none" if kind in ("beard", "glasses", "hat") else list(options)[min(1, len(options) - 1) if nothing else 0]
        )
        note = "" if nothing == 0 else "none shows no node of this kind"
        out.append(Choice(kind, _GROUPS.get(kind, kind), options, weights, default, note))
    return out


def draft_colours(
    materials: Sequence[tuple[str, Sequence[str]]], skin: Sequence[str]
) -> tuple[list[Colours], list[str]]:
    """Colour sliders, and the materials that have none.

    ``materials``: name, and the names of the nodes that wear it; ``skin`` those that are skin.
    """
    kinds: dict[str, list[str]] = {}
    bare: list[str] = []
    for name, nodes in materials:
        kind = "skin" if name in skin else _kind(name, nodes)
        if kind:
            kinds.setdefault(kind, []).append(name)
        else:
            bare.append(name)
    out: list[Colours] = []
    for kind, names in kinds.items():
        out += _skin(names) if kind == "skin" else _hair(names) if kind == "hair" else _ramp(kind, names)
    return out, bare


def hexed(colour: Sequence[float]) -> str:
    """ "#rrggbb" of sRGB bytes."""
    return "#" + "".join(f"{round(c):02x}" for c in colour)


def _kind(material: str, nodes: Sequence[str]) -> str:
    said = set(words(material))
    for kind, known in (
        ("iris", {"iris", "irises", "pupil", "pupils"}),
        ("lips", {"lip", "lips", "lipstick"}),
        (
            "",
            {"lens", "lenses", "glass", "cornea", "lash", "lashes", "eyelash", "eyelashes", "teeth", "tongue", "gums"},
        ),
        (
            "cloth",
            {"cloth", "clothes", "shirt", "tshirt", "top", "jacket", "hoodie", "outfit", "collar", "sweater", "dress"},
        ),
    ):
        if said & known:
            return kind
    for name in (material, *nodes):
        own = kind_of(name)
        if own is not None:
            return {"brow_style": "brows", "beard": "hair", "hair": "hair", "glasses": "glasses"}.get(own, "")
    return ""


def _encoded(linear: Sequence[float]) -> str:
    return hexed([255 * (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055) for c in linear])


def _skin(names: list[str]) -> list[Colours]:
    stops = [_encoded(albedo) for albedo in palette.SKIN_ALBEDOS]
    return [
        Colours("skin_tone", "skin", 0.36, 0.2, names, stops, note="mean colour of the skin, from light to dark"),
        Colours("skin_redness", "skin", 0.2, 0.2, names, towards="#b3402e", note="share of red", high=0.3),
    ]


def _hair(names: list[str]) -> list[Colours]:
    dark = ["#0a0706", "#21150e", "#3b2516", "#6b4526", "#a97f4d", "#d9bb85"]
    return [
        Colours("hair_colour", "hair", 0.35, 0.22, names, dark, note="from black to blond"),
        Colours("hair_red", "hair", 0.1, 0.12, names, towards="#7a2a10", note="share of red"),
        Colours("hair_grey", "hair", 0.1, 0.16, names, towards="#c2beb8", note="share of grey"),
    ]


_RAMPS: Mapping[str, tuple[str, str, float, float, list[str]]] = {
    "brows": ("brow_colour", "brow", 0.35, 0.2, ["#0b0807", "#2a1b12", "#4d3420", "#7d5a38"]),
    "iris": ("iris_colour", "eye", 0.3, 0.25, [hexed(c) for c in palette.IRISES]),
    "lips": ("lip_colour", "mouth", 0.4, 0.2, ["#c98a7c", "#b8665f", "#a3444a", "#6e2430"]),
    "glasses": ("glasses_colour", "glasses", 0.2, 0.2, ["#0c0b0b", "#4a2c18", "#8a8f96"]),
    "cloth": ("cloth_colour", "clothes", 0.5, 0.25, [hexed(c) for c in CLOTHS]),
}


def _ramp(kind: str, names: list[str]) -> list[Colours]:
    name, group, average, spread, stops = _RAMPS[kind]
    return [Colours(name, group, average, spread, names, stops)]
