"""Similarity of two pictures of faces: pure functions of embeddings, label maps, landmarks and colours.

Shapes: N photos, D embedding, H W pixels. Label maps are uint8: regions (`f2p.regions.REGIONS`), or the six hand-made
classes of `CLASSES`, where 255 is outside the photo.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from skimage.color import deltaE_ciede2000

from benchmarks.landmark_baseline.model import LANDMARK_REGIONS
from f2p.imaging.colour import srgb_to_lab, to_grey
from f2p.regions import REGIONS

Array = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]

CLASSES = ("background", "skin", "hair", "eyes", "mouth", "nose")
OUTSIDE = 255
UNSEEN = 255
"""Of a region map: beyond the picture."""
_OTHER = 254  # a region that nobody has labelled by hand: it agrees with no class
_CLASS_OF = {
    "background": "background",
    **dict.fromkeys(("skin", "neck", "ears"), "skin"),
    **dict.fromkeys(("hair", "brows"), "hair"),
    **dict.fromkeys(("upper_lip", "lower_lip", "teeth", "inner_mouth"), "mouth"),
    "eyes": "eyes",
    "nose": "nose",
}
CLASS_INDEX = np.array([CLASSES.index(_CLASS_OF[r]) if r in _CLASS_OF else _OTHER for r in REGIONS], np.uint8)

COLOURED = {"skin": ("skin",), "hair": ("hair",), "lips": ("upper_lip", "lower_lip"), "brows": ("brows",)}
"""Regions whose colours are compared."""
_ENOUGH = 0.0005  # share of the picture (8 px of 128 x 128) below which a region has no colour


def resample(labels: Pixels, side: int) -> Pixels:
    """A square label map (H, H) at another side, by the nearest pixel."""
    places = ((np.arange(side) + 0.5) * labels.shape[0] / side).astype(int)
    return labels[np.ix_(places, places)]


def label_iou(drawn: Pixels, hand: Pixels) -> dict[str, float]:
    """`iou_*` of each class that either map has: regions as the engine labels them against hand-made classes."""
    drawn = resample(drawn, hand.shape[0])
    outside = (hand == OUTSIDE) | (drawn == UNSEEN)
    ours = np.where(outside, OUTSIDE, CLASS_INDEX[np.where(outside, 0, drawn)])
    hand = np.where(outside, OUTSIDE, hand)
    scores = {}
    for number, name in enumerate(CLASSES):
        union = ((ours == number) | (hand == number)).sum()
        if union:
            scores[f"iou_{name}"] = float(((ours == number) & (hand == number)).sum() / union)
    return scores


def cosines(a: npt.ArrayLike, b: npt.ArrayLike, centre: npt.ArrayLike) -> Array:
    """(N, M) cosines of embeddings (N, D) and (M, D) less a centre (D,); 0 for an embedding at the centre itself."""
    left, right = (np.asarray(x, np.float64) - np.asarray(centre, np.float64) for x in (a, b))
    left, right = (x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12) for x in (left, right))
    return np.asarray(left @ right.T)


def ranks(similarity: Array) -> npt.NDArray[np.int64]:
    """(N,) for each render (column of (N, N)): how many other photos (rows) are at least as near as its own."""
    own = np.diagonal(similarity)
    return np.asarray((similarity >= own).sum(0) - 1)


def rank_k(similarity: Array, k: int) -> float:
    """Share of renders whose own photo is among the k nearest; a tie counts against it."""
    return float((ranks(similarity) < k).mean())


def eye_frame(points: Array) -> Array:
    """Landmarks (68, 2) turned, scaled and shifted so that the means of the eyes' six points are at (-.5, 0) and
    (.5, 0)."""
    flat = points[:, 0] + 1j * points[:, 1]
    left, right = flat[36:42].mean(), flat[42:48].mean()
    turned = (flat - (left + right) / 2) / (right - left)
    return np.stack((turned.real, turned.imag), -1)


def landmark_distance(photo: Array, render: Array) -> dict[str, float]:
    """`landmarks` and `landmarks_*` of each region: mean distance of points (68, 2), in inter-ocular distances, both
    in the `eye_frame`. Jaw points slide along the outline, so only what lies across it counts."""
    a, b = eye_frame(photo), eye_frame(render)
    gap = b - a
    distance = np.linalg.norm(gap, axis=-1)
    along = np.gradient(a[:17], axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-9)
    distance[:17] = np.abs(gap[:17, 0] * along[:, 1] - gap[:17, 1] * along[:, 0])
    parts = {f"landmarks_{name}": float(distance[part].mean()) for name, part in LANDMARK_REGIONS.items()}
    return {"landmarks": float(distance.mean()), **parts}


def region_lab(image: Pixels, regions: Pixels, names: tuple[str, ...], grey: bool = False) -> Array | None:
    """Median CIELAB (3,) of an image (H, W, 3) where a region map (H, W) has one of these names; None if hardly
    anywhere."""
    mask = np.isin(regions, [REGIONS.index(name) for name in names])
    if mask.sum() < _ENOUGH * mask.size:
        return None
    pixels = torch.from_numpy(image[mask]).double() / 255
    lab = srgb_to_lab(to_grey(pixels, dim=-1) if grey else pixels)
    return np.median(lab.numpy(), axis=0)


def delta_e(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """CIEDE2000 of two CIELAB colours (3,): 1 is just visible, above 10 plainly another colour."""
    return float(deltaE_ciede2000(np.asarray(a, np.float64), np.asarray(b, np.float64)))


def colour_errors(
    photo: Pixels, photo_regions: Pixels, render: Pixels, render_regions: Pixels, grey: bool = False
) -> dict[str, float]:
    """`delta_e_*` of each of `COLOURED` that both pictures show; where `grey`, of lightness alone."""
    errors = {}
    for name, names in COLOURED.items():
        ours = region_lab(photo, photo_regions, names, grey)
        theirs = region_lab(render, render_regions, names, grey)
        if ours is not None and theirs is not None:
            errors[f"delta_e_{name}"] = delta_e(ours, theirs)
    return errors
