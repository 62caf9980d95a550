"""The array types that every room shares."""

import numpy as np
import numpy.typing as npt

__all__ = ["Pixels"]

Pixels = npt.NDArray[np.uint8]
"""An sRGB picture, uint8 (H, W, 3)."""
