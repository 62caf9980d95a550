"""Options that all trainings share; every field is a flag of the command line and is kept in the run's ``run.json``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from f2p.errors import TrainingError

__all__ = ["LoopConfig"]

Bf16 = Literal["auto", "on", "off"]
Device = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True, kw_only=True)
class LoopConfig:
    """Options of the training loop."""

    out: Path
    """Run folder: checkpoints, TensorBoard events, run.json."""
    minutes: float | None = None
    """Budget in wall-clock minutes, over all resumed parts; the learning rate reaches its end exactly then."""
    steps: int | None = None
    """Budget in steps. With both budgets the first one reached ends the run."""
    batch: int = 16
    """Samples a step, over all processes when `torchrun` starts several."""
    seed: int = 0
    threads: int = 1
    """Threads of torch; 1 leaves the other cores to rendering."""
    device: Device = "auto"
    """Device to train on; auto takes CUDA where there is one."""
    bf16: Bf16 = "auto"
    """bfloat16 arithmetic where it is safe; auto: on hardware with instructions for it. The choice is
    kept in run.json and in the checkpoints."""
    channels_last: bool = True
    """Channels-last memory layout, which is faster for convolutions."""
    resume: bool = False
    """Go on from the run folder's newest checkpoint."""
    warm_start: Path | None = None
    """Start from earlier weights (a .safetensors file of a bundle, a bundle, or a run), sliders or regions changed or
    not."""
    checkpoint_minutes: float = 5.0
    validate_minutes: float = 10.0
    log_every: int = 25
    """Steps between TensorBoard points."""
    ema: float = 0.998
    """Decay of the running mean of the weights, which is what is evaluated and exported."""

    def __post_init__(self) -> None:
        if self.minutes is None and self.steps is None:
            raise TrainingError("The run has no budget.", "Give --minutes or --steps.")
        if min(value for value in (self.minutes, self.steps, 1) if value is not None) <= 0 or self.batch < 1:
            raise TrainingError("Budget and batch must be positive.", "Correct the options.")
        if not 0 <= self.ema < 1:
            raise TrainingError("ema must lie in [0, 1).", "Leave the option out.")
