"""Fixtures of the unit tests: a real face, and where an engine would want it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from skimage import data


@pytest.fixture(scope="session")
def astronaut() -> npt.NDArray[np.uint8]:
    """A real face: (512, 512, 3) uint8, a public-domain portrait of Eileen Collins by NASA. Do not write to it."""
    return np.array(data.astronaut())


@pytest.fixture(scope="session")
def frame_landmarks5() -> npt.NDArray[np.float64]:
    """Five points of an average face in a plausible engine's frame (5, 2), in fractions."""
    return np.array([(0.66, 0.42), (0.56, 0.425), (0.34, 0.42), (0.44, 0.425), (0.5, 0.58)])
