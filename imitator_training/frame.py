"""The engine frame: where the five face points lie in the engine's picture of an average face."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from f2p.errors import NoFace
from imitator_training.sampling import SampleConfig, draw

__all__ = ["measure_frame"]

SIZE = 512
RANDOM_FACES = 23
FEWEST = 12


def measure_frame(engine: Any, seed: int = 0) -> npt.NDArray[np.float64]:
    """(5, 2) points as fractions of the side, in dlib's order: mean over the average face and some random neutral ones.

    Detected on the renders, as they will be on photos, so that a detector's habits cancel out. An engine that no face
    detector understands may offer ``five_points() -> (5, 2)`` instead. Raises NoFace when too few faces are found.
    """
    if hasattr(engine, "five_points"):
        return np.asarray(engine.five_points(), np.float64)
    from f2p.align import find_faces  # here, so that an engine with points of its own needs neither torch nor dlib

    # Another seed than the data's, so that no held-out face has a say in it.
    samples = [draw(engine, seed + 2**32, index, SampleConfig()).values for index in range(RANDOM_FACES)]
    found = []
    for values in [{}, *samples]:
        faces = find_faces(engine.render(values, SIZE).image)
        if len(faces) == 1:
            found.append(faces[0].five / SIZE)
    if len(found) < FEWEST:
        raise NoFace(
            f"A face was found in only {len(found)} of {RANDOM_FACES + 1} renders of the engine.",
            "Let the average face look straight at the camera and fill about half of the picture.",
        )
    return np.mean(found, 0)
