"""Targets made of pictures and label maps at hand, in place of measured photos."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from f2p.bundle import Bundle
from f2p.fitting.losses import Weights
from f2p.fitting.objective import Objective
from f2p.imaging.region_statistics import colour_presence, moment_presence, region_colours
from f2p.targets.target import PhotoTarget, Target


def photo_target(image: Tensor, probs: Tensor, embedding: Tensor | None = None, **changes: Any) -> PhotoTarget:
    """Measurements of a picture (1, 3, S, S) whose label maps (1, K, S, S) are known; `changes` are further fields."""
    photo = PhotoTarget(
        image=image,
        embedding=torch.zeros(1, 128) if embedding is None else embedding,
        probs=probs,
        valid_mask=torch.ones_like(probs[:, :1]),
        moments_presence=moment_presence(probs),
        colours=region_colours(image, probs),
        colours_presence=colour_presence(probs),
    )
    return replace(photo, **changes)


@torch.no_grad()
def embedded(bundle: Bundle, photo: PhotoTarget, image: Tensor | None = None) -> PhotoTarget:
    """The photo with the bundle's embedding of its own picture, or of another (1, 3, S, S)."""
    objective = Objective(
        weights=Weights(identity=1.0),
        target=Target.of(photo),
        frame_landmarks5=bundle.frame_landmarks5,
        identity=bundle.identity,
        centre=bundle.statistics["identity_centre_colour"],
    )
    return replace(photo, embedding=objective.embed(photo.image if image is None else image))


def drawn_photo(bundle: Bundle, x: Tensor) -> PhotoTarget:
    """What a perfect photo of x (P,), perfectly parsed, would give."""
    with torch.no_grad():
        drawing = bundle.imitator(x[None])
        assert drawing.labels is not None
        return embedded(bundle, photo_target(drawing.image, drawing.labels.softmax(1)))


def of_photos(*photos: tuple[PhotoTarget, float]) -> Target:
    """Target of several photos with their shares, its embedding that of the first."""
    return Target(
        photos=tuple(photo for photo, _ in photos),
        shares=tuple(share for _, share in photos),
        embedding=photos[0][0].embedding,
        grey=all(photo.grey for photo, _ in photos),
    )
