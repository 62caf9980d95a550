"""The photos of the likeness benchmark, and all that is measured on a photo once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from benchmarks.likeness.metrics import CLASS_INDEX, OUTSIDE, Array, resample
from f2p.arrays import Pixels
from f2p.bundle import Bundle
from f2p.face.alignment import Aligned, align
from f2p.face.crops import photo_chips
from f2p.imaging.colour import to_grey
from f2p.imaging.decode import Photo
from f2p.imaging.geometry import apply, invert, warp
from f2p.networks.recognition.dlib_resnet import dlib_face_net
from f2p.targets import measurement
from f2p.targets.target import PhotoTarget, Target

SIDE = 512
"""Of the engine's renders, and of the photo in the engine's frame where landmarks are looked for."""
_LABEL_SIDE = 256
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}
_OUTSIDE_REGION = 255
# FASSEG's colours, in the order of likeness_metrics.CLASSES.
_COLOURS = np.array([(255, 0, 0), (255, 255, 0), (127, 0, 0), (0, 0, 255), (0, 255, 0), (0, 255, 255)], dtype=np.int32)

Detect = Callable[[Pixels], Array | None]
"""Pixels (H, W, 3) to 68 landmarks (68, 2) in px, or None without a face."""


@dataclass
class Subject:
    """A photo, measured once.

    Attributes:
        aligned, target: what the search gets.
        seconds: alignment and measuring of the target.
        embedding: (128,) dlib's.
        points: (68, 2) landmarks in px of `picture`, None where none were found.
        picture: (512, 512, 3) the photo in the engine's frame.
        hand: (256, 256) hand-made classes, or None.
        regions: (S, S) of the aligned picture, for colours: the parser's, only where a hand-made label agrees.
    """

    name: str
    aligned: Aligned
    target: Target
    seconds: float
    embedding: Tensor
    points: Array | None
    picture: Pixels
    hand: Pixels | None
    regions: Pixels


def photo_files(folder: Path, limit: int = 0) -> list[Path]:
    """The photos of a folder in order of their names, at most `limit` (0: all).

    Raises:
        SystemExit: there is no such folder, or no photo in it.
    """
    found = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES) if folder.is_dir() else []
    if not found:
        raise SystemExit(f"No photos in {folder}. Give a folder of {', '.join(sorted(SUFFIXES))} files.")
    return found[:limit] if limit else found


def embed(chips: Tensor, grey: bool) -> Tensor:
    """(128,) dlib's embedding of one chip (1, 3, 150, 150) and its mirror image, in grey where the photo is."""
    chips = to_grey(chips) if grey else chips
    with torch.no_grad():
        return dlib_face_net()(torch.cat((chips, chips.flip(-1)))).mean(0)


def measure_photo(name: str, photo: Photo, labels: Path | None, bundle: Bundle, detect: Detect) -> Subject:
    """Aligns a photo and measures it. labels: folder of hand-made label maps, named as the photos.

    Raises:
        F2PError: the photo cannot be used, or shows no single face.
    """
    began = time.perf_counter()
    aligned = align(photo, bundle.frame_landmarks5, bundle.size)
    measured = measurement.measure_photo(bundle, aligned)
    seconds = time.perf_counter() - began
    stem = Path(name).stem
    found = [] if labels is None else [file for file in sorted(labels.iterdir()) if file.stem == stem]
    hand = read_hand_labels(found[0], aligned) if found else None
    picture = to_pixels(warp(aligned.photo, aligned.transform, SIDE))
    return Subject(
        name=name,
        aligned=aligned,
        target=Target.of(measured),
        seconds=seconds,
        embedding=embed(photo_chips(aligned.photo, aligned.landmarks5_px), aligned.grey),
        points=detect(picture),
        picture=picture,
        hand=hand,
        regions=colour_regions(measured, hand),
    )


def read_hand_labels(path: Path, aligned: Aligned) -> Pixels:
    """Hand-made labels in the engine's frame: (256, 256) class of each pixel, 255 outside the photo."""
    with Image.open(path) as image:
        colours = np.asarray(image.convert("RGB"), dtype=np.int32)
    # Edges are antialiased: the nearest colour.
    classes = ((colours[:, :, None] - _COLOURS) ** 2).sum(-1).argmin(-1).astype(np.uint8)
    centres = (np.arange(_LABEL_SIDE) + 0.5) / _LABEL_SIDE
    places = apply(invert(aligned.transform), np.stack(np.meshgrid(centres, centres), -1))
    height, width = aligned.photo.shape[:2]
    column = np.floor(places[..., 0] * classes.shape[1] / width).astype(int)
    row = np.floor(places[..., 1] * classes.shape[0] / height).astype(int)
    inside = (column >= 0) & (column < classes.shape[1]) & (row >= 0) & (row < classes.shape[0])
    warped = classes[row.clip(0, classes.shape[0] - 1), column.clip(0, classes.shape[1] - 1)]
    return np.where(inside, warped, OUTSIDE).astype(np.uint8)


def colour_regions(photo: PhotoTarget, hand: Pixels | None) -> Pixels:
    """(S, S) regions to read colours from; 255 where the photo ends, or where parser and hand-made label disagree.

    The hand-made classes are coarser (brows are hair, the neck is skin), so the parser tells the regions apart.
    """
    regions = photo.probs[0].argmax(0).numpy().astype(np.uint8)
    valid = photo.valid_mask[0, 0].numpy() > 0
    if hand is not None:
        valid &= CLASS_INDEX[regions] == resample(hand, regions.shape[0])
    return np.where(valid, regions, _OUTSIDE_REGION).astype(np.uint8)


def to_pixels(image: Tensor) -> npt.NDArray[np.uint8]:
    """(3, H, W) in [0, 1] to uint8 (H, W, 3)."""
    return (image.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).contiguous().numpy()
