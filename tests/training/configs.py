"""Small trainings of the toy data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from imitator_training.tasks.config import ImitatorTraining

CHANNELS = {"modulated": (16, 16, 8), "dcgan": (16, 16, 8, 8)}


def imitator_config(out: Path, data: Path, arch: str = "modulated", **changes: object) -> ImitatorTraining:
    plain = ImitatorTraining(
        out=out,
        data=(data,),
        arch=arch,
        size=64,
        channels=CHANNELS[arch],
        steps=2,
        batch=4,
        holdout=16,
        identity_from=0.5,
        identity_batch=2,
        log_every=1,
        bf16="off",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]
