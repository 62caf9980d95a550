"""The child's side of `engine_bridge.process`: reads requests on standard input, writes frames on standard output."""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import BinaryIO

from f2p.engines.exporting import export_character
from f2p.engines.protocol import Engine, Exporter, View
from f2p.errors import EngineFailed, F2PError
from f2p.errors.transport import to_dict


def _answer(engine: Engine, request: dict[str, object], out: BinaryIO) -> None:
    if request["op"] == "sample":
        _send(out, {"values": engine.sample(int(request["seed"]))})  # type: ignore[call-overload]
        return
    if request["op"] == "formats":
        _send(out, {"formats": engine.formats if isinstance(engine, Exporter) else ()})
        return
    if request["op"] == "export":
        body = export_character(engine, request["values"], str(request["format"]), int(request["size"]))  # type: ignore[arg-type, call-overload]
        _send(out, {"bytes": len(body)}, body)
        return
    frame = engine.render(request["values"], int(request["size"]), View(*request["view"]))  # type: ignore[arg-type, call-overload, misc]
    _send(out, {"size": frame.labels.shape[0]}, frame.image.tobytes() + frame.labels.tobytes())


def _send(out: BinaryIO, head: dict[str, object], body: bytes = b"") -> None:
    out.write(json.dumps(head).encode() + b"\n" + body)
    out.flush()


def _refuse(out: BinaryIO, error: Exception) -> None:
    known = (
        error
        if isinstance(error, F2PError)
        else EngineFailed(
            f"The engine failed: {type(error).__name__}: {error}.", "Report it, with the values that it drew."
        )
    )
    _send(out, {"error": to_dict(known)})


def main(factory: str) -> None:
    """Serve the engine that ``module:callable`` makes, until the parent closes the pipe."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever an engine prints must not get between the frames
    module, _, name = factory.partition(":")
    try:
        engine: Engine = getattr(importlib.import_module(module), name)()
    except Exception as error:
        _refuse(out, error)
        return
    _send(out, {"ready": engine.name})
    for line in sys.stdin.buffer:
        try:
            _answer(engine, json.loads(line), out)
        except Exception as error:
            _refuse(out, error)
    engine.close()


if __name__ == "__main__":
    main(sys.argv[1])
