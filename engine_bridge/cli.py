"""The program `engine-bridge`: check an engine, look at its characters, and bake the reference engine's asset."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from f2p.command_line import Command, Program
from f2p.errors import CharacterError, ParameterError

if TYPE_CHECKING:
    from engine_bridge.arguments import Bake, Check, Gallery, Measure, Render, Serve

__all__ = ["PROGRAM", "main"]


def _render(command: Render) -> None:
    from PIL import Image

    from f2p.engines.protocol import View
    from f2p.engines.registry import open_engine
    from f2p.regions import PALETTE

    values: dict[str, float | str] = {}
    if command.values is not None:
        try:
            values = json.loads(command.values.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CharacterError(
                f"{command.values} can't be read: {error}.", "Give a JSON object of values by slider name."
            ) from error
    engine = open_engine(command.engine)
    if command.seed is not None:
        values = engine.sample(command.seed)
    frame = engine.render(values, command.size, View(command.yaw, command.pitch, command.roll, command.light))
    engine.close()
    with _writing(command.out):
        Image.fromarray(frame.image).save(command.out, "PNG")
        Image.fromarray(PALETTE[frame.labels]).save(command.out.with_suffix(".labels.png"))


def _check(command: Check) -> int:
    from engine_bridge.check import check_target
    from engine_bridge.check.page import report_page
    from f2p.engines.time_limits import set_time_limits
    from f2p.findings import Finding, print_findings

    set_time_limits(command.start_seconds, command.frame_seconds)
    results = []

    def findings() -> Iterator[Finding]:
        for result in check_target(command.target, command.seconds, command.slowest):
            results.append(result)
            yield result.finding

    code = print_findings(findings(), width=12)
    if command.report is not None:
        with _writing(command.report):
            command.report.write_text(report_page(command.target, results), "utf-8")
        print(command.report)
    return code


def _serve(command: Serve) -> None:
    from engine_bridge.serving import serve

    serve(command.engine, command.at, command.workers)


def _gallery(command: Gallery) -> None:
    from engine_bridge.gallery import write_gallery
    from f2p.engines.registry import open_engine

    engine = open_engine(command.engine)
    with _writing(command.out):
        for file in write_gallery(engine, command.out, command.people, command.size):
            print(file)
    engine.close()


def _new(command: Any) -> None:
    from engine_bridge.gltf.new import draft_engine

    with _writing(command.head):
        if command.head.suffix == ".blend":
            from engine_bridge.blender.new import draft_blend

            written = draft_blend(command.head, command.force, command.labels)
        else:
            written = draft_engine(command.head, command.force, command.labels)
    for line in written.summary:
        print(line)
    for path in (written.yaml, *written.labels, written.preview):
        print(path)


def _bake(command: Bake) -> None:
    from engine_bridge.makehuman.bake import bake

    with _writing(command.out):
        bake(command.out)


def _measure(command: Measure) -> None:
    from engine_bridge.makehuman.make_schema import write_schema

    with _writing(command.out):
        write_schema(command.out)


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    """Turn an OSError within the block into a ParameterError that names the file."""
    try:
        yield
    except OSError as error:
        raise ParameterError(f"{out} cannot be written: {error.strerror or error}.", "Choose another --out.") from None


def _command(summary: str, arguments: str, run: Callable[[Any], int | None]) -> Command:
    """A command whose arguments are the dataclass ``MODULE:NAME``."""

    def load() -> Any:
        module, _, name = arguments.partition(":")
        return getattr(importlib.import_module(f"engine_bridge.{module}"), name)

    return Command(summary=summary, load=load, run=run, extra="engine")


PROGRAM = Program(
    name="engine-bridge",
    description="Checks and shows engines, and makes the reference engine's files.",
    commands={
        "render": _command("draw one character and its label map", "arguments:Render", _render),
        "check": _command("check whether an engine keeps the contract", "arguments:Check", _check),
        "serve": _command("put an engine behind a door: gRPC, a folder, a pipe", "arguments:Serve", _serve),
        "gallery": _command("draw contact sheets of all that an engine can show", "arguments:Gallery", _gallery),
        "new": _command("draft the engine of a head in a .glb file", "gltf.command:New", _new),
        "bake": _command("bake the reference engine's asset again", "arguments:Bake", _bake),
        "measure": _command("measure the reference engine's sliders anew", "arguments:Measure", _measure),
    },
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command of engine-bridge; the exit code."""
    return PROGRAM.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
