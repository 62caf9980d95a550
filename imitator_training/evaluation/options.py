"""Options of choices: G's error with each option set, and the change that the option makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from f2p.engines.protocol import Engine
from f2p.networks.imitator.base import Imitator
from imitator_training.evaluation.characters import Rendered
from imitator_training.metrics.pictures import psnr, ssim

__all__ = ["OptionFigures", "compare_options"]


@dataclass(frozen=True)
class OptionFigures:
    """One option, mean over the characters: L1 in grey levels, PSNR in dB, SSIM, and the cosine between what the option
    changes in G and in the engine, both against the choice's default (None for the default itself)."""

    parameter: str
    option: str
    l1: float
    psnr: float
    ssim: float
    change: float | None


@torch.no_grad()
def compare_options(
    network: Imitator, engine: Engine, characters: Sequence[Mapping[str, float | str]]
) -> list[OptionFigures]:
    """Set every option of every choice on every character, with all else as it is."""
    rows = []
    every = np.arange(len(characters))
    for choice in engine.schema.discrete:
        drawn, wanted = {}, {}
        for option in choice.options:
            changed = [{**values, choice.name: option} for values in characters]
            faces = Rendered(engine, changed, network.size, np.zeros((5, 2)))
            wanted[option], drawn[option] = faces.images(every), network(faces.x(every)).image.clamp(0, 1)
        base = choice.default
        for option in choice.options:
            a, b = drawn[option], wanted[option]
            change = F.cosine_similarity((a - drawn[base]).flatten(1), (b - wanted[base]).flatten(1), dim=1)
            rows.append(
                OptionFigures(
                    choice.name,
                    option,
                    float((a - b).abs().mean()) * 255,
                    float(psnr(a, b).mean()),
                    float(ssim(a, b).mean()),
                    None if option == base else float(change.mean()),
                )
            )
    return rows
