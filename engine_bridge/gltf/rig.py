"""The YAML beside a head: its schema, and what each parameter does in the file: targets, colours, nodes, labels.

A slider moves morph targets (``plus`` with the positive part of its value in engine units, ``minus`` with the negative
part) or colours materials (``materials`` with ``stops`` or ``towards``); a choice shows nodes. The rest is the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
import yaml
from numpy.typing import NDArray

from f2p.errors import ParameterError, SchemaError
from f2p.regions import REGIONS
from f2p.schema import Schema, compose, read_schema

__all__ = ["Labels", "Move", "Placement", "Rig", "Tint", "load_rig", "rig_path"]

RGB = tuple[int, int, int]
_OWN: Final = ("file", "placement", "labels", "five_points", "hidden", "exposure")
_OF_SLIDERS: Final = ("plus", "minus", "materials", "stops", "towards")
_OF_CHOICES: Final = ("nodes",)


@dataclass(frozen=True)
class Move:
    """Weights of targets by name: for each unit of the positive part of a slider's value, and of the negative part."""

    plus: Mapping[str, float]
    minus: Mapping[str, float]


@dataclass(frozen=True)
class Tint:
    """A colour slider of ``materials``: their mean colour runs along ``stops`` (sRGB bytes), or is drawn ``towards``
    one."""

    materials: tuple[str, ...]
    stops: tuple[RGB, ...]
    towards: RGB | None


@dataclass(frozen=True)
class Placement:
    """Where the head stands in the file: ``origin`` (3,) between the eyes in the file's units, ``scale`` dm a unit,
    ``yaw`` degrees about the upright axis by which it must be turned to face +z."""

    origin: tuple[float, float, float]
    scale: float
    yaw: float = 0.0


@dataclass(frozen=True)
class Labels:
    """Region of whole materials and nodes by name (a node's goes first), and painted label textures of materials."""

    materials: Mapping[str, str]
    nodes: Mapping[str, str]
    textures: Mapping[str, Path]


@dataclass(frozen=True)
class Rig:
    """A head's YAML file: ``path`` itself, ``file`` the head; by slider ``moves`` and ``tints``, by choice and option
    the nodes that are shown; ``hidden`` nodes are never drawn; ``lines`` of the parameters, for messages."""

    path: Path
    file: Path
    schema: Schema
    moves: Mapping[str, Move]
    tints: Mapping[str, Tint]
    choices: Mapping[str, Mapping[str, tuple[str, ...]]]
    placement: Placement
    labels: Labels
    hidden: frozenset[str]
    five_points: NDArray[np.float64] | None
    exposure: float
    lines: Mapping[str, int] = field(default_factory=dict)

    def refuse(self, name: str, reason: str) -> NoReturn:
        """SchemaError about the parameter ``name``."""
        raise SchemaError(f"'{name}': {reason}", path=str(self.path), line=self.lines.get(name, 0))


def rig_path(file: Path) -> Path:
    """The YAML file of a head: beside it, of its name."""
    return file if file.suffix in (".yaml", ".yml") else file.with_suffix(".yaml")


def load_rig(file: Path) -> Rig:
    """Read the YAML of a head, given the head or the YAML itself.

    Raises:
        ParameterError: there is none yet.
        SchemaError: it is wrong; with line and reason.
    """
    path = rig_path(file)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        what = f"{path.name} is missing: {file.name} has no sliders yet."
        raise ParameterError(what, f"Draft them: engine-bridge new {file}", path=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SchemaError(f"The file cannot be read: {error}.", path=str(path)) from None
    root = compose(text, path)
    if not isinstance(root, yaml.MappingNode):
        raise SchemaError("The file must be a mapping.", path=str(path), line=1)
    own = {key: _plain(node) for key, node in _taken(root, _OWN).items()}
    sliders = _entries(root, "continuous", _OF_SLIDERS)
    choices = _entries(root, "discrete", _OF_CHOICES)
    schema = read_schema(root, path)
    reader = _Reader(path, {name: line for name, (line, _) in (sliders | choices).items()})
    moves, tints = {}, {}
    for name, (_, keys) in sliders.items():
        if "materials" in keys:
            tints[name] = reader.tint(name, keys)
        else:
            moves[name] = reader.move(name, keys)
    options = {c.name: tuple(c.options) for c in schema.discrete}
    placement = reader.mapping("placement", own.get("placement"), {"origin", "scale", "yaw"})
    labels = reader.mapping("labels", own.get("labels", {}), {"materials", "nodes", "textures"})
    points = own.get("five_points")
    if "file" not in own or "placement" not in own:
        raise SchemaError("The keys file and placement are needed.", path=str(path), line=1)
    return Rig(
        path=path,
        file=path.parent / str(own["file"]),
        schema=schema,
        moves=moves,
        tints=tints,
        choices={name: reader.nodes(name, keys, options[name]) for name, (_, keys) in choices.items()},
        placement=reader.placement(placement),
        labels=Labels(
            reader.regions("labels.materials", labels.get("materials") or {}),
            reader.regions("labels.nodes", labels.get("nodes") or {}),
            {str(k): path.parent / str(v) for k, v in (labels.get("textures") or {}).items()},
        ),
        hidden=frozenset(str(n) for n in own.get("hidden") or ()),
        five_points=None if points is None else np.array(reader.numbers("five_points", points, (5, 3))),
        exposure=float(reader.numbers("exposure", own.get("exposure", 1.0), ())),
        lines=reader.lines,
    )


def _taken(node: yaml.MappingNode, keys: tuple[str, ...]) -> dict[str, yaml.Node]:
    """The values of ``keys``, taken out of ``node``."""
    found = {key.value: value for key, value in node.value if key.value in keys}
    node.value = [(key, value) for key, value in node.value if key.value not in keys]
    return found


def _entries(root: yaml.MappingNode, kind: str, keys: tuple[str, ...]) -> dict[str, tuple[int, dict[str, Any]]]:
    """Line and own keys of each parameter of ``kind``, taken out of it, by name."""
    out: dict[str, tuple[int, dict[str, Any]]] = {}
    for key, value in root.value:
        if key.value == kind and isinstance(value, yaml.SequenceNode):
            for entry in value.value:
                if isinstance(entry, yaml.MappingNode):
                    names = [str(v.value) for k, v in entry.value if k.value == "name"]
                    own = {k: _plain(v) for k, v in _taken(entry, keys).items()}
                    out[names[0] if names else ""] = entry.start_mark.line + 1, own
    return out


def _plain(node: yaml.Node) -> Any:
    return yaml.safe_load(yaml.serialize(node))


@dataclass(frozen=True)
class _Reader:
    path: Path
    lines: Mapping[str, int]

    def move(self, name: str, keys: Mapping[str, Any]) -> Move:
        plus, minus = (self._weights(name, key, keys.get(key) or {}) for key in ("plus", "minus"))
        if not plus and not minus:
            self._refuse(name, "give it morph targets (plus, minus) or a colour (materials with stops or towards).")
        return Move(plus, minus)

    def tint(self, name: str, keys: Mapping[str, Any]) -> Tint:
        stops, towards = keys.get("stops"), keys.get("towards")
        if (stops is None) == (towards is None):
            self._refuse(name, "a colour slider has either stops or towards.")
        if stops is not None and (not isinstance(stops, list) or len(stops) < 2):
            self._refuse(name, "stops must be two colours or more, as ['#2a1a12', '#e8c8a0'].")
        colours = tuple(self._colour(name, stop) for stop in stops or ())
        materials = keys["materials"] if isinstance(keys["materials"], list) else [keys["materials"]]
        return Tint(tuple(map(str, materials)), colours, None if towards is None else self._colour(name, towards))

    def nodes(self, name: str, keys: Mapping[str, Any], options: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        shown = keys.get("nodes")
        if not isinstance(shown, dict) or set(map(str, shown)) != set(options):
            self._refuse(name, f"nodes must name what each option shows: {', '.join(options)}.")
        return {str(k): tuple(map(str, v if isinstance(v, list) else [v] if v else [])) for k, v in shown.items()}

    def placement(self, entry: Mapping[str, Any]) -> Placement:
        x, y, z = self.numbers("placement.origin", entry.get("origin"), (3,)).tolist()
        scale = float(self.numbers("placement.scale", entry.get("scale"), ()))
        if scale <= 0:
            self._refuse("placement.scale", "must be above 0.")
        return Placement((x, y, z), scale, float(self.numbers("placement.yaw", entry.get("yaw", 0.0), ())))

    def regions(self, name: str, entry: object) -> dict[str, str]:
        named = self.mapping(name, entry, None)
        for key, region in named.items():
            if region not in REGIONS:
                self._refuse(name, f"'{key}' is '{region}'; the regions are {', '.join(REGIONS)}.")
        return {str(k): str(v) for k, v in named.items()}

    def mapping(self, name: str, entry: object, known: set[str] | None) -> dict[str, Any]:
        if not isinstance(entry, dict) or (known is not None and not set(entry) <= known):
            self._refuse(name, "must be a mapping" + (f" with the keys {', '.join(sorted(known))}." if known else "."))
        return entry

    def numbers(self, name: str, entry: object, shape: tuple[int, ...]) -> NDArray[np.float64]:
        try:
            values = np.array(entry, np.float64)
        except (TypeError, ValueError):
            values = np.array(np.nan)
        if values.shape != shape or not np.isfinite(values).all():
            self._refuse(name, f"must be {' x '.join(map(str, shape)) or 'one'} finite number{'s' if shape else ''}.")
        return values

    def _weights(self, name: str, key: str, entry: object) -> dict[str, float]:
        if not isinstance(entry, dict) or not all(isinstance(v, int | float) for v in entry.values()):
            self._refuse(name, f"{key} must map targets to weights, as {{noseWide: 1.0}}.")
        return {str(k): float(v) for k, v in entry.items()}

    def _colour(self, name: str, text: object) -> RGB:
        digits = str(text).removeprefix("#")
        try:
            if len(digits) != 6:
                raise ValueError
            return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
        except ValueError:
            self._refuse(name, f"'{text}' is no colour; write '#rrggbb', in quotes.")

    def _refuse(self, name: str, reason: str) -> NoReturn:
        raise SchemaError(f"'{name}': {reason}", path=str(self.path), line=self.lines.get(name, 0))
