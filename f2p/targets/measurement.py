"""Measurement of an aligned photo: identity, label maps, moments, colours, and the translator's estimate, each once."""

from __future__ import annotations

import math
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from f2p.bundle import Bundle
from f2p.character.records import FaceExpression
from f2p.face.alignment import Aligned
from f2p.face.crops import Jitter, photo_chips
from f2p.face.quality import photo_quality
from f2p.face.worn import worn_in_photo
from f2p.imaging.region_statistics import COLOUR_REGIONS, colour_presence, moment_presence, region_colours
from f2p.imaging.stray_hair import without_stray_hair
from f2p.networks.face_parser import parse_photo
from f2p.networks.perception import FaceAttributes, perception
from f2p.networks.translator import translator_features
from f2p.regions import index
from f2p.schema import Schema
from f2p.targets.illumination import normalise_illumination, sclera_lightness
from f2p.targets.target import PhotoTarget, TranslatorEstimate

__all__ = ["estimate_from", "hue_kept", "measure_photo"]

_NAMES = [name for name, _, _ in COLOUR_REGIONS]
_SKIN = _NAMES.index("skin")
_HAIR = (_NAMES.index("hair"), _NAMES.index("brows"))
_EYES = slice(0, 4)  # of dlib's five points
_GREYING = (38.0, 62.0)
"""Years, as the network sees them, between which hair is taken to lose its hue, in photos that have none."""
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
def measure_photo(
    bundle: Bundle, aligned: Aligned, executor: Executor | None = None, *, perceive: bool = False
) -> PhotoTarget:
    """Measurements of an aligned photo by a bundle's networks.

    The embedding is the mean over small crops and their mirror images, cut from the photo at its full resolution. A
    grey photo has no hue: its colours take the photo's lightness and the hue of the human mean, so that neither green
    nor grey is learnt from it; the older the person, the less hue hair and brows are given.

    Args:
        bundle: the networks.
        aligned: the photo in the engine's frame.
        executor: computes the embedding beside the label maps; None computes one after the other. The result is the
            same, bit for bit.
        perceive: measure landmarks and blendshapes too.
    """
    image = aligned.image[None].to(bundle.device)
    valid_mask = aligned.valid_mask[None, None].to(bundle.device)
    if aligned.occluded is not None:
        # As beyond the photo's edge: the prior decides there, and a phone becomes no beard.
        valid_mask = valid_mask * (1 - aligned.occluded.to(bundle.device))
    chips = photo_chips(aligned.photo, aligned.landmarks5_px, _crops()).to(bundle.device)
    embed = partial(_embed, bundle, chips)
    pending = None if executor is None else executor.submit(embed)
    parsed = without_stray_hair(parse_photo(bundle.parser, image), _eye_line(bundle))
    embedding = embed() if pending is None else pending.result()
    probs = parsed * valid_mask
    colours = region_colours(image, probs)
    networks = perception(bundle.device)
    attributes = networks.attributes_of_photo(aligned.photo, aligned.landmarks5_px)
    if aligned.grey:
        colours = _tinted(bundle, colours, float(attributes.age))
    filled = _filled(probs, valid_mask)
    features = _features(bundle, aligned.grey, chips, embedding, image, filled, colours, attributes)
    estimate = None if features is None else estimate_from(bundle, features)
    shape = networks.shape_of_photo(aligned.photo, aligned.landmarks5_px) if perceive else None
    if estimate is not None:
        # The irises stand in the same light as all else.
        lit = colours if shape is None else torch.cat((colours, shape.irises[:, None]), 1)
        lit = _normalised(bundle, estimate.z[0], lit, sclera_lightness(image, probs), aligned.grey)
        colours = lit[:, : colours.shape[1]]
        shape = None if shape is None else replace(shape, irises=lit[:, -1])
    return PhotoTarget(
        image=image,
        embedding=embedding,
        probs=probs,
        valid_mask=valid_mask,
        moments_presence=moment_presence(probs, bundle.midline),
        colours=colours,
        colours_presence=colour_presence(probs),
        features=features,
        estimate=estimate,
        grey=aligned.grey,
        quality=photo_quality(aligned.quality, float(aligned.valid_mask.mean())),
        roll=-math.degrees(math.atan2(aligned.transform[1, 0], aligned.transform[0, 0])),
        shape=shape,
        attributes=attributes,
        worn=worn_in_photo(
            aligned.photo, aligned.landmarks5_px, networks.mesh_of_photo(aligned.photo, aligned.landmarks5_px)
        ),
    )


@torch.no_grad()
def estimate_from(bundle: Bundle, features: Tensor) -> TranslatorEstimate:
    """Estimate of a bundle's translator from features (1, F).

    Raises:
        ValueError: the bundle has no translator.
    """
    translator = bundle.translator
    if translator is None:
        raise ValueError(f"Bundle '{bundle.name}' has no translator.")
    output = translator.estimate(features)
    knows_faces = bool(translator.config.expressions or translator.config.pose)
    return TranslatorEstimate(
        z=output.z,
        option_log_probs={name: logits.log_softmax(1)[0] for name, logits in output.logits.items()},
        face=_face(bundle.schema, output.units[0], output.pose[0]) if knows_faces else None,
    )


def _face(schema: Schema, units: Tensor, pose: Tensor) -> FaceExpression:
    yaw, pitch, roll = pose.tolist()
    names = [slider.name for slider in schema.continuous]
    return FaceExpression(units=dict(zip(names, units.tolist(), strict=True)), yaw=yaw, pitch=pitch, roll=roll)


@torch.no_grad()
def _embed(bundle: Bundle, chips: Tensor) -> Tensor:
    embedding: Tensor = bundle.identity(chips).mean(0, keepdim=True)
    return embedding


def _eye_line(bundle: Bundle) -> float:
    """Height of the eyes in the engine's frame, as a share of its side."""
    return float(bundle.frame_landmarks5[_EYES, 1].mean())


def _crops() -> Jitter:
    table = torch.tensor(_CROPS)
    return Jitter(table[:, :4], table[:, 4] > 0)


def _filled(probs: Tensor, valid_mask: Tensor) -> Tensor:
    """The translator was trained on full pictures: outside the photo it sees background."""
    full = probs.clone()
    full[:, index("background")] += 1 - valid_mask[:, 0]
    return full


def _tinted(bundle: Bundle, colours: Tensor, years: float) -> Tensor:
    """(1, C, 3) CIELAB with the lightness of `colours` and the chroma of the human mean's drawing, less of it in the
    dark, and less in hair and brows the more of it has lost its pigment at that age.
    """
    usual = _drawn(bundle, bundle.statistics["prior_mean"])
    if usual is None:
        return colours
    lightness, mean = colours[..., :1], region_colours(*usual)
    chroma = mean[..., 1:] * (lightness / mean[..., :1].clamp(min=5)).clamp(0.2, 1.5)
    for region in _HAIR:
        chroma[:, region] *= hue_kept(years)
    return torch.cat((lightness, chroma), -1)


def hue_kept(years: float) -> float:
    """Share of its hue, in [0, 1], that the hair of a person of that age is taken to have where a photo shows none."""
    first, last = _GREYING
    return 1 - min(max((years - first) / (last - first), 0.0), 1.0)


def _normalised(bundle: Bundle, z: Tensor, colours: Tensor, sclera: Tensor, grey: bool) -> Tensor:
    """Colours (1, C, 3) less the photo's illumination, by the drawing of the translator's z (C,), which was trained on
    faces in all lights.
    """
    guess, prior = _drawn(bundle, z), bundle.calibration.illumination
    if guess is None:
        return colours
    whites = (sclera, sclera_lightness(*guess))
    if grey:
        prior = replace(prior, skin_deviation=prior.grey_skin_deviation)
    return normalise_illumination(colours, region_colours(*guess), _SKIN, whites, prior)


def _drawn(bundle: Bundle, z: Tensor) -> tuple[Tensor, Tensor] | None:
    """The imitator's drawing at sliders z (C,), and its region probabilities; None if it draws no labels."""
    x = torch.from_numpy(bundle.schema.average())[None].to(z)
    size = bundle.schema.continuous_size
    spread = torch.from_numpy(bundle.schema.spread())[:size].to(z)
    x[:, :size] = (x[:, :size] + spread * z).clamp(0, 1)
    drawing = bundle.imitator(x)
    return None if drawing.labels is None else (drawing.image, drawing.labels.softmax(1))


def _features(
    bundle: Bundle,
    grey: bool,
    chips: Tensor,
    embedding: Tensor,
    image: Tensor,
    probs: Tensor,
    colours: Tensor,
    attributes: FaceAttributes,
) -> Tensor | None:
    """The translator's input; None without a translator. It reads dlib's embeddings, whatever `bundle.identity` is."""
    if bundle.translator is None:
        return None
    centre = bundle.statistics["translator_centre_grey" if grey else "translator_centre_colour"]
    if bundle.translator_identity is not bundle.identity:
        embedding = bundle.translator_identity(chips).mean(0, keepdim=True)
    centred = _without_domain(bundle, embedding - centre)
    config = bundle.translator.config
    seen = attributes.features if config.attributes else None
    return translator_features(centred, image, probs, colours, config.inner_face, seen)


def _without_domain(bundle: Bundle, embedding: Tensor) -> Tensor:
    """Embeddings (B, 128) about people's mean, less their part along the line from people to the engine's characters.

    A picture's place on that line says how it was made, and nothing about who it shows: photos of some crowds and
    cameras lie halfway to renders. The translator, which learned from renders about their own mean, knows no such line.
    """
    if "engine_centre" not in bundle.statistics:
        return embedding
    line = bundle.statistics["engine_centre"] - bundle.statistics["translator_centre_colour"]
    return embedding - (embedding @ line)[:, None] * line / line.square().sum()
