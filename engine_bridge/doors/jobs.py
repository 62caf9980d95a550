"""A job: one picture to draw, as the JSON document that every door but gRPC carries.

{"op": "render", "size": 128, "yaw": 0.0, "pitch": 0.0, "roll": 0.0, "light": 0, "labels": true,
 "values": {"nose_width": 0.62},                   normalised; what is missing stands at the average
 "engine_values": {"nose_width": 0.24, ...}}       in the engine's units, every slider and choice
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from f2p.engines.protocol import View
from f2p.schema import Schema

__all__ = ["Values", "plain_values", "render_job", "view_of"]

Values = Mapping[str, float | str]


def render_job(schema: Schema, values: Values, size: int, view: View, labels: bool = True) -> dict[str, Any]:
    """The document of a picture.

    Raises:
        ParameterError: a value does not fit the schema.
    """
    plain = plain_values(values)
    whole = schema.decode(schema.encode(plain))
    return {
        "op": "render",
        "size": size,
        "yaw": view.yaw,
        "pitch": view.pitch,
        "roll": view.roll,
        "light": view.light,
        "labels": labels,
        "values": plain,
        "engine_values": schema.to_engine(whole),
    }


def plain_values(values: Values) -> dict[str, float | str]:
    """Numbers of any type as floats, which JSON carries to the last bit."""
    return {name: value if isinstance(value, str) else float(value) for name, value in values.items()}


def view_of(job: Mapping[str, Any]) -> View:
    """The view that a job asks for."""
    return View(float(job["yaw"]), float(job["pitch"]), float(job["roll"]), int(job["light"]))
