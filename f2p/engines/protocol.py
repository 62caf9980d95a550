"""The engine protocol: the one contract between f2p and a plugin that draws characters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from f2p.errors import BundleIncompatible, ParameterError
from f2p.limits import ENGINE_PICTURE_SIDES
from f2p.schema import Schema

__all__ = [
    "FRONTAL",
    "PROFILE",
    "SIZES",
    "THREE_QUARTER",
    "Engine",
    "Exporter",
    "Frame",
    "View",
    "check_size",
    "check_sliders",
]

SIZES = ENGINE_PICTURE_SIDES


@dataclass(frozen=True)
class View:
    """A view of the head, in degrees: ``yaw`` in [-90, 90] to the viewer's right, ``pitch`` in [-45, 45]
    up, ``roll`` clockwise; and its illumination: ``light`` 0 is the engine's neutral studio, any other number a light
    set-up that is drawn with that number as its seed."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    light: int = 0


FRONTAL, THREE_QUARTER, PROFILE = View(), View(yaw=40.0), View(yaw=90.0)


@dataclass(frozen=True)
class Frame:
    """A picture: ``image`` uint8 (S, S, 3) sRGB, ``labels`` uint8 (S, S), the index in `f2p.regions.REGIONS`
    that each pixel shows."""

    image: NDArray[np.uint8]
    labels: NDArray[np.uint8]


@runtime_checkable
class Engine(Protocol):
    """An engine: its sliders, and renders of characters with given slider values.

    Values are normalised: [0, 1] for continuous sliders, option names for discrete ones; missing ones stand at
    the average. The same values give the same bytes. What an engine may offer besides, and what it may leave out, is in
    `f2p.engines.abilities`.
    """

    name: str

    @property
    def schema(self) -> Schema: ...

    def render(self, values: Mapping[str, float | str], size: int = 512, view: View = FRONTAL) -> Frame:
        """Draw a character.

        Raises:
            ParameterError: an unknown slider, a value out of range, or a size outside 64..1024.
            EngineError: the engine is not there, or failed.
        """
        ...

    def sample(self, seed: int) -> dict[str, float | str]:
        """The values of a random, plausible character: the distribution that the imitator is trained on."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Exporter(Protocol):
    """What an engine may offer besides: its characters as files for games and browsers."""

    @property
    def formats(self) -> tuple[str, ...]:
        """Names of the formats; the file of each is described in docs/export.md."""
        ...

    def export(self, values: Mapping[str, float | str], format: str = "glb", size: int = 1024) -> bytes:
        """A character as a file.

        Args:
            values: normalised, as for `Engine.render`.
            format: one of `formats`.
            size: side of the largest textures in pixels, a power of two from 256 to 4096.

        Raises:
            ParameterError: an unknown slider, a value out of range, another format or size.
            EngineError: the engine is not there, or failed.
        """
        ...


def check_size(size: int) -> None:
    """Raises ParameterError unless ``size`` is a picture side that engines must draw."""
    if not SIZES[0] <= size <= SIZES[1]:
        raise ParameterError(
            f"A picture of {size} px is not possible.", f"Ask for {SIZES[0]} to {SIZES[1]} px.", size=size
        )


def check_sliders(engine: Engine, schema: Schema) -> None:
    """Raises BundleIncompatible unless the engine has the sliders of a bundle's ``schema``."""
    if engine.schema.identity != schema.identity:
        raise BundleIncompatible(
            f"The engine '{engine.name}' has other parameters than the bundle was trained for.",
            "Install the engine's matching release, or train a bundle for this one.",
        )
