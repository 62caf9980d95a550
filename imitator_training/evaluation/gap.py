"""The exploitation gap: each loss of the search on G(x), against the same loss on the engine's own render of x.

A search can meet its losses by fooling the imitator. What it gains on G(x) and does not keep on the render is that gap;
at the average face and at random faces it shows what the imitator's plain errors cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.bundle import Bundle
from f2p.engines.protocol import Engine
from f2p.fitting.losses import Weights
from f2p.fitting.objective import Objective
from f2p.fitting.presets import Preset
from f2p.fitting.scale import expected_zoom
from f2p.networks.imitator.base import ImitatorOutput
from f2p.regions import REGIONS
from imitator_training.on_policy.solving import Subject, search

__all__ = ["GapRow", "exploitation_gap", "gap_figures"]

CERTAIN = 20.0
"""Logit of the engine's labels: a softmax then makes them certain."""

Values = Mapping[str, float | str]


@dataclass(frozen=True)
class GapRow:
    """One x against one subject's target: terms of the objective, and the centred dlib cosine, on both pictures."""

    place: str
    subject: str
    values: dict[str, float | str]
    drawing: dict[str, float]
    render: dict[str, float]


def exploitation_gap(
    bundle: Bundle, engine: Engine, subjects: Sequence[Subject], random: Sequence[Values], preset: Preset
) -> list[GapRow]:
    """For every subject: the average face, one of the random characters in turn, and the preset's solution."""
    rows = []
    average = bundle.schema.decode(bundle.schema.average())
    for number, subject in enumerate(subjects):
        objective = _objective(bundle, subject)
        solution = bundle.schema.decode(search(bundle, subject.target, preset, number).numpy())
        places = {"average": average, "random": random[number % len(random)], "solution": solution}
        for place, values in places.items():
            x = torch.from_numpy(bundle.schema.encode(values))[None]
            zoom = expected_zoom(bundle.statistics, x) if preset.zoom else None
            drawing, render = (_terms(objective, output, zoom) for output in _both(bundle, engine, values))
            rows.append(GapRow(place, subject.name, dict(values), drawing, render))
    return rows


def gap_figures(rows: Sequence[GapRow]) -> dict[str, Any]:
    """{place: {term: {drawing, render, gap}}}, means over the subjects. For losses the gap is render - drawing, for the
    cosine drawing - render: a positive gap is what the imitator promises and the engine does not keep."""
    figures: dict[str, Any] = {}
    for place in dict.fromkeys(row.place for row in rows):
        mine = [row for row in rows if row.place == place]
        figures[place] = {}
        for term in mine[0].drawing:
            ours, theirs = (
                float(np.mean([getattr(row, kind)[term] for row in mine])) for kind in ("drawing", "render")
            )
            gap = ours - theirs if term == "dlib_cosine" else theirs - ours
            figures[place][term] = {"drawing": ours, "render": theirs, "gap": gap}
    return figures


def _objective(bundle: Bundle, subject: Subject) -> Objective:
    labelled = bundle.imitator(torch.from_numpy(bundle.schema.average())[None]).labels is not None
    plain = Weights(identity=1.0, content=1.0)
    return Objective(
        weights=Weights(identity=1.0, maps=1.0, moments=1.0, colours=1.0, content=1.0) if labelled else plain,
        target=subject.target,
        frame_landmarks5=bundle.frame_landmarks5,
        identity=bundle.identity,
        centre=bundle.statistics["identity_centre_grey" if subject.target.grey else "identity_centre_colour"],
        parser=bundle.parser,
        midline=bundle.midline,
    )


@torch.no_grad()
def _both(bundle: Bundle, engine: Engine, values: Values) -> tuple[ImitatorOutput, ImitatorOutput]:
    frame = engine.render(values, bundle.size)
    image = torch.from_numpy(frame.image.copy()).permute(2, 0, 1)[None].float() / 255
    labels = F.one_hot(torch.from_numpy(frame.labels.copy())[None].long(), len(REGIONS)).permute(0, 3, 1, 2)
    drawn = bundle.imitator(torch.from_numpy(bundle.schema.encode(values))[None])
    return ImitatorOutput(drawn.image.clamp(0, 1), drawn.labels), ImitatorOutput(image, CERTAIN * labels.float())


@torch.no_grad()
def _terms(objective: Objective, drawing: ImitatorOutput, zoom: Tensor | None) -> dict[str, float]:
    terms: dict[str, Tensor] = objective.terms(drawing, zoom=zoom)
    # The recogniser of a bundle is dlib's unless somebody asks for another: 1 - its loss is the cosine.
    return {name: float(value) for name, value in terms.items()} | {"dlib_cosine": 1 - float(terms["identity"])}
