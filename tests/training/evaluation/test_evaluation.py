"""What `imitator-training evaluate` finds: gradients, options, the exploitation gap, solutions, and its page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from skimage import data as pictures
from torch import Tensor, nn

from f2p.bundle import Bundle
from f2p.character.character import Character
from f2p.engines.protocol import FRONTAL, Frame, View
from f2p.errors import TrainingError
from f2p.fitting.presets import get_preset
from f2p.networks.imitator.base import ImitatorOutput
from f2p.schema import Continuous, Discrete, Schema
from imitator_training.data.dataset import Renders
from imitator_training.evaluation.characters import Rendered, read_characters
from imitator_training.evaluation.command import EvaluateConfig, evaluate
from imitator_training.evaluation.gap import exploitation_gap, gap_figures
from imitator_training.evaluation.options import compare_options
from imitator_training.evaluation.sliders import compare_sliders
from imitator_training.metrics.fidelity import measure
from imitator_training.on_policy.solving import render_subject
from tests.helpers.toy_engine import ToyEngine, toy_schema
from tests.training.conftest import open_toy

SIDE = 64


def slider(name: str, spread: float = 0.2) -> Continuous:
    return Continuous(name, name, "g", "identity", 0.5, 0.0, 1.0, "weight", spread, frontal=True)


class LinearEngine:
    """A picture that is linear in the sliders, each in a band of its own; `hidden` changes nothing."""

    name = "linear"
    names = ("right", "dead", "wrong", "hidden")
    tones = (0.2, 0.6, 0.9)

    def __init__(self) -> None:
        hat = Discrete("hat", "Hat", "g", "appearance", ("none", "cap", "crown"), "none", (0.4, 0.3, 0.3), frontal=True)
        self.schema = Schema("linear", "1", tuple(slider(name) for name in self.names), (hat,))

    def render(self, values: Mapping[str, float | str], size: int = SIDE, view: View = FRONTAL) -> Frame:
        x = torch.from_numpy(self.schema.encode(values))[None]
        image = (LinearNetwork(self, 1.0, 1.0)(x).image[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
        return Frame(image, np.zeros((size, size), np.uint8))

    def sample(self, seed: int) -> dict[str, float | str]:
        return {}

    def close(self) -> None:
        """Nothing is held."""


class LinearNetwork(nn.Module):
    """Draws as `LinearEngine` does, but for factors on the second and third slider."""

    size = SIDE
    expressions: ClassVar[dict[str, float]] = {}

    def __init__(self, engine: LinearEngine, dead: float, wrong: float) -> None:
        super().__init__()
        self.factors = torch.tensor([0.8, 0.8 * dead, 0.8 * wrong, 0.0])
        self.tones = torch.tensor(engine.tones)

    def forward(self, x: Tensor, pose: Tensor | None = None) -> ImitatorOutput:
        bands = (x[:, :4] - 0.5) * self.factors + 0.5
        columns = torch.cat([bands, (x[:, 4:] * self.tones).sum(1, keepdim=True)], 1).repeat_interleave(SIDE // 4, 1)
        image = columns[:, None, None, :SIDE].expand(-1, 3, SIDE, -1)
        hat = columns[:, None, None, SIDE : SIDE + 1].expand(-1, 3, SIDE // 2, SIDE)
        return ImitatorOutput(torch.cat([hat, image[:, :, SIDE // 2 :]], 2), None)


def test_dead_wrong_and_invisible_sliders_are_told_apart() -> None:
    engine = LinearEngine()
    network = LinearNetwork(engine, dead=0.01, wrong=-1.0)
    found = compare_sliders(network, engine, [{}, {"right": 0.0, "dead": 0.7, "wrong": 0.9}])  # type: ignore[arg-type]
    figures = found.figures()
    assert (figures["dead"], figures["wrong"], figures["invisible"]) == (["dead"], ["wrong"], ["hidden"])
    assert figures["visible"] == 3
    right, wrong = figures["each"]["right"], figures["each"]["wrong"]
    assert right["correlation"] == pytest.approx(1, abs=1e-3)
    assert right["agreement"] == right["pixel_sign"] == 1
    assert right["strength"] == pytest.approx(1, abs=0.03)
    # A quarter of the columns and half of the rows change by .8 * .2 spreads.
    assert right["effect"] == pytest.approx(0.8 * 0.2 * 255 / 8, rel=0.03)
    assert wrong["correlation"] == pytest.approx(-1, abs=1e-3)
    assert wrong["agreement"] == wrong["pixel_sign"] == 0


def test_an_option_drawn_wrongly_stands_out() -> None:
    engine = LinearEngine()
    network = LinearNetwork(engine, 1.0, 1.0)
    network.tones = torch.tensor([0.2, 0.6, 0.1])  # the crown comes out darker than no hat
    rows = {row.option: row for row in compare_options(network, engine, [{}, {"right": 0.9}])}  # type: ignore[arg-type]
    assert rows["none"].change is None
    assert rows["cap"].change == pytest.approx(1, abs=1e-3)
    assert rows["crown"].change == pytest.approx(-1, abs=1e-3)
    assert rows["cap"].l1 < 0.5
    assert rows["crown"].l1 == pytest.approx(0.8 * 255 / 2, rel=0.01)


class ImitatorsEngine(ToyEngine):
    """An engine that draws exactly what the imitator draws, to the grey level."""

    def __init__(self, bundle: Bundle) -> None:
        super().__init__()
        self.bundle = bundle

    @torch.no_grad()
    def render(self, values: Mapping[str, float | str], size: int = 64, view: View = FRONTAL) -> Frame:
        drawing = self.bundle.imitator(torch.from_numpy(self.schema.encode(values))[None])
        assert drawing.labels is not None
        image = (drawing.image[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
        return Frame(image, drawing.labels[0].argmax(0).numpy().astype(np.uint8))


def test_the_gap_is_what_the_engine_does_not_keep(bundle: Bundle) -> None:
    engine = ToyEngine()
    image = torch.from_numpy(engine.render({"skin_tone": 0.2}, bundle.size).image).permute(2, 0, 1) / 255
    subjects = [render_subject(bundle, image, "somebody")]
    honest = gap_figures(exploitation_gap(bundle, ImitatorsEngine(bundle), subjects, [{}], get_preset("default")))
    assert list(honest) == ["average", "random", "solution"]
    for place in honest.values():
        assert abs(place["dlib_cosine"]["gap"]) < 0.03
        assert place["identity"]["gap"] == pytest.approx(place["dlib_cosine"]["gap"])
    # The random character is the average face here, and the search must have got somewhere from it.
    assert honest["random"]["identity"] == honest["average"]["identity"]
    assert honest["solution"]["identity"]["drawing"] < honest["average"]["identity"]["drawing"]
    other = gap_figures(exploitation_gap(bundle, engine, subjects, [{}], get_preset("default")))
    assert other["solution"]["maps"]["drawing"] == honest["solution"]["maps"]["drawing"]
    assert other["solution"]["maps"]["render"] != honest["solution"]["maps"]["render"]


def test_solutions_are_read_from_all_that_writes_them(tmp_path: Path) -> None:
    schema = toy_schema()
    wide = schema.decode(schema.encode({"face_width": 0.9}))
    character = Character(schema=schema, values=wide, bundle_name="b", bundle_version="1", preset="default", seed=0)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "character.json").write_text(character.to_json())
    (tmp_path / "likeness.json").write_text(json.dumps({"photos": {"default": [{"values": wide}, {"values": wide}]}}))
    lines = [schema.encode(wide).tolist(), {"x": schema.encode(wide).tolist()}, {"face_width": 0.9}]
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, lines)))
    found = read_characters(tmp_path, schema)
    assert len(found) == 6
    for values in found:
        np.testing.assert_allclose(schema.encode(values), schema.encode(wide), atol=1e-6)
    (tmp_path / "empty").mkdir()
    with pytest.raises(TrainingError, match="no characters"):
        read_characters(tmp_path / "empty", schema)
    with pytest.raises(TrainingError, match="No such file"):
        read_characters(tmp_path / "none.jsonl", schema)
    (tmp_path / "x.jsonl").write_text('{"nose": 2}')
    with pytest.raises(TrainingError, match="nose"):
        read_characters(tmp_path / "x.jsonl", schema)


def test_what_was_rendered_now_is_measured_as_what_was_rendered_before(toy_data: Path, bundle: Bundle) -> None:
    data = Renders([toy_data])
    now = Rendered(ToyEngine(), [data.schema.decode(x) for x in data.gather("x", range(6))], 64, data.frame_landmarks5)
    before = measure(bundle.imitator, data, range(6), 64)
    after = measure(bundle.imitator, now, range(6), 64)
    assert after.figures.pop("label_iou") == pytest.approx(before.figures.pop("label_iou"))
    assert after.figures == pytest.approx(before.figures, rel=1e-4, abs=1e-5)
    torch.testing.assert_close(after.centre, before.centre)


def test_the_whole_evaluation_comes_as_json_and_as_one_page(toy_data: Path, bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"face_width": 0.9}\n{"eye_size": 0.1, "hair": "long"}')
    config = EvaluateConfig(
        model=bundle.path,
        data=(toy_data,),
        count=8,
        solutions=tmp_path / "x.jsonl",
        characters=1,
        subjects=1,
        out=tmp_path / "e" / "evaluation.json",
        report=tmp_path / "e" / "evaluation.html",
    )
    figures = evaluate(config, open_toy)
    assert json.loads((tmp_path / "e" / "evaluation.json").read_text()) == json.loads(json.dumps(figures))
    assert figures["samples"] == 8
    assert figures["solutions"]["samples"] == 2
    assert "smile" not in figures["sliders"]["each"]  # never solved
    assert [row["option"] for row in figures["options"]] == ["bald", "short", "long"]
    assert figures["gap"]["solution"].keys() == {"identity", "maps", "moments", "colours", "content", "dlib_cosine"}
    page = (tmp_path / "e" / "evaluation.html").read_text()
    assert not re.search(r"""(src|href)=["'](?!data:)""", page)
    assert page.count("data:image/jpeg") == 4 + 4 + 2  # held-out faces, worst sliders, both solutions
    for name in ("face_width", "Solutions", "Exploitation gap", "long"):
        assert name in page


def test_photos_are_solved_for_the_gap(toy_data: Path, bundle: Bundle, tmp_path: Path) -> None:
    from PIL import Image

    Image.fromarray(pictures.astronaut()).save(tmp_path / "one.png")
    (tmp_path / "none.png").write_bytes(b"nothing")
    config = EvaluateConfig(
        model=bundle.path, data=(toy_data,), count=4, characters=0, photos=tmp_path, subjects=3, preset="instant"
    )
    figures = evaluate(config, open_toy)
    assert figures["solutions"]["samples"] == 1
    assert -1 <= figures["gap"]["solution"]["dlib_cosine"]["render"] <= 1
