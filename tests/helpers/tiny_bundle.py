"""A real bundle of small untrained networks: everything runs as with the shipped one, only the likeness is missing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from f2p.bundle import save_bundle
from f2p.imaging.region_statistics import region_colours
from f2p.networks.face_parser import build_parser
from f2p.networks.imitator.registry import build_imitator
from f2p.networks.translator import PICTURE_FEATURES, build_translator, translator_features
from f2p.regions import REGIONS
from f2p.schema import Schema

# Where a face stands in a frame as our engines draw it: eye corners (the picture's right eye first, outer before
# inner), base of the nose.
FRAME_FIVE = ((0.66, 0.45), (0.56, 0.45), (0.34, 0.45), (0.44, 0.45), (0.50, 0.60))


def save_tiny_bundle(
    folder: Path,
    schema: Schema,
    engine: str,
    *,
    name: str = "tiny",
    size: int = 64,
    translator: bool = True,
    seed: int = 0,
    imitator_options: Mapping[str, Any] | None = None,
) -> Path:
    """Write the bundle and return its folder. The same arguments give the same weights."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        channels = (24, 16, 16, 8, 8, 8)
        config = {"size": size, "channels": channels, "field": 8, "hidden": 32, "fields": (2,)}
        config |= {"decals": (schema.discrete[0].name,), **(imitator_options or {})}
        imitator = build_imitator("modulated", config, schema)
        for key, weight in imitator.named_parameters():
            if "spread_field" in key:  # which start without effect
                torch.nn.init.normal_(weight, std=0.1)
        parser = build_parser("fpn_mobilenet", {"pyramid": 32, "segmentation": 32})
        options = {"features": _feature_count(size), "pictures": 4, "hidden": 16}
        guesser = build_translator(options, schema).eval() if translator else None
    statistics = {
        "identity_centre_colour": torch.zeros(128),
        "identity_centre_grey": torch.zeros(128),
        "translator_centre_colour": torch.zeros(128),
        "translator_centre_grey": torch.zeros(128),
        "prior_mean": torch.zeros(schema.continuous_size),
        "prior_scale": torch.ones(schema.continuous_size),
    }
    return save_bundle(
        folder,
        name=name,
        version="1",
        engine=engine,
        schema=schema,
        frame_landmarks5=FRAME_FIVE,
        imitator=imitator,
        parser=parser,
        translator=guesser,
        statistics=statistics,
        metrics={},
        provenance={"note": "untrained, for tests"},
    )


def _feature_count(size: int) -> int:
    probs = torch.full((1, len(REGIONS), size, size), 1 / len(REGIONS))
    image = torch.zeros(1, 3, size, size)
    return (
        translator_features(torch.zeros(1, 128), image, probs, region_colours(image, probs)).shape[1] - PICTURE_FEATURES
    )
