"""Solving with a bundle from within the trainer: photos, or renders that stand in for photos, to values of x."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.console import Console
from torch import Tensor

from f2p.bundle import Bundle
from f2p.errors import F2PError, TrainingError
from f2p.face.alignment import align
from f2p.face.crops import crop_chips
from f2p.files import read_photo_file
from f2p.fitting.presets import Preset
from f2p.fitting.solver import solve
from f2p.imaging.decode import read_photo
from f2p.imaging.region_statistics import colour_presence, moment_presence, region_colours
from f2p.limits import MAX_PHOTO_BYTES
from f2p.networks.face_parser import parse_photo
from f2p.networks.perception import perception
from f2p.networks.translator import translator_features
from f2p.targets.measurement import estimate_from, measure_photo
from f2p.targets.target import PhotoTarget, Target

__all__ = ["Subject", "photo_subjects", "render_subject", "search"]

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")


@dataclass(frozen=True)
class Subject:
    """Somebody to solve: a name, and the measurements of a photo."""

    name: str
    target: Target


def photo_subjects(bundle: Bundle, folder: Path, at_most: int | None = None) -> Iterator[Subject]:
    """The usable photos of a folder, by name; others are named on stderr. Raises TrainingError when there is none."""
    count = 0
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES):
        if at_most is not None and count >= at_most:
            return
        try:
            aligned = align(read_photo(read_photo_file(path, MAX_PHOTO_BYTES)), bundle.frame_landmarks5, bundle.size)
            subject = Subject(path.stem, Target.of(measure_photo(bundle, aligned)))
        except F2PError as error:
            Console(stderr=True, highlight=False).print(f"left out: {path.name}: {error}", markup=False)
            continue
        count += 1
        yield subject
    if not count:
        raise TrainingError(f"There is no usable photo in {folder}.", "Give a folder of photos, one face each.")


@torch.no_grad()
def render_subject(
    bundle: Bundle, image: Tensor, name: str, embedding: Tensor | None = None, valid_mask: Tensor | None = None
) -> Subject:
    """An engine's render (3, S, S) in [0, 1] as if it were a photo, aligned as one by
    `imitator_training.data.alignment.as_photos`; valid_mask: (1, S, S), which that gives too.

    embedding: (1, 128) among people's, to aim at instead of the render's own; the translator then takes part.
    """
    image = image[None]
    valid_mask = torch.ones_like(image[:, :1]) if valid_mask is None else valid_mask[None]
    probs = parse_photo(bundle.parser, image) * valid_mask
    colours, features = region_colours(image, probs), None
    if embedding is None:
        embedding = bundle.identity(crop_chips(image, bundle.frame_landmarks5))
    elif bundle.translator is not None:
        centred = embedding - bundle.statistics["translator_centre_colour"]
        config, frame = bundle.translator.config, bundle.frame_landmarks5
        seen = perception(bundle.device).attributes(image, frame).features if config.attributes else None
        features = translator_features(centred, image, probs, colours, config.inner_face, seen)
    return Subject(
        name,
        Target.of(
            PhotoTarget(
                image=image,
                embedding=embedding,
                probs=probs,
                valid_mask=valid_mask,
                moments_presence=moment_presence(probs, bundle.midline),
                colours=colours,
                colours_presence=colour_presence(probs),
                features=features,
                estimate=None if features is None else estimate_from(bundle, features),
            )
        ),
    )


def search(bundle: Bundle, target: Target, preset: Preset, seed: int = 0) -> Tensor:
    """x (P,) that the preset finds."""
    with ThreadPoolExecutor(2) as executor:
        return solve(bundle, target, preset, seed, executor=executor).x
