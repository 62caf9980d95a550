from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from f2p.errors import WeightsError
from f2p.face.dlib_files import model_file
from f2p.networks.recognition.dlib_reader import RECOGNISER, read_face_recogniser


def test_the_whole_network_is_read() -> None:
    weights = read_face_recogniser()
    assert len(weights.convolutions) == 29
    assert weights.fc.shape == (128, 256)
    assert weights.mean.tolist() == pytest.approx([122.782, 117.001, 104.298], abs=1e-4)
    numbers = sum(c.weight.size + c.bias.size for c in weights.convolutions) + weights.fc.size
    assert numbers == 5_607_488
    assert [c.stride for c in weights.convolutions].count(2) == 5


def test_the_package_is_found_without_being_imported() -> None:
    assert model_file(RECOGNISER).is_file()
    assert "face_recognition_models" not in sys.modules


def test_a_missing_model_is_told() -> None:
    with pytest.raises(WeightsError, match=r"'nothing.dat' is missing.*pip install face_recognition_models"):
        model_file("nothing.dat")


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(WeightsError, match="pip install"):
        read_face_recogniser()


@pytest.mark.parametrize("spoil", [lambda d: d[:-1], lambda d: d[:-1] + bytes([d[-1] ^ 1]), lambda d: b""])
def test_another_file_is_refused(tmp_path: Path, spoil) -> None:
    path = tmp_path / RECOGNISER
    path.write_bytes(spoil(model_file(RECOGNISER).read_bytes()))
    with pytest.raises(WeightsError, match=r"not the expected file.*sha256"):
        read_face_recogniser(path)


def test_an_unreadable_path_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be read"):
        read_face_recogniser(tmp_path)
