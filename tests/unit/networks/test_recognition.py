from __future__ import annotations

from pathlib import Path

import dlib
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from f2p.errors import WeightsError
from f2p.face.crops import CHIP_SIZE, Jitter, chip_grid, chip_transform, crop_chips, photo_chips, random_jitter
from f2p.face.detection import find_faces
from f2p.face.dlib_files import model_file
from f2p.imaging.geometry import apply
from f2p.networks.recognition.dlib_reader import RECOGNISER
from f2p.networks.recognition.dlib_resnet import centred_cosine, dlib_face_net
from f2p.networks.recognition.light_cnn import LightCNN29v2, load_lightcnn


@pytest.fixture(scope="module")
def reference():
    """dlib's own recogniser and landmark model."""
    return (
        dlib.face_recognition_model_v1(str(model_file(RECOGNISER))),
        dlib.shape_predictor(str(model_file("shape_predictor_5_face_landmarks.dat"))),
    )


def shape_and_five(pixels: np.ndarray, predictor) -> tuple[object, np.ndarray]:
    box = dlib.get_frontal_face_detector()(pixels, 1)[0]
    shape = predictor(pixels, box)
    return shape, np.array([(p.x + 0.5, p.y + 0.5) for p in shape.parts()])


def as_batch(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255


def test_parity_with_dlib(astronaut: np.ndarray, reference) -> None:
    recogniser, predictor = reference
    shape, _ = shape_and_five(astronaut, predictor)
    chips = [dlib.get_face_chip(astronaut, shape, size=150, padding=0.25)]
    chips += [np.ascontiguousarray(chips[0][:, ::-1]), chips[0] // 2, np.full_like(chips[0], 128)]
    chips.append(np.random.default_rng(0).integers(0, 256, chips[0].shape, dtype=np.uint8))
    mine = dlib_face_net()(torch.cat([as_batch(chip) for chip in chips])).numpy()
    theirs = np.array([recogniser.compute_face_descriptor(chip) for chip in chips])
    assert np.abs(mine - theirs).max() < 1e-5


@pytest.mark.parametrize("zoom", [0.5, 1.0, 2.0, pytest.param(3.0, marks=pytest.mark.slow)])
def test_own_chips_are_dlibs_chips(astronaut: np.ndarray, reference, zoom: float) -> None:
    recogniser, predictor = reference
    side = int(512 * zoom)
    pixels = np.array(Image.fromarray(astronaut).resize((side, side), Image.Resampling.LANCZOS))
    shape, landmarks5 = shape_and_five(pixels, predictor)
    theirs = np.array(recogniser.compute_face_descriptor(pixels, shape))
    mine = dlib_face_net()(photo_chips(pixels, landmarks5)).numpy()[0]
    assert np.linalg.norm(mine - theirs) < 0.05


def test_chips_of_a_frame_are_chips_of_the_photo(astronaut: np.ndarray) -> None:
    landmarks5 = find_faces(astronaut)[0].landmarks5
    jitter = random_jitter(4, torch.Generator().manual_seed(0))
    framed = crop_chips(as_batch(astronaut), landmarks5 / 512, jitter)
    assert framed.shape == (4, 3, CHIP_SIZE, CHIP_SIZE)
    torch.testing.assert_close(framed, photo_chips(astronaut, landmarks5, jitter), atol=1e-3, rtol=0)
    torch.testing.assert_close(photo_chips(astronaut, landmarks5, [jitter]), photo_chips(astronaut, landmarks5, jitter))


def test_large_frames_are_not_aliased(astronaut: np.ndarray) -> None:
    landmarks5 = find_faces(astronaut)[0].landmarks5
    large = np.array(Image.fromarray(astronaut).resize((2048, 2048), Image.Resampling.LANCZOS))
    small, big = (crop_chips(as_batch(pixels), landmarks5 / 512) for pixels in (astronaut, large))
    assert (dlib_face_net()(small) - dlib_face_net()(big)).norm() < 0.06


def test_five_points_reach_their_places(frame_landmarks5: np.ndarray) -> None:
    transform = chip_transform(frame_landmarks5)
    chip = apply(transform, frame_landmarks5)
    assert np.all((chip > 0.2) & (chip < 0.8))
    # A similarity: no reflection, no shear.
    linear = transform[:, :2]
    np.testing.assert_allclose(linear @ linear.T, np.eye(2) * np.linalg.det(linear), atol=1e-9)
    assert np.linalg.det(linear) > 0


def test_jitter_moves_as_it_says(frame_landmarks5: np.ndarray) -> None:
    plain = chip_grid(frame_landmarks5)
    assert plain.shape == (1, CHIP_SIZE, CHIP_SIZE, 2)
    still = Jitter(torch.zeros(2, 4), torch.tensor([False, True]))
    same, mirrored = chip_grid(frame_landmarks5, still)
    torch.testing.assert_close(same, plain[0])
    torch.testing.assert_close(mirrored, plain[0].flip(1))
    shifted = chip_grid(frame_landmarks5, Jitter(torch.tensor([[1 / CHIP_SIZE, 0, 0, 0]]), torch.tensor([False])))[0]
    torch.testing.assert_close(shifted[:, :-1], plain[0, :, 1:])
    turned = chip_grid(frame_landmarks5, Jitter(torch.tensor([[0, 0, 0, torch.pi / 2]]), torch.tensor([False])))[0]
    torch.testing.assert_close(turned, plain[0].rot90(1, (0, 1)), atol=1e-5, rtol=0)
    assert len(still) == 2


def test_jitter_is_seeded_and_bounded() -> None:
    a, b = (random_jitter(64, torch.Generator().manual_seed(3), shift=0.1, flip=0.5) for _ in range(2))
    assert torch.equal(a.moves, b.moves)
    assert torch.equal(a.flip, b.flip)
    assert a.moves[:, :2].abs().max() <= 0.1
    assert a.flip.any()
    assert not a.flip.all()


def test_gradient_reaches_the_picture(frame_landmarks5: np.ndarray) -> None:
    picture = torch.rand(2, 3, 96, 96, generator=torch.Generator().manual_seed(0), requires_grad=True)
    jitter = random_jitter(2, torch.Generator().manual_seed(1))
    dlib_face_net()(crop_chips(picture, frame_landmarks5, jitter)).square().sum().backward()
    assert picture.grad is not None
    assert torch.isfinite(picture.grad).all()
    assert (picture.grad.abs().sum(dim=(1, 2, 3)) > 0).all()


def test_crop_chips_matches_finite_differences(frame_landmarks5: np.ndarray) -> None:
    picture = torch.rand(1, 3, 24, 24, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    weights = torch.rand(1, 3, CHIP_SIZE, CHIP_SIZE, dtype=torch.float64)

    def loss(images: torch.Tensor) -> torch.Tensor:
        return (crop_chips(images, frame_landmarks5) * weights).sum()

    assert torch.autograd.gradcheck(loss, picture.requires_grad_(), fast_mode=True)


def test_net_is_shared_and_frozen() -> None:
    assert dlib_face_net() is dlib_face_net()
    assert not dlib_face_net().training
    assert not any(p.requires_grad for p in dlib_face_net().parameters())


def test_centred_cosine() -> None:
    a, b, centre = torch.tensor([[3.0, 1.0]]), torch.tensor([[1.0, 2.0]]), torch.tensor([1.0, 1.0])
    assert centred_cosine(a, b, centre).tolist() == pytest.approx([0.0], abs=1e-6)
    assert centred_cosine(a, 2 * a).tolist() == pytest.approx([1.0])


@pytest.fixture(scope="module")
def checkpoint() -> dict[str, torch.Tensor]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return LightCNN29v2().state_dict()


def test_lightcnn_is_the_published_network(checkpoint: dict[str, torch.Tensor]) -> None:
    names = set(checkpoint)
    assert {"conv1.filter.weight", "block3.2.conv2.filter.bias", "group1.conv_a.filter.weight", "fc.weight"} <= names
    convolutions = [tensor for name, tensor in checkpoint.items() if tensor.ndim == 4]
    assert len(convolutions) + 1 == 1 + 2 * (1 + 2 + 3 + 4) + 2 * 4 + 1  # with fc; pooling has no weights
    assert sum(tensor.numel() for tensor in checkpoint.values()) == 10_475_872
    with torch.no_grad():
        assert LightCNN29v2()(torch.rand(1, 3, CHIP_SIZE, CHIP_SIZE)).shape == (1, 256)


@pytest.mark.parametrize("form", ["plain.safetensors", "parallel.pth", "bare.pth"])
def test_lightcnn_loads(tmp_path: Path, checkpoint: dict[str, torch.Tensor], form: str) -> None:
    path = tmp_path / form
    if form == "plain.safetensors":
        save_file(checkpoint, path)
    elif form == "parallel.pth":
        state = {f"module.{name}": tensor for name, tensor in checkpoint.items()}
        torch.save({"epoch": 3, "state_dict": {**state, "module.fc2.weight": torch.zeros(10, 256)}}, path)
    else:
        torch.save(checkpoint, path)
    net = load_lightcnn(path)
    assert torch.equal(net.fc.weight, checkpoint["fc.weight"])
    assert not net.training


def spoiled(state: dict[str, torch.Tensor], kind: str) -> dict[str, torch.Tensor]:
    state = dict(state)
    if kind == "lacks fc.bias":
        del state["fc.bias"]
    elif kind == "has an unknown fc3.weight":
        state["fc3.weight"] = torch.zeros(2)
    elif kind == r"has fc.bias as \(3,\), not \(256,\)":
        state["fc.bias"] = torch.zeros(3)
    else:
        state["fc.bias"] = torch.full((256,), torch.nan)
    return state


@pytest.mark.parametrize(
    "kind",
    ["lacks fc.bias", "has an unknown fc3.weight", r"has fc.bias as \(3,\), not \(256,\)", "has fc.bias not finite"],
)
def test_lightcnn_is_strict(tmp_path: Path, checkpoint: dict[str, torch.Tensor], kind: str) -> None:
    path = tmp_path / "spoiled.safetensors"
    save_file(spoiled(checkpoint, kind), path)
    with pytest.raises(WeightsError, match=kind):
        load_lightcnn(path)


class Trap:
    def __reduce__(self):
        return (exec, ("raise SystemExit('executed')",))


@pytest.mark.parametrize("name", ["a.pth", "a.safetensors"])
def test_lightcnn_files_that_are_none(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with pytest.raises(WeightsError, match="no checkpoint"):
        load_lightcnn(path)
    for content in (b"", b"garbage" * 100):
        path.write_bytes(content)
        with pytest.raises(WeightsError, match="cannot be read"):
            load_lightcnn(path)


def test_lightcnn_never_executes_a_checkpoint(tmp_path: Path) -> None:
    torch.save({"state_dict": Trap()}, tmp_path / "trap.pth")
    with pytest.raises(WeightsError, match="cannot be read"):
        load_lightcnn(tmp_path / "trap.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(WeightsError, match="no 'state_dict'"):
        load_lightcnn(tmp_path / "list.pth")
