"""Expressions and poses that a set of data folders covers, as options of a network that is trained on it."""

from __future__ import annotations

from typing import Any

from f2p.errors import TrainingError
from imitator_training.data.dataset import Renders
from imitator_training.data.expressions import shown_units

__all__ = ["posed_options"]


def posed_options(data: Renders) -> dict[str, Any]:
    """Options `expressions` (spread by unit) and `pose` (largest yaw, pitch, roll in degrees, or ()) of an imitator or
    translator for this data.

    Raises TrainingError when the data was rendered for a parser: with lights, or with expressions or poses of any kind.
    """
    reach = [0.0, 0.0, 0.0]
    for manifest in data.manifests:
        sampling = manifest.sampling
        angles = [sampling.get(name, 0.0) for name in ("yaw", "pitch", "roll")]
        posed = any(angles) or sampling.get("expressions", 0.0)
        if sampling.get("lights", 0.0) or (posed and not sampling.get("photo_like")):
            raise TrainingError(
                f"The data of seed {manifest.seed} is a parser's: it has lights, or expressions and poses of any kind.",
                "Render some with --photo-like.",
            )
        reach = [max(pair) for pair in zip(reach, angles, strict=True)]
    return {"expressions": shown_units(data.schema), "pose": tuple(reach) if any(reach) else ()}
