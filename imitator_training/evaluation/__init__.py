"""How good an imitator is, and where it can be fooled: figures, and a report with pictures.

`fidelity` compares pictures, `sliders` gradients, `options` choices; `gap` says how much better the imitator's drawings
meet the losses of the search than the engine's own renders of the same values do.
"""

from imitator_training.evaluation.fidelity import Fidelity, evaluate_imitator, measure, psnr, region_overlap, ssim

__all__ = ["Fidelity", "evaluate_imitator", "measure", "psnr", "region_overlap", "ssim"]
