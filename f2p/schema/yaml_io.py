"""A schema's YAML form. Every refusal names the file, the line and the reason."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import yaml

from f2p.errors import SchemaError
from f2p.schema.parameters import TAG_AXES, Continuous, Discrete
from f2p.schema.schema import Schema

__all__ = ["compose", "dump_schema", "load_schema", "parse_schema", "read_schema"]

FORMAT: Final = 1
_TOP: Final = ("schema", "name", "version", "continuous", "discrete")
_CONTINUOUS: Final = ("name", "label", "group", "role", "average", "range", "unit", "spread", "frontal")
_DISCRETE: Final = ("name", "label", "group", "role", "options", "default", "weights", "frontal")
_DISCRETE_OPTIONAL: Final = ("none", "tags")
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL: Final = "tag:yaml.org,2002:null"
_BOOL: Final = "tag:yaml.org,2002:bool"


def load_schema(path: str | Path) -> Schema:
    """Read a schema file.

    Raises:
        SchemaError: the file is missing, is not UTF-8, or is not a schema; with path, line and reason.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise SchemaError(f"The schema cannot be read: {error.strerror}.", path=str(path)) from None
    except UnicodeDecodeError:
        raise SchemaError("The schema is not a UTF-8 text.", path=str(path)) from None
    return parse_schema(text, path)


def parse_schema(text: str, path: str | Path = "") -> Schema:
    """Read a schema's YAML text; `path` is for messages only.

    Raises:
        SchemaError: the text is not a schema; with path, line and reason.
    """
    return read_schema(compose(text, path), path)


def compose(text: str, path: str | Path = "") -> yaml.Node:
    """The YAML nodes of a text, which know their lines.

    Raises:
        SchemaError: the text is empty, or is not YAML; with path and line.
    """
    try:
        root: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise SchemaError(f"This is not YAML: {error.problem}.", path=str(path), line=line) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise SchemaError(f"This is not YAML: {str(error).splitlines()[0]}.", path=str(path)) from None
    if root is None:
        raise SchemaError("The schema is empty.", path=str(path), line=1)
    return root


def read_schema(root: yaml.Node, path: str | Path = "") -> Schema:
    """The schema that YAML nodes describe, for files that hold more than a schema.

    Raises:
        SchemaError: the nodes are no schema; with path, line and reason.
    """
    return _Reader(str(path)).schema(root)


def dump_schema(schema: Schema) -> str:
    """The YAML text of a schema, a parameter a line; `parse_schema` gives the same schema back."""
    head = yaml.safe_dump(
        {"schema": FORMAT, "name": schema.name, "version": schema.version}, sort_keys=False, allow_unicode=True
    )
    lines = [head.rstrip("\n")]
    for key, entries in (
        ("continuous", [_continuous_entry(slider) for slider in schema.continuous]),
        ("discrete", [_discrete_entry(choice) for choice in schema.discrete]),
    ):
        lines.append(f"{key}:" if entries else f"{key}: []")
        lines.extend(f"  - {_flow(entry)}" for entry in entries)
    return "\n".join(lines) + "\n"


def _flow(entry: Mapping[str, object]) -> str:
    text: str = yaml.safe_dump(entry, default_flow_style=True, sort_keys=False, width=math.inf, allow_unicode=True)
    return text.strip()


def _continuous_entry(slider: Continuous) -> dict[str, object]:
    values = {key: getattr(slider, key) for key in _CONTINUOUS if key != "range"} | {"range": [slider.low, slider.high]}
    return {key: values[key] for key in _CONTINUOUS}


def _discrete_entry(choice: Discrete) -> dict[str, object]:
    values = {key: getattr(choice, key) for key in _DISCRETE}
    values |= {key: getattr(choice, key) for key in _DISCRETE_OPTIONAL if getattr(choice, key)}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}


@dataclass(frozen=True)
class _Reader:
    """Walks YAML nodes instead of plain values, because only nodes know their lines."""

    path: str

    def schema(self, root: yaml.Node) -> Schema:
        fields = self._mapping(root, _TOP, "the schema")
        if self._number(fields["schema"], "schema") != FORMAT:
            self._refuse(fields["schema"], f"schema format '{fields['schema'].value}' is unknown; this is {FORMAT}.")
        continuous_nodes = self._sequence(fields["continuous"], "continuous")
        discrete_nodes = self._sequence(fields["discrete"], "discrete")
        continuous = tuple(self._continuous(node) for node in continuous_nodes)
        discrete = tuple(self._discrete(node) for node in discrete_nodes)
        names = [slider.name for slider in continuous] + [choice.name for choice in discrete]
        self._refuse_doubles(names, [*continuous_nodes, *discrete_nodes])
        name, version = self._text(fields["name"], "name"), self._text(fields["version"], "version")
        try:
            return Schema(name, version, continuous, discrete)
        except SchemaError as error:
            self._refuse(root, error.message)

    def _continuous(self, node: yaml.Node) -> Continuous:
        fields = self._mapping(node, _CONTINUOUS, "a continuous parameter")
        ends = self._numbers(fields["range"], "range")
        if len(ends) != 2:
            self._refuse(fields["range"], "range must be [low, high].")
        texts = {key: self._text(fields[key], key) for key in ("name", "label", "group", "role", "unit")}
        average, spread = self._number(fields["average"], "average"), self._number(fields["spread"], "spread")
        frontal = self._bool(fields["frontal"], "frontal")
        try:
            return Continuous(**texts, average=average, low=ends[0], high=ends[1], spread=spread, frontal=frontal)
        except SchemaError as error:
            self._refuse(fields.get(error.field, node), error.message)

    def _discrete(self, node: yaml.Node) -> Discrete:
        fields = self._mapping(node, _DISCRETE, "a discrete parameter", _DISCRETE_OPTIONAL)
        texts = {key: self._text(fields[key], key) for key in ("name", "label", "group", "role", "default")}
        options = tuple(self._text(option, "options") for option in self._sequence(fields["options"], "options"))
        weights = tuple(self._numbers(fields["weights"], "weights"))
        frontal = self._bool(fields["frontal"], "frontal")
        none = self._text(fields["none"], "none") if "none" in fields else None
        tags = self._tags(fields["tags"]) if "tags" in fields else {}
        try:
            return Discrete(**texts, options=options, weights=weights, frontal=frontal, none=none, tags=tags)
        except SchemaError as error:
            self._refuse(fields.get(error.field, node), error.message)

    def _tags(self, node: yaml.Node) -> dict[str, dict[str, str]]:
        """Option -> axis -> class."""
        if not isinstance(node, yaml.MappingNode):
            self._refuse(node, "tags must be a mapping of options.")
        found = {}
        for option, tags in node.value:
            fields = self._mapping(tags, (), "the tags of an option", tuple(TAG_AXES))
            found[self._text(option, "tags")] = {axis: self._text(value, axis) for axis, value in fields.items()}
        return found

    def _refuse_doubles(self, names: Sequence[str], nodes: Sequence[yaml.Node]) -> None:
        first: dict[str, int] = {}
        for name, node in zip(names, nodes, strict=True):
            if name in first:
                self._refuse(node, f"Parameter '{name}' stands twice; first on line {first[name]}.")
            first[name] = node.start_mark.line + 1

    def _mapping(
        self, node: yaml.Node, needed: Sequence[str], what: str, optional: Sequence[str] = ()
    ) -> dict[str, yaml.Node]:
        keys = (*needed, *optional)
        if not isinstance(node, yaml.MappingNode):
            self._refuse(node, f"{what} must be a mapping with the keys {', '.join(keys)}.")
        fields: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None or key not in keys:
                shown = "this key" if key is None else f"key '{key}'"
                self._refuse(key_node, f"{shown} is unknown in {what}; known: {', '.join(keys)}.")
            if key in fields:
                self._refuse(key_node, f"key '{key}' stands twice in {what}.")
            fields[key] = value
        missing = [key for key in needed if key not in fields]
        if missing:
            self._refuse(node, f"{what} lacks {', '.join(missing)}.")
        return fields

    def _sequence(self, node: yaml.Node, key: str) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            self._refuse(node, f"{key} must be a list.")
        return list(node.value)

    def _text(self, node: yaml.Node, key: str) -> str:
        # The text as written: a version 1.10 or an option `off` must not become a number or a truth value.
        if not isinstance(node, yaml.ScalarNode) or node.tag == _NULL:
            self._refuse(node, f"{key} must be a text.")
        return str(node.value)

    def _number(self, node: yaml.Node, key: str) -> float:
        # float() and not YAML's resolver, which takes 1e-3 for a text; a quoted number is a text all the same.
        try:
            value = float(node.value) if isinstance(node, yaml.ScalarNode) and not node.style else math.nan
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self._refuse(node, f"{key} must be a finite number.")
        return value

    def _numbers(self, node: yaml.Node, key: str) -> list[float]:
        return [self._number(entry, key) for entry in self._sequence(node, key)]

    def _bool(self, node: yaml.Node, key: str) -> bool:
        if not isinstance(node, yaml.ScalarNode) or node.tag != _BOOL:
            self._refuse(node, f"{key} must be true or false.")
        return bool(node.value.lower() in ("true", "yes", "on"))

    def _refuse(self, node: yaml.Node, reason: str) -> NoReturn:
        raise SchemaError(reason[0].upper() + reason[1:], path=self.path, line=node.start_mark.line + 1)
