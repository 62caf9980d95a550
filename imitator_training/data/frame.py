"""The engine frame: where the five face points lie in the engine's picture of an average face, and how they move when
the head turns.

A photo is brought into the frame by its five points, and with it a turned head: its eyes come to lie where a frontal
face has them. What is rendered to be compared with photos is brought there the same way, by the points of the average
face in that pose. A plain tilt of the head (roll) vanishes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from f2p.engines.abilities import five_points
from f2p.engines.protocol import SIZES, Frame, View
from f2p.errors import NoFace
from imitator_training.data.sampling import SampleConfig, draw

__all__ = ["Turns", "measure_frame", "measure_turns", "recentring", "render_recentred"]

SIZE = 512
RANDOM_FACES = 23
FEWEST = 12
TURNED_SIZE = 320
TURNED_FACES = 2
SHARES = (-1.0, -0.5, 0.0, 0.5, 1.0)
"""Of the largest angles, where turned heads are measured."""
UNIT = 10.0
"""Degrees that count as one in `Turns`."""

Turns = npt.NDArray[np.float64]
"""(6, 5, 2): the five points in fractions of the side, as polynomials 1, y, p, y y, y p, p p of yaw and pitch in
units of 10 degrees."""


def measure_frame(engine: Any, seed: int = 0) -> npt.NDArray[np.float64]:
    """(5, 2) points as fractions of the side, in dlib's order: mean over the average face and some random neutral ones.

    Detected on the renders, as they will be on photos, so that a detector's habits cancel out. An engine that no face
    detector understands may offer ``five_points() -> (5, 2)`` instead. Raises NoFace when too few faces are found.
    """
    own = five_points(engine)
    if own is not None:
        return own
    from f2p.face.detection import find_faces  # here and below, so that frontal renders of such an engine need no torch

    # Another seed than the data's, so that no held-out face has a say in it.
    samples = [draw(engine, seed + 2**32, index, SampleConfig()).values for index in range(RANDOM_FACES)]
    found = []
    for values in [{}, *samples]:
        faces = find_faces(engine.render(values, SIZE).image, verify=False)
        if len(faces) == 1:
            found.append(faces[0].landmarks5 / SIZE)
    if len(found) < FEWEST:
        raise NoFace(
            f"A face was found in only {len(found)} of {RANDOM_FACES + 1} renders of the engine.",
            "Let the average face look straight at the camera and fill about half of the picture.",
        )
    return np.mean(found, 0)


def measure_turns(engine: Any, yaw: float, pitch: float, seed: int = 0) -> Turns:
    """Five points as a function of yaw and pitch, up to these degrees: least squares over some faces.

    An engine with ``five_points`` of its own is asked for those of each view. Raises NoFace when too few are found.
    """
    views = [View(yaw * a, pitch * b) for a in SHARES for b in SHARES]
    rows, points = [], []
    for view, landmarks5 in _found(engine, views, seed):
        rows.append(_terms(view))
        points.append(landmarks5.ravel())
    if len(rows) < len(views) // 2:
        raise NoFace(
            f"A face was found in only {len(rows)} renders of turned heads.", "Turn them less: give a smaller angle."
        )
    fit = np.linalg.lstsq(np.array(rows), np.array(points), rcond=None)[0]
    return fit.reshape(-1, 5, 2)


def recentring(turns: Turns, view: View) -> npt.NDArray[np.float64]:
    """Similarity (2, 3) in fractions of the side, from the engine's picture in that view into the frame."""
    from f2p.imaging.geometry import similarity

    return similarity(np.tensordot(_terms(view), turns, 1), np.tensordot(_terms(View()), turns, 1))


def render_recentred(engine: Any, values: Mapping[str, float | str], size: int, view: View, turns: Turns) -> Frame:
    """The engine's picture of a turned head, brought into the frame; of a frontal one as it is."""
    if not view.yaw and not view.pitch:
        frame: Frame = engine.render(values, size, view)
        return frame
    from f2p.imaging.geometry import apply, invert, warp

    # Drawn larger, as far as the engine allows: resampling pixel by pixel would blur, and turned heads alone.
    fine = engine.render(values, min(size * 3 // 2, SIZES[1]), view)
    side = fine.image.shape[0]
    transform = recentring(turns, view) @ np.diag([1 / side, 1 / side, 1])
    image = warp(fine.image, transform, size).mul(255).round().byte().permute(1, 2, 0).contiguous().numpy()
    centres = (np.arange(size) + 0.5) / size
    places = apply(invert(transform), np.stack(np.meshgrid(centres, centres), -1))
    column, row = np.clip(np.floor(places).astype(int), 0, side - 1).transpose(2, 0, 1)
    return Frame(image, fine.labels[row, column])


def _terms(view: View) -> npt.NDArray[np.float64]:
    y, p = view.yaw / UNIT, view.pitch / UNIT
    return np.array([1.0, y, p, y * y, y * p, p * p])


def _found(engine: Any, views: list[View], seed: int) -> Iterator[tuple[View, npt.NDArray[np.float64]]]:
    if views and five_points(engine, views[0]) is not None:
        for view in views:
            own = five_points(engine, view)
            if own is not None:
                yield view, own
        return
    from f2p.face.detection import find_faces

    samples = [draw(engine, seed + 2**32, index, SampleConfig()).values for index in range(TURNED_FACES - 1)]
    for values in [{}, *samples]:
        for view in views:
            faces = find_faces(engine.render(values, TURNED_SIZE, view).image, verify=False)
            if len(faces) == 1:
                yield view, faces[0].landmarks5 / TURNED_SIZE
