"""What two characters look like beside each other, drawn by a bundle's imitator: pictures and identity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor

from f2p.arrays import Pixels
from f2p.bundle import Bundle
from f2p.character.character import Character
from f2p.comparison.differences import Pair
from f2p.face.crops import crop_chips
from f2p.networks.recognition.dlib_resnet import centred_cosine

__all__ = ["draw", "measure"]

_AT_ONCE: Final = 8


@torch.no_grad()
def draw(bundle: Bundle, characters: Sequence[Character]) -> Iterator[Pixels]:
    """The imitator's drawing of each character, (S, S, 3) uint8."""
    for start in range(0, len(characters), _AT_ONCE):
        for image in _images(bundle, characters[start : start + _AT_ONCE]).cpu():
            yield (image.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()


@torch.no_grad()
def measure(bundle: Bundle, pairs: Sequence[Pair]) -> dict[str, tuple[float, float, float]]:
    """By person: mean and largest change of a pixel in grey levels of 255, and one less the cosine of the embeddings.

    Embeddings are of the drawings' faces, less the recogniser's common offset: 0 for the same face, about 1 for
    strangers.
    """
    centre = bundle.statistics["identity_centre_colour"]
    found: dict[str, tuple[float, float, float]] = {}
    for start in range(0, len(pairs), _AT_ONCE):
        batch = pairs[start : start + _AT_ONCE]
        first, second = (_images(bundle, [getattr(pair, side) for pair in batch]) for side in ("first", "second"))
        change = (first - second).abs().mean(1) * 255
        faces = [bundle.identity(crop_chips(images, bundle.frame_landmarks5)) for images in (first, second)]
        cosines = centred_cosine(faces[0], faces[1], centre)
        for i, pair in enumerate(batch):
            figures = (float(change[i].mean()), float(change[i].max()), max(1.0 - float(cosines[i]), 0.0))
            found[pair.name] = (round(figures[0], 3), round(figures[1], 2), round(figures[2], 5))
    return found


def _images(bundle: Bundle, characters: Sequence[Character]) -> Tensor:
    x = np.stack([bundle.schema.encode(character.values) for character in characters])
    images: Tensor = bundle.imitator(torch.from_numpy(x).to(bundle.device)).image
    return images.clamp(0, 1)
