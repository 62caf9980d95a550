"""Another device than the CPU, through the whole library: a pretended one, see `tests.helpers.pretend_device`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from f2p.bundle import Bundle, load_bundle
from f2p.character.character import Character
from f2p.creator import CharacterCreator
from f2p.errors import DeviceUnavailable
from f2p.fitting.presets import Preset, get_preset
from f2p.fitting.solver import Step
from f2p.networks.recognition.dlib_resnet import dlib_face_net
from tests.helpers.bad_photos import good_photo
from tests.helpers.pretend_device import PretendDevice
from tests.helpers.tiny_bundle import save_tiny_bundle
from tests.helpers.toy_engine import toy_schema

DEFAULT = replace(get_preset("default"), name="quick", steps=2, expressions=("smile",))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = {"expressions": {"smile": 0.3}, "pose": (20.0, 20.0, 0.0)}
    return save_tiny_bundle(tmp_path_factory.mktemp("bundle"), toy_schema(), "toy", imitator_options=options)


@pytest.fixture
def pretended() -> Iterator[PretendDevice]:
    with PretendDevice() as device:
        yield device


def grey_photo() -> bytes:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(good_photo())).convert("L").save(buffer, format="PNG")
    return buffer.getvalue()


def tensors(bundle: Bundle) -> list[torch.Tensor]:
    networks = [bundle.imitator, bundle.parser, bundle.translator, bundle.identity, bundle.translator_identity]
    states = [tensor for network in networks if network for tensor in (*network.parameters(), *network.buffers())]
    return [*states, *bundle.statistics.values()]


def test_the_helper_finds_a_tensor_that_was_made_without_its_device(pretended: PretendDevice) -> None:
    there = torch.ones(3, device="meta")
    assert (there * 2 + torch.tensor(1.0)).tolist() == [3, 3, 3]
    with pytest.raises(RuntimeError, match="same device"):
        there + torch.ones(3)
    with pytest.raises(TypeError):
        there.numpy()


def test_a_bundle_lies_wholly_on_its_device(folder: Path, pretended: PretendDevice) -> None:
    bundle = load_bundle(folder, device="meta")
    assert bundle.device == torch.device("meta")
    assert {tensor.device for tensor in tensors(bundle)} == {bundle.device}
    # The recogniser of the CPU is shared by all of the process: it was copied.
    assert {parameter.device for parameter in dlib_face_net().parameters()} == {torch.device("cpu")}
    assert {tensor.device for tensor in tensors(load_bundle(folder))} == {torch.device("cpu")}


def test_a_device_without_numbers_is_refused(folder: Path) -> None:
    with pytest.raises(DeviceUnavailable, match="'meta'"):
        load_bundle(folder, device="meta")


@pytest.mark.parametrize(
    ("recipe", "several"),
    [
        pytest.param(DEFAULT, False, marks=pytest.mark.slow, id="one photo"),
        pytest.param(DEFAULT, True, id="several photos"),
        pytest.param(replace(get_preset("paper"), steps=2), False, id="the published recipe"),
    ],
)
def test_a_character_is_that_of_the_cpu(folder: Path, recipe: Preset, several: bool) -> None:
    """Measured, solved, judged and drawn there, with nothing made on the wrong device; and refitted."""
    photos = [good_photo(), grey_photo()] if several else good_photo()

    def answers(device: str) -> tuple[Character, Character]:
        steps: list[Step] = []
        with CharacterCreator(
            load_bundle(folder, device=device), preset=recipe, render=False, parallel=False
        ) as creator:
            photo_set = creator.measure(photos)
            character = creator.create(photo_set, progress=steps.append)
            again = creator.refit(character, photo_set, ["nose"])
        assert all(type(step.x) is torch.Tensor and step.x.device.type == "cpu" for step in steps)
        return character, again

    with PretendDevice() as pretended:
        there = answers("meta")
        assert pretended.operations > 1000
    for ours, theirs in zip(there, answers("cpu"), strict=True):
        for name, value in theirs.values.items():
            assert ours.values[name] == (pytest.approx(value, abs=1e-3) if isinstance(value, float) else value)
        assert ours.losses == pytest.approx(theirs.losses, rel=1e-3, abs=1e-5)
        for one, other in zip(ours.confidence, theirs.confidence, strict=True):
            assert one.confidence == pytest.approx(other.confidence, abs=1e-2)
