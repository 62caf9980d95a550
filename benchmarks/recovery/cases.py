"""The characters of the recovery benchmark, and what their faces do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from f2p.engines.protocol import FRONTAL, View
from imitator_training.data.expressions import NATURAL, expression_of, natural_expression, shown_units
from imitator_training.data.sampling import SampleConfig, draw

KNOWN = SampleConfig(expressions=0.6, yaw=20.0, pitch=15.0, photo_like=True)
SEED = 7_000_000  # far from the seeds of any training
TURN = 20.0
SMILES = ("closed smile", "toothy smile", "open mouth")

Values = Mapping[str, float | str]


@dataclass(frozen=True)
class Case:
    """One render to solve.

    Attributes:
        part: "known", "apart" or "turned".
        character, face: their numbers; face 0 of `apart` is neutral, that of `turned` frontal.
        values: the neutral truth.
        units: the expression that the render wears on it.
        view: how the head is turned.
    """

    part: str
    character: int
    face: int
    values: Values
    units: Mapping[str, float]
    view: View

    @property
    def key(self) -> str:
        return f"{self.part}/{self.character}/{self.face}"


def known_cases(engine: Any, count: int, seed: int) -> list[Case]:
    """One render each, of natural expressions and poses; the light is the engine's own."""
    cases = []
    for number in range(count):
        sample = draw(engine, SEED + seed, number, replace(KNOWN, expressions=0.0))
        rng = np.random.default_rng([SEED + seed, number, 1])
        worn = natural_expression(shown_units(engine.schema), rng) if rng.random() < KNOWN.expressions else {}
        cases.append(Case("known", number, 0, sample.values, worn, sample.view))
    return cases


def apart_cases(engine: Any, count: int, seed: int) -> list[Case]:
    """Five renders each from the front: neutral, a closed and a toothy smile, an open mouth, and one of the others."""
    units, cases = shown_units(engine.schema), []
    others = [name for name in NATURAL if name not in SMILES]
    for number in range(count):
        values = draw(engine, SEED + seed + 1, number, SampleConfig()).values
        rng = np.random.default_rng([SEED + seed, number, 2])
        kinds = (*SMILES, others[number % len(others)])
        faces = [{}, *(expression_of(kind, units, rng) for kind in kinds)]
        cases += [Case("apart", number, face, values, worn, FRONTAL) for face, worn in enumerate(faces)]
    return cases


def turned_cases(engine: Any, count: int, seed: int) -> list[Case]:
    """Two neutral renders each: from the front, and turned by `TURN` degrees, to the left and to the right in turn."""
    cases = []
    for number in range(count):
        values = draw(engine, SEED + seed + 4, number, SampleConfig()).values
        views = (FRONTAL, View(TURN * (-1) ** number, 0.0))
        cases += [Case("turned", number, face, values, {}, view) for face, view in enumerate(views)]
    return cases
