"""Measurement of a recipe's answer on the engine's own render of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.likeness.metrics import UNSEEN, colour_errors, label_iou, landmark_distance
from benchmarks.likeness.recipes import Answer
from benchmarks.likeness.records import Row
from benchmarks.likeness.subjects import SIDE, Detect, Subject, embed, to_pixels
from f2p.arrays import Pixels
from f2p.bundle import Bundle
from f2p.character.character import rounded
from f2p.character.records import FaceExpression
from f2p.engines.protocol import Engine, View
from f2p.face.crops import crop_chips, photo_chips
from f2p.face.detection import Face, find_faces
from f2p.fitting.scale import expected_zoom
from f2p.imaging.geometry import apply, invert, similarity


@dataclass(frozen=True)
class Judge:
    """All that answers are measured with."""

    bundle: Bundle
    engine: Engine
    detect: Detect

    def measure(self, subject: Subject, answer: Answer, known: Subject | None = None) -> tuple[Row, Pictures]:
        """The record of an answer, and its pictures.

        subject: what was solved. known: the photo that the answer is compared with, where it is another (the
        undegraded one).
        """
        photo = known or subject
        values = rounded(self.bundle.schema.decode(answer.x.numpy()))
        frame = self.engine.render(values, size=SIDE)
        with torch.no_grad():
            drawing = self.bundle.imitator(answer.x[None]).image
        grey, faces = photo.target.grey, find_faces(frame.image)
        zoom = expected_zoom(self.bundle.statistics, answer.x[None])[0] if answer.zoom is None else answer.zoom
        framed, drawn = (
            embed(crop_chips(picture, self.bundle.frame_landmarks5, zoom=torch.as_tensor(zoom)), grey)
            for picture in (_tensor(frame.image), drawing)
        )
        row: Row = {
            "photo": photo.name,
            "faces_found": len(faces),
            "values": values,
            "losses": answer.losses,
            "energy": energy(self.bundle, answer.x),
            "seconds": subject.seconds + answer.seconds,
        }
        if photo.hand is not None:
            row |= label_iou(self._aligned(frame.labels, faces), photo.hand)
        row |= colour_errors(to_pixels(photo.aligned.image), photo.regions, frame.image, frame.labels, grey)
        points = None if photo.points is None else self.detect(frame.image)
        if photo.points is not None and points is not None:
            row |= landmark_distance(photo.points, points)
        if photo.points is not None and answer.face is not None:
            worn = self.detect(self._worn(values, answer.face))
            row |= {} if worn is None else {"landmarks_worn": landmark_distance(photo.points, worn)["landmarks"]}
        elif "landmarks" in row:
            row["landmarks_worn"] = row["landmarks"]
        embeddings = {
            "render": embed(photo_chips(frame.image, faces[0].landmarks5), grey) if faces else framed,
            "framed": framed,
            "drawing": drawn,
        }
        record = {
            "row": row,
            "search_seconds": answer.seconds,
            **{name: as_list(embedding) for name, embedding in embeddings.items()},
        }
        return record, Pictures(drawing=to_pixels(drawing[0]), render=frame.image)

    def _aligned(self, labels: Pixels, faces: Sequence[Face]) -> Pixels:
        """The render's labels (H, H) in the frame that the photo was brought into: on the render's own five points."""
        if not faces:
            return labels
        side = len(labels)
        back = invert(similarity(faces[0].landmarks5, self.bundle.frame_landmarks5))
        centres = (np.arange(side) + 0.5) / side
        column, row = np.floor(apply(back, np.stack(np.meshgrid(centres, centres), -1))).astype(int).transpose(2, 0, 1)
        inside = (column >= 0) & (column < side) & (row >= 0) & (row < side)
        found: Pixels = np.where(inside, labels[row.clip(0, side - 1), column.clip(0, side - 1)], UNSEEN)
        return found

    def _worn(self, values: Mapping[str, float | str], face: FaceExpression) -> Pixels:
        """The character as the photo shows it: with its expression, and turned as the head is."""
        engine: Any = self.engine  # f2p's own view of an engine knows heads from the front only
        pixels: Pixels = engine.render({**values, **face.units}, SIDE, View(face.yaw, face.pitch)).image
        return pixels


@dataclass(frozen=True)
class Pictures:
    """G(x) (S, S, 3) and the engine's render (512, 512, 3) of an answer."""

    drawing: Pixels
    render: Pixels


def photo_record(subject: Subject) -> Row:
    """Record of a photo."""
    return {
        "grey": subject.target.grey,
        "embedding": as_list(subject.embedding),
        "face_px": subject.aligned.quality.face_px,
        "landmarks_found": subject.points is not None,
    }


def energy(bundle: Bundle, x: Tensor) -> float:
    """Mean square distance of the sliders of x (P,) from the human mean, in human standard deviations."""
    size = bundle.schema.continuous_size
    spread = torch.from_numpy(bundle.schema.spread())[:size]
    solved = spread > 0
    z = (x[:size] - torch.from_numpy(bundle.schema.average())[:size])[solved] / spread[solved]
    mean, scale = (bundle.statistics[name][solved] for name in ("prior_mean", "prior_scale"))
    return float((((z - mean) / scale) ** 2).mean())


def as_list(embedding: Tensor) -> list[float]:
    return [round(value, 6) for value in embedding.tolist()]


def _tensor(pixels: Pixels) -> Tensor:
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255
