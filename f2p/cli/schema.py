"""`f2p schema`: the engine's parameters."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from f2p.schema import Parameter, Schema


def schema(*, bundle: Path | None = None, format: Literal["table", "yaml", "json"] = "table") -> None:
    """List a bundle's parameters.

    Args:
        bundle: the bundle's folder; the shipped one by default.
        format: a table for people, or the schema itself as YAML or JSON.
    """
    from f2p.bundle import load_bundle
    from f2p.schema import dump_schema

    found = load_bundle(bundle).schema
    if format == "yaml":
        print(dump_schema(found), end="")
    elif format == "json":
        print(json.dumps(_as_json(found), indent=2))
    else:
        _print_table(found)


def _as_json(found: "Schema") -> dict[str, object]:
    return {
        "name": found.name,
        "version": found.version,
        "hash": found.hash,
        "continuous": [asdict(slider) for slider in found.continuous],
        "discrete": [asdict(choice) for choice in found.discrete],
    }


def _print_table(found: "Schema") -> None:
    from rich.console import Console
    from rich.table import Table

    parameters: list[Parameter] = [*found.continuous, *found.discrete]
    title = f"{found.name} {found.version}: {len(found.continuous)} sliders, {len(found.discrete)} choices"
    table = Table(title=title, caption=f"schema {found.hash}")
    for heading in ("group", "name", "label", "role", "average", "range or options"):
        table.add_column(heading, overflow="fold")
    order = {group: place for place, group in enumerate(found.groups)}
    for parameter in sorted(parameters, key=lambda item: order[item.group]):
        table.add_row(parameter.group, parameter.name, parameter.label, parameter.role, *_columns(parameter))
    Console().print(table)


def _columns(parameter: "Parameter") -> tuple[str, str]:
    from f2p.schema import Continuous

    if isinstance(parameter, Continuous):
        return f"{parameter.average:.3f}", f"{parameter.low:g} … {parameter.high:g} {parameter.unit}"
    return parameter.default, ", ".join(parameter.options)
