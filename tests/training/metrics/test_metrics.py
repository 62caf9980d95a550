"""Figures of merit against scikit-image, and of an imitator that draws every picture exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch import nn

from f2p.networks.imitator.base import ImitatorOutput
from f2p.regions import REGIONS
from imitator_training.data.dataset import Renders
from imitator_training.metrics import evaluate_imitator, psnr, ssim


class Copyist(nn.Module):
    """Knows every picture by heart: the best figures there are."""

    def __init__(self, data: Renders) -> None:
        super().__init__()
        self.data, self.rows = data, data.x(range(len(data)))

    def forward(self, x: torch.Tensor, pose: torch.Tensor) -> ImitatorOutput:
        where = [int((self.rows == row).all(1).nonzero()[0, 0]) for row in x]
        labels = nn.functional.one_hot(self.data.labels(where).long(), len(REGIONS)).permute(0, 3, 1, 2)
        return ImitatorOutput(self.data.images(where), labels.float())


def test_a_perfect_imitator_has_perfect_figures(toy_data: Path) -> None:
    data = Renders([toy_data])
    figures = evaluate_imitator(Copyist(data), data, range(12), 64)
    assert figures["psnr"] == pytest.approx(100)
    assert figures["ssim"] == pytest.approx(1)
    assert figures["l1"] == 0
    assert figures["identity_cosine"] == pytest.approx(1)
    assert figures["rank1"] == 1
    assert set(figures["label_iou"].values()) == {1.0}


def test_psnr_and_ssim_are_scikit_image_s() -> None:
    rng = np.random.default_rng(0)
    a = rng.random((48, 48, 3)).astype(np.float32)
    b = np.clip(a + 0.1 * rng.standard_normal(a.shape), 0, 1).astype(np.float32)
    ours = [f(*(torch.from_numpy(p).permute(2, 0, 1)[None] for p in (a, b))).item() for f in (psnr, ssim)]
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1.0}
    theirs = structural_similarity(a, b, channel_axis=2, **options)
    assert ours[0] == pytest.approx(peak_signal_noise_ratio(a, b, data_range=1.0), abs=1e-3)
    assert ours[1] == pytest.approx(theirs, abs=5e-3)
