"""Characters of labelled photos, what they are, and what the networks see in photo and render; kept a photo a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from PIL import Image

from benchmarks.attributes import classes
from benchmarks.attributes.labels import Label
from benchmarks.likeness.subjects import embed
from f2p.arrays import Pixels
from f2p.bundle import Bundle
from f2p.creator import CharacterCreator
from f2p.engines.protocol import Engine
from f2p.face.crops import crop_chips, photo_chips
from f2p.networks.landmarks.blendshapes import BLENDSHAPES
from f2p.networks.perception import Perception, perception
from f2p.targets.photo_set import PhotoSet

__all__ = ["Answers", "Row"]

Row = dict[str, Any]
SIDE: Final = 256


class Answers:
    """Answers of one bundle and preset in a folder: KEY.json, and KEY.png with the photo and the render side by side.

    Args:
        folder: of the run; what it holds is not made again.
        bundle: the networks.
        engine: draws the answers.
        preset: the recipe.
    """

    def __init__(self, folder: Path, bundle: Bundle, engine: Engine, preset: str) -> None:
        classes.known_schema(bundle.schema)
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._bundle, self._engine = folder, bundle, engine
        self._creator = CharacterCreator(bundle, engine, preset, render=False, confidence=False)
        self._networks: Perception = perception(bundle.device)

    def row(self, label: Label) -> Row:
        """The answer to one photo, made if it is not there. Raises F2PError where the photo cannot be used."""
        file = self._folder / f"{label.key}.json"
        if not file.is_file():
            row, picture = self._make(label)
            Image.fromarray(picture).save(file.with_suffix(".png"))
            file.write_text(json.dumps(row), encoding="utf-8")
        found: Row = json.loads(file.read_text(encoding="utf-8"))
        return found

    @torch.no_grad()
    def _make(self, label: Label) -> tuple[Row, Pixels]:
        photo_set = self._creator.measure(label.path)
        character = self._creator.create(photo_set)
        frame = self._engine.render(character.values, size=SIDE)
        labels = np.asarray(frame.labels)
        face = character.expressions[0] if character.expressions else None
        row: Row = {
            "hair": classes.hair_classes(character.values),
            "parting": classes.parting(character.values),
            "beard": classes.beard_class(character.values),
            "glasses": classes.wears_glasses(character.values),
            "colour": classes.hair_colour(frame.image, labels),
            "skin": classes.skin_class(frame.image, labels),
            "expression": classes.expression_class(face.units if face else {}),
            "values": dict(character.values),
            "units": dict(face.units) if face else {},
            "seconds": character.seconds,
        }
        row |= self._seen(photo_set, frame.image)
        aligned = (photo_set.aligned.image.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
        shown = np.asarray(Image.fromarray(aligned).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
        return row, np.concatenate((shown, frame.image), 1)

    def _seen(self, photo_set: PhotoSet, render: Pixels) -> Row:
        """What the networks see in photo and render, and how like the two are."""
        bundle, aligned = self._bundle, photo_set.aligned
        drawn = torch.from_numpy(render.copy()).permute(2, 0, 1)[None].float() / 255
        shape, attributes = self._networks.of_photo(aligned.photo, aligned.landmarks5_px)
        own = self._networks.attributes(drawn, bundle.frame_landmarks5)
        own_shape = self._networks.shape(drawn, bundle.frame_landmarks5)
        centre = bundle.statistics[f"translator_centre_{'grey' if aligned.grey else 'colour'}"]
        seen = embed(photo_chips(aligned.photo, aligned.landmarks5_px), aligned.grey) - centre
        made = embed(crop_chips(drawn, bundle.frame_landmarks5), aligned.grey) - centre
        return {
            "age_photo": float(attributes.age),
            "age_render": float(own.age),
            "female_photo": float(attributes.female),
            "female_render": float(own.female),
            "cosine": float(torch.cosine_similarity(seen, made, dim=0)),
            "landmarks": float((shape.landmarks - own_shape.landmarks).norm(dim=-1).mean()),
            "blendshapes": dict(zip(BLENDSHAPES, shape.blendshapes[0].tolist(), strict=True)),
        }
