"""Features of degraded renders by parser and recogniser: training data of the translator, kept in the run folder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from rich.progress import track
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from f2p.errors import TrainingError
from f2p.face.crops import crop_chips
from f2p.imaging.colour import to_grey
from f2p.imaging.region_statistics import region_colours
from f2p.networks.face_parser import FaceParser, fitted
from f2p.networks.perception import perception
from f2p.networks.translator import INNER_FACE, PICTURE_FEATURES, translator_features
from f2p.regions import index
from imitator_training.augmentation.photo_effects import glare, lip_shadow
from imitator_training.augmentation.randomise import degrade, surround
from imitator_training.data.alignment import as_photos
from imitator_training.data.dataset import Renders
from imitator_training.data.embedding import Embedder
from imitator_training.runtime.batch_rng import step_rng
from imitator_training.runtime.trained_networks import trained_parser
from imitator_training.tasks.config import TranslatorTraining

__all__ = ["FEATURE_FILE", "kept_features"]

FEATURE_FILE = "features.safetensors"
CHUNK = 20
STRENGTH = 0.6
"""Degradation of the renders: lighter than the parser's, as colours and identity have to survive it."""
CUT = 0.4
"""Share of the sides at which a picture ends within the frame."""
GREY_STEP = 2**40
"""Beyond all steps: which renders are made grey."""
ORIGIN = "made_from"
"""The file's note of what it was made from."""


def kept_features(config: TranslatorTraining, data: Renders) -> dict[str, Tensor]:
    """`features`, `x` and `pose` of the first `samples` renders: those in the run folder, or made and kept there.

    Raises TrainingError where those in the folder were made from something else.
    """
    path: Path = config.out / FEATURE_FILE
    parser = trained_parser(config.parser)
    origin = _origin(config, data, parser)
    if path.exists():
        with safe_open(path, framework="pt") as file:
            theirs = json.loads((file.metadata() or {}).get(ORIGIN, "{}"))
        other = [name for name, value in origin.items() if theirs.get(name) != value]
        if other:
            raise TrainingError(
                f"{path} was made from something else: {', '.join(other)} differ.",
                "Delete it, and it is made anew, or train into another folder.",
            )
        return load_file(path)
    known = _features(config, data, parser)
    config.out.mkdir(parents=True, exist_ok=True)
    save_file(known, path, {ORIGIN: json.dumps(origin)})
    return known


def _origin(config: TranslatorTraining, data: Renders, parser: FaceParser) -> dict[str, Any]:
    weights = hashlib.sha256()
    for name, tensor in sorted(parser.state_dict().items()):
        weights.update(name.encode())
        weights.update(tensor.contiguous().numpy().tobytes())
    return {
        "data": [hashlib.sha256(json.dumps(m.identity()).encode()).hexdigest() for m in data.manifests],
        "samples": min(config.samples, len(data)),
        "seed": config.seed,
        "grey": config.grey,
        "parser": weights.hexdigest(),
        "pictures": PICTURE_FEATURES,
        **({} if config.inner_face == INNER_FACE else {"inner_face": list(config.inner_face)}),
        **({"attributes": True} if config.attributes else {}),
    }


def _features(config: TranslatorTraining, data: Renders, parser: FaceParser) -> dict[str, Tensor]:
    count = min(config.samples, len(data))
    embedder = Embedder(data.frame_landmarks5)
    embeddings, rest = [], []
    grey = step_rng(config.seed, GREY_STEP).rand(count) < config.grey
    parts = np.array_split(np.arange(count), -(-count // CHUNK))
    for part in track(parts, description="features"):
        rng = step_rng(config.seed, int(part[0]))
        # What a parser makes of suits and backdrops is no hair: that has to be learnt from some.
        images, labels = surround(data.images(part), data.labels(part), rng)
        images = glare(lip_shadow(images, labels, rng, STRENGTH), labels, rng)
        pixels = (images * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
        images, valid_mask = as_photos(pixels, data.frame_landmarks5, rng, cut=CUT)
        images = degrade(images, rng, STRENGTH, grey=0.0)
        images = torch.where(grey[part].view(-1, 1, 1, 1), to_grey(images), images)
        probs, colours = _seen(parser, images, valid_mask)
        embeddings.append(embedder.of_chips(crop_chips(images, data.frame_landmarks5)))
        directions = torch.ones(len(part), 128)  # of which nothing is kept
        seen = _attributes(images, data) if config.attributes else None
        rest.append(translator_features(directions, images, probs, colours, config.inner_face, seen)[:, 128:].half())
    return {
        "features": torch.cat([_directions(torch.cat(embeddings), grey).half(), torch.cat(rest)], 1),
        "x": data.x(np.arange(count)),
        "pose": data.pose(np.arange(count)),
    }


@torch.no_grad()
def _seen(parser: FaceParser, images: Tensor, valid_mask: Tensor) -> tuple[Tensor, Tensor]:
    """As `f2p.targets.measurement` has it of a photo: what the frame does not show is background."""
    images, valid_mask = fitted(parser, images), fitted(parser, valid_mask)
    probs = parser(images).softmax(1) * valid_mask
    colours = region_colours(images, probs)
    probs[:, index("background")] += 1 - valid_mask[:, 0]
    return probs, colours


@torch.no_grad()
def _attributes(images: Tensor, data: Renders) -> Tensor:
    return perception().attributes(images, data.frame_landmarks5).features


def _directions(embeddings: Tensor, grey: Tensor) -> Tensor:
    """Each domain minus its own mean, as photos are minus the mean of people in colour or in grey."""
    centred = torch.empty_like(embeddings)
    for domain in (grey, ~grey):
        if domain.any():
            centred[domain] = embeddings[domain] - embeddings[domain].mean(0)
    return F.normalize(centred, dim=1)
