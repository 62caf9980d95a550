"""What an engine may offer beyond `f2p.engines.protocol.Engine`, and what stands in where it does not.

The only place where that is decided: the doors, the trainer and the check ask here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from f2p.engines.protocol import FRONTAL, View
from f2p.schema import Schema

__all__ = ["crashes", "five_points", "has_labels", "sample", "sample_values"]

WIDTHS = (0.6, 1.4)
FARTHEST = 3.0


def five_points(engine: Any, view: View = FRONTAL) -> npt.NDArray[np.float64] | None:
    """(5, 2) places of the face points in the average face's picture, fractions of the side, in dlib's order; None
    where the engine does not know them, so that a detector must find them."""
    own: Callable[[View], Any] | None = getattr(engine, "five_points", None)
    points = None if own is None else own(view)
    return None if points is None else np.asarray(points, np.float64)


def has_labels(engine: Any) -> bool:
    """Whether the engine draws label maps; those of one that does not are background everywhere."""
    return bool(getattr(engine, "has_labels", True))


def crashes(engine: Any) -> tuple[str, ...]:
    """A sentence for each time that the engine's process died and was started anew."""
    return tuple(getattr(engine, "crashes", ()))


def sample(engine: Any, seed: int) -> dict[str, float | str]:
    """Normalised values of a random character: the engine's own ``sample``, or `sample_values` where it has none.

    An engine knows best how its sliders belong together (skin tone with hair colour, say).
    """
    own: Callable[[int], Mapping[str, float | str]] | None = getattr(engine, "sample", None)
    return sample_values(engine.schema, np.random.default_rng(seed)) if own is None else dict(own(seed))


def sample_values(schema: Schema, rng: np.random.Generator) -> dict[str, float | str]:
    """Independent sliders: average + spread * width * N(0, 1), cut at 3 spreads and to [0, 1]; options by weight.

    One width per character, from U(.6, 1.4): the networks then see both ordinary and outspoken faces.
    """
    width = rng.uniform(*WIDTHS)
    values: dict[str, float | str] = {}
    for slider, deviate in zip(schema.continuous, rng.standard_normal(schema.continuous_size), strict=True):
        far = np.clip(deviate * width, -FARTHEST, FARTHEST)
        values[slider.name] = float(np.clip(slider.average + slider.spread * far, 0.0, 1.0))
    for discrete in schema.discrete:
        values[discrete.name] = discrete.options[rng.choice(len(discrete.options), p=discrete.weights)]
    return values
