"""Failures on the way through a door: errors that keep their cause, and schemas that do not agree."""

from __future__ import annotations

import traceback
from typing import Any

from f2p.errors import EngineFailed, F2PError
from f2p.errors.transport import from_dict, to_dict
from f2p.schema import Schema
from f2p.schema.parameters import Continuous, Discrete, Parameter

__all__ = ["EngineTraceback", "compare_schemas", "received_error", "sent_error"]

_REMEDY = "Mend the engine; the traceback of its process shows where (F2P_TRACEBACK=1)."


class EngineTraceback(Exception):
    """Cause of an error that came from an engine's process: the traceback there, as text."""

    def __str__(self) -> str:
        return f"\n\n{self.args[0]}"


def sent_error(error: Exception) -> dict[str, Any]:
    """An exception as values that JSON carries; of what is not ours, the place where it was raised too."""
    known = error if isinstance(error, F2PError) else None
    if known is None:
        last = traceback.extract_tb(error.__traceback__)[-1:]
        place = "".join(f" ({entry.filename}:{entry.lineno} in {entry.name})" for entry in last)
        known = EngineFailed(f"The engine failed: {type(error).__name__}: {error}{place}.", _REMEDY)
    return to_dict(known) | {"traceback": "".join(traceback.format_exception(error))}


def received_error(content: Any) -> F2PError:
    """The exception that `sent_error` wrote, with the traceback there as its cause; or the one of a program's own
    words."""
    if not isinstance(content, dict):
        return EngineFailed(f"The engine failed: {content}.", "Mend the engine; its own output may say more.")
    error = from_dict({"details": {}, "remedy": "", **content})
    if error is None:
        error = EngineFailed(str(content.get("message", content)), str(content.get("remedy", "")))
    if content.get("traceback"):
        error.__cause__ = EngineTraceback(content["traceback"])
    return error


def compare_schemas(name: str, expected: Schema | None, found: Schema) -> None:
    """Raises EngineFailed where an engine's process draws by other sliders than it should, with what differs."""
    if expected is None or expected.hash == found.hash:
        return
    old, new = ({p.name: p for p in schema.parameters} for schema in (expected, found))
    differing = [f"'{key}' is new" for key in new if key not in old] + [
        f"'{key}' is gone" for key in old if key not in new
    ]
    differing += [_difference(old[key], new[key]) for key in old if key in new and old[key] != new[key]]
    shown = "; ".join([text for text in differing if text][:5]) or "name, version or order"
    raise EngineFailed(
        f"The engine '{name}' draws by another schema than was expected: {shown}.",
        "Give both sides the same schema.yaml; what was trained on the other one must be trained again.",
    )


def _difference(old: Parameter, new: Parameter) -> str:
    if isinstance(old, Continuous) and isinstance(new, Continuous) and (old.low, old.high) != (new.low, new.high):
        return f"the range of '{old.name}' is [{new.low:g}, {new.high:g}], not [{old.low:g}, {old.high:g}]"
    if isinstance(old, Discrete) and isinstance(new, Discrete) and old.options != new.options:
        return f"the options of '{old.name}' are {', '.join(new.options)}, not {', '.join(old.options)}"
    fields = ("role", "average", "spread", "unit", "group", "frontal", "default", "weights")
    changed = [key for key in fields if getattr(old, key, None) != getattr(new, key, None)]
    return f"{', '.join(changed)} of '{old.name}'" if changed else ""
