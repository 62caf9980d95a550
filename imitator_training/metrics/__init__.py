"""Figures of merit: pictures and label maps against the engine's own."""

from imitator_training.metrics.fidelity import Faces, Fidelity, evaluate_imitator, measure
from imitator_training.metrics.pictures import psnr, region_overlap, ssim

__all__ = ["Faces", "Fidelity", "evaluate_imitator", "measure", "psnr", "region_overlap", "ssim"]
