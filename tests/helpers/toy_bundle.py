"""The tiny bundle of the toy engine, made lively: every slider changes its drawing, and its statistics are not zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from f2p.bundle import Bundle, load_bundle
from tests.helpers.tiny_bundle import save_tiny_bundle
from tests.helpers.toy_engine import ToyEngine


def toy_bundle(folder: Path, imitator_options: Mapping[str, Any] | None = None) -> Bundle:
    """Written to `folder` and loaded from there, then changed in memory."""
    engine = ToyEngine()
    path = save_tiny_bundle(folder, engine.schema, engine.name, imitator_options=imitator_options)
    bundle = load_bundle(path)
    # An untrained imitator hardly listens to x.
    for stage in bundle.imitator.get_submodule("stages").children():
        stage.get_submodule("modulation").get_parameter("weight").mul_(3)
    bundle.imitator.get_submodule("to_labels").get_parameter("weight").mul_(6)
    generator = torch.Generator().manual_seed(0)
    random = {
        name: bundle.statistics[name] + 0.1 * torch.randn(bundle.statistics[name].shape, generator=generator)
        for name in ("identity_centre_colour", "identity_centre_grey", "prior_mean")
    }
    return replace(bundle, frame_landmarks5=engine.five_points(), statistics={**bundle.statistics, **random})
