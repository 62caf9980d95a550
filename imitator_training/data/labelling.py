"""Label maps for an engine that draws none: the parser of a bundle labels its pictures.

The parser knows faces of another engine, and takes these for photos; `train parser` adapts it to them afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from f2p.engines.abilities import five_points, has_labels
from f2p.engines.protocol import FRONTAL, Engine, Frame, View

__all__ = ["ParsedEngine", "open_parsed"]

MEASURED = 512  # px of the picture on which the face is looked for


class ParsedEngine:
    """An engine with label maps that a bundle's parser reads off its pictures; in all else the engine itself."""

    has_labels = True

    def __init__(self, engine: Engine, bundle: Path | None) -> None:
        """``bundle``: its folder; the shipped one when None. Raises as `f2p.bundle.load_bundle` does."""
        from f2p.bundle import load_bundle  # here, so that engines with label maps need no torch to be rendered

        known = load_bundle(bundle)
        self._engine, self._parser = engine, known.parser
        self._placed = _placed(engine, known.frame_landmarks5)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def render(self, values: Mapping[str, float | str], size: int = 512, view: View = FRONTAL) -> Frame:
        """The engine's picture, and the region that is likeliest at each pixel."""
        import torch

        from f2p.imaging.geometry import apply, warp
        from f2p.networks.face_parser import parse_photo

        image = self._engine.render(values, size, view).image
        to_frame = self._placed @ np.diag([1 / size, 1 / size, 1])
        probabilities = parse_photo(self._parser, warp(image, to_frame, size))[0]
        found = probabilities.argmax(0).to(torch.uint8).numpy()
        centres = (np.arange(size) + 0.5) / size
        places = apply(self._placed, np.stack(np.meshgrid(centres, centres), -1))
        column, row = np.clip(np.floor(places * size).astype(int), 0, size - 1).transpose(2, 0, 1)
        return Frame(image, found[row, column])

    def close(self) -> None:
        self._engine.close()


def open_parsed(opener: Callable[[], Engine], bundle: Path | None = None) -> Engine:
    """The engine that ``opener`` opens; one that draws no label maps with those of the bundle's parser."""
    engine = opener()
    if has_labels(engine):
        return engine
    try:
        return ParsedEngine(engine, bundle)
    except BaseException:
        engine.close()
        raise


def _placed(engine: Engine, frame: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Similarity (2, 3) in fractions of the side, from the engine's pictures to the ``frame`` that the parser knows."""
    from f2p.face.detection import find_faces
    from f2p.imaging.geometry import similarity

    points = five_points(engine)
    if points is None:
        faces = find_faces(engine.render({}, MEASURED).image, verify=False)
        points = faces[0].landmarks5 / MEASURED if len(faces) == 1 else None
    return np.eye(2, 3) if points is None else similarity(points, frame)
