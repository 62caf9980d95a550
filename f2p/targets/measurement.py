"""From an aligned photo to the target of a search: identity, label maps, moments and colours, each measured once."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor

from f2p.bundle import Bundle
from f2p.face.alignment import Aligned
from f2p.face.crops import Jitter, photo_chips
from f2p.face.quality import photo_quality
from f2p.imaging.region_statistics import COLOUR_REGIONS, colour_presence, moment_presence, region_colours
from f2p.networks.face_parser import parse_photo
from f2p.networks.translator import translator_features
from f2p.regions import index
from f2p.targets.illumination import normalise_illumination, sclera_lightness
from f2p.targets.target import Target

__all__ = ["Target", "make_target"]

_SKIN = [name for name, _, _ in COLOUR_REGIONS].index("skin")
# Shift x, shift y (shares of the chip), log-scale, rotation (radians), mirrored: plain, and small opposite moves.
_CROPS = (
    (0.0, 0.0, 0.0, 0.0, False),
    (0.0, 0.0, 0.0, 0.0, True),
    (0.015, 0.01, 0.03, 0.03, False),
    (-0.015, -0.01, -0.03, -0.03, True),
    (-0.015, 0.01, -0.03, 0.03, False),
    (0.015, -0.01, 0.03, -0.03, True),
)


@torch.no_grad()
def make_target(bundle: Bundle, aligned: Aligned) -> Target:
    """Measures an aligned photo with a bundle's networks.

    The embedding is the mean over small crops and their mirror images, cut from the photo at its full resolution. A
    grey photo says nothing about hue: its colours take the photo's lightness and the hue of the human mean, so that
    neither green nor grey is learnt from it.
    """
    image = aligned.image[None]
    valid_mask = aligned.valid_mask[None, None]
    if aligned.occluded is not None:
        # As beyond the photo's edge: the prior decides there, and a phone becomes no beard.
        valid_mask = valid_mask * (1 - aligned.occluded)
    chips = photo_chips(aligned.photo, aligned.landmarks5_px, _crops())
    with ThreadPoolExecutor(1, thread_name_prefix="identity") as beside:
        # Neither needs the other: on two cores the shorter takes no time.
        asked = beside.submit(_embed, bundle, chips)
        parsed = parse_photo(bundle.parser, image)
        embedding = asked.result()
    probs = parsed * valid_mask
    # The translator knows pictures that are full: what the photo does not show is background to it.
    full = probs.clone()
    full[:, index("background")] += 1 - valid_mask[:, 0]
    colours = region_colours(image, probs)
    if aligned.grey:
        colours = _tinted(bundle, colours)
    features = _features(bundle, aligned, chips, embedding, full, colours)
    return Target(
        image=image,
        embedding=embedding,
        probs=probs,
        valid_mask=valid_mask,
        moments_presence=moment_presence(probs),
        colours=colours if features is None else _relit(bundle, features, colours, sclera_lightness(image, probs)),
        colours_presence=colour_presence(probs),
        features=features,
        grey=aligned.grey,
        quality=photo_quality(aligned.quality, float(aligned.valid_mask.mean())),
        roll=-math.degrees(math.atan2(aligned.transform[1, 0], aligned.transform[0, 0])),
    )


@torch.no_grad()
def _embed(bundle: Bundle, chips: Tensor) -> Tensor:
    embedding: Tensor = bundle.identity(chips).mean(0, keepdim=True)
    return embedding


def _crops() -> Jitter:
    table = torch.tensor(_CROPS)
    return Jitter(table[:, :4], table[:, 4] > 0)


def _tinted(bundle: Bundle, colours: Tensor) -> Tensor:
    """(1, C, 3) CIELAB with the lightness of `colours` and the chroma of the human mean's drawing, less of it in the
    dark.
    """
    usual = _drawn(bundle, bundle.statistics["prior_mean"])
    if usual is None:
        return colours
    lightness, mean = colours[..., :1], region_colours(*usual)
    return torch.cat((lightness, mean[..., 1:] * (lightness / mean[..., :1].clamp(min=5)).clamp(0.2, 1.5)), -1)


def _relit(bundle: Bundle, features: Tensor, colours: Tensor, white: Tensor) -> Tensor:
    """The colours with the photo's light taken out as far as it can be told, by what the translator, which was trained
    on faces in all lights, makes of the person, and by the whites of the eyes.
    """
    assert bundle.translator is not None
    guess = _drawn(bundle, bundle.translator(features)[0][0])
    if guess is None:
        return colours
    return normalise_illumination(colours, region_colours(*guess), _SKIN, (white, sclera_lightness(*guess)))


def _drawn(bundle: Bundle, z: Tensor) -> tuple[Tensor, Tensor] | None:
    """The imitator's drawing at sliders z (C,), and its region probabilities; None if it draws no labels."""
    x = torch.from_numpy(bundle.schema.average())[None]
    size = bundle.schema.continuous_size
    spread = torch.from_numpy(bundle.schema.spread())[:size]
    x[:, :size] = (x[:, :size] + spread * z).clamp(0, 1)
    drawing = bundle.imitator(x)
    return None if drawing.labels is None else (drawing.image, drawing.labels.softmax(1))


def _features(
    bundle: Bundle, aligned: Aligned, chips: Tensor, embedding: Tensor, probs: Tensor, colours: Tensor
) -> Tensor | None:
    """The translator's input. It was trained on dlib's embeddings, whichever recogniser the search compares with."""
    if bundle.translator is None:
        return None
    centre = bundle.statistics["translator_centre_grey" if aligned.grey else "translator_centre_colour"]
    if bundle.translator_identity is not bundle.identity:
        embedding = bundle.translator_identity(chips).mean(0, keepdim=True)
    return translator_features(_undivided(bundle, embedding - centre), aligned.image[None], probs, colours)


def _undivided(bundle: Bundle, embedding: Tensor) -> Tensor:
    """Embeddings (B, 128) about people's mean without their part along the line from people to the engine's characters.

    Where a picture lies on that line says how it was made, and nothing about who it shows: photos of some crowds and
    cameras lie halfway to renders. The translator, which learned from renders about their own mean, knows no such line.
    """
    if "engine_centre" not in bundle.statistics:
        return embedding
    line = bundle.statistics["engine_centre"] - bundle.statistics["translator_centre_colour"]
    return embedding - (embedding @ line)[:, None] * line / line.square().sum()
