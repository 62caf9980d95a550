"""A photo may show a face larger or smaller than the engine would; what follows from that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from f2p.bundle import Bundle, load_bundle, save_bundle
from f2p.errors import BundleIncompatible
from f2p.face.crops import crop_chips
from f2p.fitting.initialisation import WarmStart
from f2p.fitting.presets import Preset, get_preset
from f2p.fitting.scale import expected_zoom, resample_target
from f2p.fitting.solver import Solution, solve
from f2p.fitting.state import FitState
from f2p.imaging.geometry import warp
from f2p.imaging.region_statistics import colour_presence, moment_presence, region_colours
from f2p.targets.target import Target
from tests.helpers.targets import embedded, photo_target
from tests.helpers.tiny_bundle import save_tiny_bundle
from tests.helpers.toy_engine import ToyEngine

# Of a toy's few sliders each has a large share in the prior, and so has the zoom.
DEFAULT = replace(get_preset("default"), weights=replace(get_preset("default").weights, prior=0.2))
LARGER = 0.05
SAVED = ("name", "version", "engine", "schema", "frame_landmarks5", "imitator", "parser")


@pytest.fixture(scope="module")
def truth(bundle: Bundle) -> torch.Tensor:
    values = {name: 0.7 if i % 2 else 0.3 for i, name in enumerate(bundle.schema.names[:6])}
    return torch.from_numpy(bundle.schema.encode(values))


@torch.no_grad()
def photo_of(bundle: Bundle, x: torch.Tensor, zoom: float) -> Target:
    """What a perfect photo would give that shows x larger by exp(zoom) than the engine does."""
    drawing = bundle.imitator(x[None])
    assert drawing.labels is not None
    nearer = torch.tensor(-zoom)  # from the photo's frame into the drawing's
    ones = torch.ones_like(drawing.image[:, :1])
    image, probs = (
        resample_target(drawing.image, ones, nearer)[0],
        resample_target(drawing.labels.softmax(1), ones, nearer)[0],
    )
    valid_mask = (probs.sum(1, keepdim=True) > 0.5).float()
    photo = photo_target(image, probs * valid_mask, valid_mask=valid_mask, moments_presence=moment_presence(probs))
    photo = replace(photo, colours=region_colours(image, probs), colours_presence=colour_presence(probs))
    return Target.of(embedded(bundle, photo))


def found(bundle: Bundle, target: Target, recipe: Preset) -> Solution:
    return solve(bundle, target, recipe)


def test_a_larger_face_is_seen_smaller() -> None:
    disc = ((torch.arange(64) - 31.5)[:, None] ** 2 + (torch.arange(64) - 31.5) ** 2 < 20**2).float()[None, None]
    seen, cover = resample_target(disc, torch.ones_like(disc), torch.tensor(0.1))
    assert float(seen.sum() / disc.sum()) == pytest.approx(np.exp(-0.2), rel=0.01)
    assert 0 < float(cover.mean()) < 1  # the drawing reaches further than the photo
    # A phase is every other pixel of the same.
    few, cover_of_few = resample_target(disc, torch.ones_like(disc), torch.tensor(0.1), (1, 0))
    assert torch.equal(few, seen[..., 1::2, 0::2])
    assert torch.equal(cover_of_few, cover[..., 1::2, 0::2])


def test_the_edge_of_the_photo_pulls_at_no_zoom() -> None:
    flat = torch.full((1, 3, 32, 32), 0.5)
    valid_mask = torch.ones(1, 1, 32, 32)
    valid_mask[..., 25:] = 0
    zoom = torch.tensor(0.1, requires_grad=True)
    resample_target(flat, valid_mask, zoom)[0].sum().backward()
    assert float(zoom.grad or 0.0) == pytest.approx(0.0, abs=1e-6)


def test_a_zoomed_chip_is_the_chip_of_the_zoomed_picture(bundle: Bundle) -> None:
    generator = np.random.default_rng(0)
    rough = torch.from_numpy(generator.random((1, 3, 16, 16))).float()
    picture = torch.nn.functional.interpolate(rough, (256, 256), mode="bicubic").clamp(0, 1)
    pixels = (picture[0] * 255).round().byte().permute(1, 2, 0).numpy()
    about = np.array([[np.exp(LARGER), 0, 0.5], [0, np.exp(LARGER), 0.5]]) / [[1, 1, 1]]
    about[:, 2] -= about[:, :2] @ [0.5, 0.5]
    about[:, :2] /= 256
    zoomed = warp(pixels, about, 256)[None]
    ours = crop_chips(picture, bundle.frame_landmarks5, zoom=torch.tensor(LARGER))
    inner = slice(20, -20)
    assert float((ours - crop_chips(zoomed, bundle.frame_landmarks5)).abs()[..., inner, inner].max()) < 0.03


@pytest.mark.parametrize("zoom", [-0.06, 0.0])
def test_the_zoom_of_a_photo_is_found(bundle: Bundle, truth: torch.Tensor, zoom: float) -> None:
    target = photo_of(bundle, truth, zoom)
    assert found(bundle, target, DEFAULT).zooms == (pytest.approx(zoom, abs=0.02),)
    assert found(bundle, target, replace(DEFAULT, zoom=False)).zooms == ()


def test_the_objective_is_least_at_the_zoom_of_the_photo(bundle: Bundle, truth: torch.Tensor) -> None:
    for zoom in (-LARGER, 0.0, LARGER):
        state = FitState(bundle, photo_of(bundle, truth, zoom), DEFAULT, 0, WarmStart(x=truth))
        assert state.zoom is not None
        totals = {}
        for tried in (-LARGER, 0.0, LARGER):
            state.zoom.params.data.fill_(tried / bundle.calibration.scale_deviation)
            totals[tried] = float(state.objective.total(state.terms(state.x())))
        assert min(totals, key=totals.__getitem__) == zoom


def test_what_a_character_says_of_its_zoom_counts(bundle: Bundle, truth: torch.Tensor) -> None:
    line = torch.zeros(bundle.schema.size + 1)
    line[0], line[-1] = 0.4, -0.2  # the larger the first slider, the larger the photo shows it
    knowing = replace(bundle, statistics={**bundle.statistics, "zoom": line})
    x = truth[None]
    assert float(expected_zoom(knowing.statistics, x)) == pytest.approx(0.4 * float(x[0, 0]) - 0.2, abs=1e-6)
    assert float(expected_zoom(bundle.statistics, x)) == 0.0
    target = photo_of(bundle, truth, 0.4 * float(x[0, 0]) - 0.2)
    (zoom,) = found(knowing, target, DEFAULT).zooms
    assert zoom == pytest.approx(0.4 * float(x[0, 0]) - 0.2, abs=0.04)


def test_a_line_for_other_parameters_is_refused(tmp_path: Path) -> None:
    engine = ToyEngine()
    right = load_bundle(save_tiny_bundle(tmp_path / "right", engine.schema, engine.name))
    with pytest.raises(BundleIncompatible, match="zoom"):
        save_bundle(
            tmp_path / "wrong",
            statistics={**right.statistics, "zoom": torch.zeros(3)},
            translator=None,
            metrics={},
            provenance={},
            **{name: getattr(right, name) for name in SAVED},
        )
