"""Which data an imitator of expressions and turned heads may be trained on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from f2p.errors import TrainingError
from imitator_training.data.dataset import Renders
from imitator_training.data.posed import posed_options


def test_a_parser_s_renders_are_no_imitator_s(toy_data: Path, tmp_path: Path) -> None:
    manifest = json.loads((toy_data / "manifest.json").read_text())
    for change in ({"lights": 0.5}, {"expressions": 0.7}, {"yaw": 25.0}):
        folder = tmp_path / next(iter(change))
        folder.mkdir()
        for shard in toy_data.iterdir():
            (folder / shard.name).write_bytes(shard.read_bytes())
        changed = manifest | {"sampling": manifest["sampling"] | change}
        (folder / "manifest.json").write_text(json.dumps(changed))
        with pytest.raises(TrainingError, match="--photo-like"):
            posed_options(Renders([toy_data, folder]))
