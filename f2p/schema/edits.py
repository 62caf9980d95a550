"""A player's edits and locks: names, groups and values, checked against the schema."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from f2p.errors import ParameterError
from f2p.schema import Schema

__all__ = ["edited", "locked_names"]


def locked_names(schema: Schema, locked: Collection[str]) -> frozenset[str]:
    """The parameters of these names and groups; a name that is both a parameter's and a group's means both.

    Raises:
        ParameterError: something is neither; the message has what is near.
    """
    names: set[str] = set()
    for wanted in locked:
        found = {p.name for p in schema.parameters if wanted in (p.name, p.group)}
        if not found:
            near = get_close_matches(wanted, (*schema.groups, *schema.names), n=3)
            remedy = f"Did you mean {' or '.join(near)}?" if near else f"The groups are {', '.join(schema.groups)}."
            raise ParameterError(f"There is no parameter and no group '{wanted}'.", remedy, parameter=wanted)
        names |= found
    return frozenset(names)


def edited(
    schema: Schema, values: Mapping[str, float | str], changes: Mapping[str, float | str]
) -> dict[str, float | str]:
    """The values with the changes made, by name in the schema's order; normalised, options by name.

    Raises:
        ParameterError: a name is unknown, a value is outside [0, 1], an option does not exist.
    """
    schema.encode(changes)
    return {name: changes.get(name, values[name]) for name in schema.names}
