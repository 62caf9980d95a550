"""Every parser architecture trains."""

from __future__ import annotations

from pathlib import Path

import pytest

from f2p.networks.face_parser import parser_names
from f2p.regions import REGIONS
from imitator_training.runtime.trained_networks import trained_parser
from imitator_training.tasks.config import ParserTraining
from imitator_training.tasks.parser import ParserTask, class_weights
from imitator_training.training.trainer import train


@pytest.mark.parametrize("arch", parser_names())
def test_every_parser_trains(arch: str, toy_data: Path, tmp_path: Path) -> None:
    config = ParserTraining(
        out=tmp_path, data=(toy_data,), arch=arch, size=32, steps=2, batch=2, holdout=6, bf16="off", log_every=1
    )
    assert train(ParserTask(config), config).keys() == {"iou", "iou_randomised"}
    assert trained_parser(tmp_path).arch == arch


def test_parts_that_photos_show_badly_weigh_more() -> None:
    weights = dict(zip(REGIONS, class_weights().tolist(), strict=True))
    assert weights["eyes"] > weights["brows"] > weights["nose"] > weights["background"] > 0
