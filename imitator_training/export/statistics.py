"""Mean face embeddings of people's photos, in colour and in grey.

Nearly all of a face embedding is an offset that all faces of a domain share; comparisons take it off. The means below
are 2 x 128 numbers of a whole crowd and show nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.progress import track
from safetensors.torch import save_file
from torch import Tensor

from f2p.errors import F2PError, TrainingError
from f2p.face.crops import photo_chips
from f2p.face.detection import find_faces
from f2p.files import read_photo_file
from f2p.imaging.decode import read_photo
from f2p.limits import MAX_PHOTO_BYTES
from f2p.networks.recognition.dlib_resnet import dlib_face_net
from imitator_training.data.dataset import Renders
from imitator_training.data.embedding import Embedder

__all__ = ["StatisticsConfig", "domain_shift", "grey_of", "statistics"]

FEWEST_PHOTOS = 8
RENDERS = 300
LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True, kw_only=True)
class StatisticsConfig:
    """Mean face embeddings of a folder of photos of many people, for `export --statistics`."""

    photos: Path
    """Folder of photos, one face each; searched with its sub-folders."""
    out: Path
    """Safetensors file to write."""
    data: tuple[Path, ...]
    """Data folders of renders: they tell how far apart colour and grey lie, where photos are grey only."""
    at_most: int = 2000
    threads: int = 1


def statistics(config: StatisticsConfig) -> dict[str, Tensor]:
    """Write and return identity_centre_colour and identity_centre_grey, (128,) each.

    With enough colour photos both are measured. Grey photos alone give the grey centre; the colour centre is then
    estimated as that plus the step from grey to colour that renders make. Raises TrainingError with too few photos.
    """
    torch.set_num_threads(config.threads)
    colour, grey = [], []
    for chips, is_grey in _faces(config):
        if not is_grey:
            colour.append(chips)
        grey.append(grey_of(chips))
    if len(grey) < FEWEST_PHOTOS:
        raise TrainingError(
            f"Only {len(grey)} usable photos in {config.photos}.", f"Give at least {FEWEST_PHOTOS}, one face in each."
        )
    centre_grey = _mean(grey)
    enough = len(colour) >= FEWEST_PHOTOS
    centre_colour = _mean(colour) if enough else centre_grey + domain_shift(Renders(config.data))
    result = {"identity_centre_colour": centre_colour, "identity_centre_grey": centre_grey}
    config.out.parent.mkdir(parents=True, exist_ok=True)
    save_file(result, config.out, metadata={"photos_colour": str(len(colour)), "photos": str(len(grey))})
    print(f"{len(grey)} photos, {len(colour)} of them in colour -> {config.out}")
    return result


def domain_shift(data: Renders) -> Tensor:
    """(128,): mean embedding of renders minus that of the same renders in grey."""
    embedder = Embedder(data.frame_landmarks5)
    images = data.images(np.arange(min(RENDERS, len(data))))
    return embedder.of_images(images).mean(0) - embedder.of_images(grey_of(images)).mean(0)


def grey_of(images: Tensor) -> Tensor:
    """(B, 3, H, W) without colour, still three channels (Rec. 601 luma, as image libraries do)."""
    return (images * torch.tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True).expand_as(images)


def _faces(config: StatisticsConfig) -> Iterator[tuple[Tensor, bool]]:
    """Chip (1, 3, 150, 150) of every photo with exactly one face, and whether it is grey."""
    paths = sorted(path for path in config.photos.rglob("*") if path.is_file())[: config.at_most]
    for path in track(paths, description="photos"):
        try:
            photo = read_photo(read_photo_file(path, MAX_PHOTO_BYTES))
        except F2PError as error:
            print(f"left out: {path.name}: {error}")
            continue
        faces = find_faces(photo.pixels)
        if len(faces) == 1:
            yield photo_chips(photo.pixels, faces[0].landmarks5), photo.grey


@torch.no_grad()
def _mean(chips: list[Tensor]) -> Tensor:
    net = dlib_face_net()
    return torch.cat([net(part) for part in torch.cat(chips).split(16)]).mean(0)
