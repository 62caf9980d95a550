"""The bundle that ships: its files, its imitator against the engine, and a real photo through all of it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data

import f2p
from f2p.bundle import Bundle, load_bundle
from f2p.character.character import Character
from f2p.creator import CharacterCreator
from f2p.engines.protocol import Engine
from f2p.engines.registry import open_engine

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "default_solve.json"
SHIPPED = Path(f2p.__file__).parent / "data"
UNSEEN = range(7_000_000, 7_000_012)  # far from the seeds of the training renders


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_bundle()


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = open_engine("makehuman")
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def solved(bundle: Bundle) -> tuple[Character, list[dict[str, float]]]:
    """The default search on a real photo: the character, and the losses of each step."""
    picture = io.BytesIO()
    Image.fromarray(data.astronaut()).save(picture, "PNG")
    steps: list[dict[str, float]] = []
    with CharacterCreator(bundle) as creator:
        found = creator.create(
            picture.getvalue(), progress=lambda step: steps.append({"total": step.total, **step.losses})
        )
    return found, steps


def test_weights_keep_to_their_limits() -> None:
    sizes = [file.stat().st_size for file in SHIPPED.rglob("*.safetensors")]
    assert max(sizes) <= 16e6
    assert sum(sizes) <= 40e6


def test_the_bundle_says_where_it_comes_from(bundle: Bundle, engine: Engine) -> None:
    assert bundle.schema.hash == engine.schema.hash
    assert bundle.provenance["licence"] == "Apache-2.0"
    assert bundle.provenance["commit"] != "unknown"
    figures = bundle.metrics["imitator"]
    assert figures["samples"] >= 500
    assert figures["psnr"] >= 30
    assert figures["identity_cosine"] >= 0.90


def test_the_imitator_draws_what_the_engine_draws(bundle: Bundle, engine: Engine) -> None:
    psnr = []
    for seed in UNSEEN:
        values = engine.sample(seed)
        drawn = bundle.imitator(torch.from_numpy(bundle.schema.encode(values))[None])
        frame = engine.render(values, bundle.size)
        truth = frame.image.astype(np.float64) / 255
        error = ((drawn.image[0].permute(1, 2, 0).numpy() - truth) ** 2).mean()
        psnr.append(-10 * np.log10(error))
        assert (drawn.labels[0].argmax(0).numpy() == frame.labels).mean() > 0.95
    assert np.mean(psnr) > 31


def test_the_imitator_smiles_and_turns_and_leaves_alone_what_it_does_not_draw(bundle: Bundle) -> None:
    x = torch.from_numpy(bundle.schema.average())[None]

    def face(name: str | None = None, yaw: float = 0.0) -> torch.Tensor:
        worn = x.clone()
        if name is not None:
            worn[:, bundle.schema.slices[name]] = 1.0
        with torch.no_grad():
            return bundle.imitator(worn, torch.tensor([[yaw, 0.0, 0.0]])).image

    assert {"mouthSmileLeft", "jawOpen", "eyeBlinkRight"} <= set(bundle.imitator.expressions)
    neutral, wide = face(), face("jawOpen")
    lower_half = (wide - neutral).abs()[:, :, 64:].mean()
    assert lower_half > 5 * (wide - neutral).abs()[:, :, :64].mean() > 0
    assert (face(yaw=15.0) - neutral).abs().mean() > 0.01
    assert torch.equal(face("tongueOut"), neutral)


def test_the_default_solve_goes_the_golden_way(solved: tuple[Character, list[dict[str, float]]]) -> None:
    """On another processor sums differ in their last bits, and so do steps, a little: see docs/reproducibility.md."""
    golden = json.loads(GOLDEN.read_text("utf-8"))
    character, steps = solved
    assert len(steps) == len(golden["steps"])
    first, last = steps[0], steps[-1]
    assert first == pytest.approx(golden["steps"][0], rel=1e-3, abs=1e-3)
    # The sum is what the search makes small; its terms are traded for each other.
    assert last["total"] == pytest.approx(golden["steps"][-1]["total"], rel=0.05)
    assert last == pytest.approx(golden["steps"][-1], rel=0.3, abs=0.03)
    options = {name: value for name, value in golden["values"].items() if isinstance(value, str)}
    # Two brow styles are a tie on this photo, which other sums break otherwise.
    assert sum(character.values[name] != option for name, option in options.items()) <= 1
    moves = [abs(float(character.values[n]) - v) for n, v in golden["values"].items() if n not in options]
    # What belongs to another brow style moves further with it.
    assert sum(moves) / len(moves) < 0.02
    assert sorted(moves)[-3] < 0.1
    assert sum(moves) / len(moves) < 0.015


def test_a_real_photo_becomes_a_character_like_it(solved: tuple[Character, list[dict[str, float]]]) -> None:
    character, _ = solved
    first, last = character.history[0], character.losses
    assert last["identity"] < 0.25  # of 1 for a stranger
    assert last["identity"] < 0.6 * first["identity"]
    assert last["total"] < 0.75 * first["total"]  # of which a tenth is what her smile costs
    assert last["prior"] < 2  # still a person
    assert character.values["beard_style"] == "none"
    assert character.render_source == "engine"
