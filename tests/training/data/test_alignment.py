"""Renders laid on their own five points, and the zoom that this gives a character."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
import torch

from f2p.engines.protocol import Engine
from f2p.engines.registry import open_engine
from f2p.face.detection import find_faces
from f2p.regions import index
from imitator_training.data import alignment
from imitator_training.data.alignment import as_photos, zoom_line
from imitator_training.runtime.batch_rng import step_rng
from tests.helpers.toy_engine import ToyEngine


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = open_engine("makehuman")
    yield engine
    engine.close()


def faces_of(engine: Engine) -> npt.NDArray[np.uint8]:
    """A woman and a man, who has the larger head."""
    return np.stack([engine.render({"sex": sex}, 256).image for sex in (0.1, 0.9)])


def test_all_eyes_come_to_lie_equally_far_apart(engine: Engine) -> None:
    frame = find_faces(engine.render({}, 256).image)[0].landmarks5 / 256
    aligned, valid_mask = as_photos(faces_of(engine), frame, step_rng(0, 0))
    assert aligned.shape == (2, 3, 256, 256)
    assert valid_mask.shape == (2, 1, 256, 256)
    for image in aligned:
        (face,) = find_faces((image * 255).byte().permute(1, 2, 0).contiguous().numpy())
        assert np.abs(face.landmarks5 / 256 - frame).max() < 0.03
    # The man was drawn larger than the frame wants him: beyond his picture there is nothing.
    assert float(valid_mask[0].mean()) == 1
    assert float(valid_mask[1].mean()) < 0.99


def test_a_cut_picture_ends_within_the_frame_and_stays_the_same_elsewhere(engine: Engine) -> None:
    frame = find_faces(engine.render({}, 256).image)[0].landmarks5 / 256
    whole, _ = as_photos(faces_of(engine), frame, step_rng(0, 0))
    cut, valid_mask = as_photos(faces_of(engine), frame, step_rng(0, 0), cut=1.0)
    assert 0.2 < float(valid_mask.mean()) < 0.95
    assert bool(valid_mask[..., 90:190, 90:166].all())
    inner = 1 - torch.nn.functional.max_pool2d(1 - valid_mask.float(), 9, 1, 4)  # at its ends the cut is blurred
    torch.testing.assert_close(cut * inner, whole * inner, atol=0.03, rtol=0)
    # Beyond its ends there is no more of the person, only the border again.
    assert (cut - whole).abs()[(valid_mask == 0).expand_as(cut)].mean() > 0.01


def test_a_picture_without_a_face_stays_as_it_is() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (1, 64, 64, 3), np.uint8)
    aligned, valid_mask = as_photos(pixels, ToyEngine().five_points(), step_rng(0, 0))
    torch.testing.assert_close(aligned[0], torch.from_numpy(pixels[0]).permute(2, 0, 1) / 255, atol=1e-4, rtol=0)
    assert bool(valid_mask.all())


class Rendered:
    """Data of faces whose pictures are just their numbers; every third is turned, and counts for nothing."""

    frame_landmarks5 = ToyEngine().five_points()
    schema = ToyEngine().schema

    def __init__(self, count: int) -> None:
        self.x = np.random.default_rng(1).random((count, self.schema.size)).astype(np.float32)
        for slider in self.schema.continuous:
            self.x[:, self.schema.slices[slider.name]] *= slider.role != "expression"

    def __len__(self) -> int:
        return len(self.x)

    def gather(self, member: str, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        turned = (np.asarray(indices) % 3 == 0)[:, None] * np.array([[9.0, 0.0, 0.0]])
        rows = np.asarray(indices)
        return {"x": self.x[rows], "view": turned, "images": rows, "labels": self.labels(rows)}[member]

    def labels(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        return np.zeros((len(rows), 8, 8), np.uint8)


class Labelled(Rendered):
    """Faces that no detector knows, of a size that follows from their sliders."""

    side = 512
    slope = np.linspace(-0.05, 0.05, Rendered.schema.size)

    def labels(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        maps = np.zeros((len(rows), self.side, self.side), np.uint8)
        y, x = np.mgrid[: self.side, : self.side] - self.side / 2
        for drawn, row in zip(maps, rows, strict=True):
            scale = np.exp(-self.x[row] @ self.slope)
            drawn[np.hypot(np.abs(x) / scale - 90, y / scale + 20) < 22] = index("eyes")
            drawn[(np.abs(x) < 20 * scale) & (np.abs(y / scale - 20) < 30)] = index("nose")
        return maps


def test_the_line_of_the_zoom_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    data = Rendered(900)
    slope = np.linspace(-0.1, 0.1, data.schema.size)

    def landmarks5(number: int) -> npt.NDArray[np.float64] | None:
        assert number % 3
        zoom = data.x[number] @ slope + 0.02
        return None if number % 7 == 0 else data.frame_landmarks5 * np.exp(-zoom)

    monkeypatch.setattr(alignment, "_five", landmarks5)
    line = zoom_line(data)  # type: ignore[arg-type]
    varying = data.x.std(0) > 0
    assert line[:-1].numpy()[varying] == pytest.approx(slope[varying], abs=0.01)
    assert not line[:-1][~varying].any()
    assert float(line[-1]) == pytest.approx(0.02, abs=0.01)


def test_faces_that_no_detector_knows_are_measured_by_their_label_maps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "_five", lambda pixels: None)
    data = Labelled(400)
    line = zoom_line(data)  # type: ignore[arg-type]
    varying = data.x.std(0) > 0
    assert line[:-1].numpy()[varying] == pytest.approx(data.slope[varying], abs=0.012)
    assert float(line[:-1] @ data.x.mean(0) + line[-1]) == pytest.approx(0, abs=0.005)


def test_without_faces_there_is_no_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "_five", lambda pixels: None)
    assert not zoom_line(Rendered(30)).any()  # type: ignore[arg-type]
    assert "too few" in capsys.readouterr().err
