"""The text of a drafted YAML: one line a parameter, with what was guessed beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from engine_bridge.gltf.rig import Placement
from engine_bridge.gltf.sliders import Drafted
from engine_bridge.gltf.variants import Choice, Colours
from f2p.regions import REGIONS

__all__ = ["Draft", "text_of"]

_HEAD = """\
# Engine of {file}, drafted by: engine-bridge new {file}
# Edit it freely, then look: engine-bridge render --engine {scheme}:{file} --seed 1 --out a.png
# A slider moves morph targets: `plus` by the positive part of its value in `range`, `minus` by the negative part; or it
# colours `materials`: along `stops`, or `towards` one colour. `average` and `spread` are shares of the range: where the
# average face stands, and how far random faces lie from there (0: never sampled, never solved). A choice shows `nodes`.
# Delete a line to leave a parameter out. Names, ranges, averages, spreads, options and their order are what networks
# learn: change them before rendering, not after. Labels, frontal and comments may change at any time.
"""
_LABELS = """
# Regions: {regions}.
# By the material's name, or the node's (which goes first); else a picture over the material's texture coordinates,
# carried over from the MakeHuman head (median distance after the fit: {gap:.2f} mm). Look at {preview};
# paint over {pictures} with its own colours where it is wrong.
"""


@dataclass(frozen=True)
class Draft:
    """All that a YAML says; see `rig.Rig`."""

    scheme: str
    file: str
    name: str
    sliders: Sequence[Drafted]
    colours: Sequence[Colours]
    choices: Sequence[Choice]
    placement: Placement
    materials: Mapping[str, str]
    nodes: Mapping[str, str]
    textures: Mapping[str, str]
    five_points: Sequence[Sequence[float]] | None
    gap: float
    preview: str
    uncoloured: Sequence[str]


def text_of(draft: Draft) -> str:
    """The YAML text; `rig.load_rig` reads it."""
    lines = [_HEAD.format(file=draft.file, scheme=draft.scheme)]
    lines += ["schema: 1", f"name: {_flow(draft.name)}", "version: '1'", f"file: {_flow(draft.file)}", ""]
    place = draft.placement
    placed = {"origin": [round(v, 5) for v in place.origin], "scale": round(place.scale, 5), "yaw": place.yaw}
    lines += [
        "# Where the head stands in the file: `origin` between the eyes, `scale` decimetres a unit (larger: a larger",
        "# head in the picture), `yaw` degrees to turn it until it faces the camera.",
        f"placement: {_flow(placed)}",
    ]
    if draft.five_points is not None:
        lines += [
            "# Eye corners and nose base as the face detector saw them, in the file's units; without: from the labels.",
            f"five_points: {_flow([[round(c, 5) for c in p] for p in draft.five_points])}",
        ]
    lines += ["exposure: 1.0", "hidden: []  # nodes that are never drawn"]
    pictures = ", ".join(draft.textures.values()) or "it"
    lines.append(
        _LABELS.format(
            regions=", ".join(REGIONS), gap=draft.gap * 100, preview=draft.preview, pictures=pictures
        ).rstrip()
    )
    lines.append("labels:")
    for key, entries in (("textures", draft.textures), ("materials", draft.materials), ("nodes", draft.nodes)):
        lines.append(f"  {key}: {_flow(dict(entries))}")
    lines += ["", "continuous:"]
    for slider in draft.sliders:
        lines.append(f"  - {_flow(_slider(slider))}  # {slider.note}")
    for colour in draft.colours:
        lines.append(f"  - {_flow(_colour(colour))}" + (f"  # {colour.note}" if colour.note else ""))
    if draft.uncoloured:
        lines.append(f"  # Materials without a colour slider: {', '.join(draft.uncoloured)}")
    lines += ["", "discrete:" if draft.choices else "discrete: []"]
    for choice in draft.choices:
        lines.append(f"  - {_flow(_choice(choice))}" + (f"  # {choice.note}" if choice.note else ""))
    return "\n".join(lines) + "\n"


def _slider(s: Drafted) -> dict[str, Any]:
    return {
        "name": s.name,
        "label": s.label,
        "group": s.group,
        "role": s.role,
        "average": s.average,
        "range": [s.low, s.high],
        "unit": "weight",
        "spread": s.spread,
        "frontal": s.frontal,
        "plus": s.plus,
        **({"minus": s.minus} if s.minus else {}),
    }


def _colour(c: Colours) -> dict[str, Any]:
    return {
        "name": c.name,
        "label": c.name.replace("_", " ").capitalize(),
        "group": c.group,
        "role": "appearance",
        "average": c.average,
        "range": [0.0, c.high],
        "unit": "share",
        "spread": c.spread,
        "frontal": True,
        "materials": c.materials,
        **({"stops": c.stops} if c.stops else {"towards": c.towards}),
    }


def _choice(c: Choice) -> dict[str, Any]:
    return {
        "name": c.name,
        "label": c.name.replace("_", " ").capitalize(),
        "group": c.group,
        "role": "appearance",
        "options": list(c.options),
        "default": c.default,
        "weights": c.weights,
        "frontal": True,
        "nodes": c.options,
    }


def _flow(value: object) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=math.inf, allow_unicode=True)
    return text.strip().removesuffix("\n...").strip()
