"""A Python engine behind the door of child processes: `python -m engine_bridge.worker factory MODULE:CALLABLE`, or
`target NAME_OR_ADDRESS`. Speaks what `engine_bridge.doors.pipe` describes."""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any, BinaryIO

from engine_bridge.doors.failures import sent_error
from engine_bridge.doors.jobs import view_of
from engine_bridge.doors.pictures import checked_frame
from f2p.engines.abilities import crashes, five_points, has_labels
from f2p.engines.exporting import export_character
from f2p.engines.protocol import Engine, Exporter
from f2p.engines.registry import open_engine
from f2p.schema import dump_schema

__all__ = ["answer_on_standard_streams", "made_by"]


def made_by(factory: str) -> Engine:
    """The engine that ``module:callable`` makes."""
    module, _, name = factory.partition(":")
    engine: Engine = getattr(importlib.import_module(module), name)()
    return engine


def answer_on_standard_streams(kind: str, what: str) -> None:
    """Open the engine and answer until the input ends."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever an engine prints must not get between the frames
    try:
        engine = made_by(what) if kind == "factory" else open_engine(what)
        ready = {
            "ready": engine.name,
            "schema": dump_schema(engine.schema),
            "labels": has_labels(engine),
            "sample": hasattr(engine, "sample"),
            "five_points": hasattr(engine, "five_points"),
            "formats": list(engine.formats) if isinstance(engine, Exporter) else [],
        }
    except Exception as error:
        _send(out, {"error": sent_error(error)})
        return
    _send(out, ready)
    told = 0
    for line in sys.stdin.buffer:
        body = b""
        try:
            head, body = _answer(engine, json.loads(line))
        except Exception as error:
            head = {"error": sent_error(error)}
        fresh = crashes(engine)[told:]
        told += len(fresh)
        _send(out, head | {"crashes": fresh} if fresh else head, body)
    engine.close()


def _answer(engine: Engine, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    if request["op"] == "sample":
        return {"values": dict(engine.sample(int(request["seed"])))}, b""
    if request["op"] == "five_points":
        points = five_points(engine, view_of(request))
        return {"points": None if points is None else points.tolist()}, b""
    size = int(request["size"])
    if request["op"] == "export":
        body = export_character(engine, request["values"], str(request["format"]), size)
        return {"bytes": len(body)}, body
    frame = engine.render(request["values"], size, view_of(request))
    frame = checked_frame(frame.image, frame.labels, size)
    head = {"image": frame.image.shape, "labels": frame.labels.shape}
    return head, frame.image.tobytes() + frame.labels.tobytes()


def _send(out: BinaryIO, head: dict[str, Any], body: bytes = b"") -> None:
    out.write(json.dumps(head).encode() + b"\n" + body)
    out.flush()


if __name__ == "__main__":
    answer_on_standard_streams(*sys.argv[1:3])
