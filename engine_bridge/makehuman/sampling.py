"""Random people: sex, ancestry and age shape skin, hair and make-up, loosely, so that every combination still
occurs."""

from __future__ import annotations

import numpy as np

from engine_bridge.makehuman.head import SKIN, Head
from f2p.schema import Schema

LOOSE = 0.25  # share of characters whose appearance ignores sex, ancestry and age
REACH = 3.0  # spreads at which a slider's draw is cut off
# The furthest (dm) that a group of sliders moves a point of the face from the average.
REACHES = {
    "face_shape": 0.075,
    "forehead": 0.070,
    "brow": 0.045,
    "eye": 0.036,
    "nose": 0.050,
    "mouth": 0.042,
    "cheek": 0.036,
    "chin": 0.065,
}
FEMALE_HAIR = {
    "pixie",
    "bob",
    "fringe",
    "long",
    "long_wavy",
    "long_curly",
    "swept_back",
    "ponytail",
    "bun",
    "updo",
}
TONE_OF = {"african": 0.66, "asian": 0.30, "caucasian": 0.17}
HAIR_OF = {"african": 0.92, "asian": 0.90, "caucasian": 0.55}
IRIS_OF = {"african": 0.10, "asian": 0.14, "caucasian": 0.50}


class Bounds:
    """How far a group of sliders may move any point of the face all together (`REACHES`): each slider alone stays
    human, the sum of twenty in one direction does not."""

    def __init__(self, schema: Schema, head: Head) -> None:
        face = np.unique(head.triangles[head.part == SKIN])
        face = face[head.vertices[face, 2] > 0]
        self._groups = []
        for group, reach in REACHES.items():
            sliders = [p for p in schema.continuous if p.group == group and p.unit == "weight"]
            rows = head.basis[[head.names[p.name] for p in sliders]][:, face]
            span = np.array([p.high - p.low for p in sliders], np.float32)
            directions = (rows * span[:, None, None]).reshape(len(sliders), -1)
            self._groups.append((reach, [p.name for p in sliders], [p.average for p in sliders], directions))

    def hold(self, values: dict[str, float | str]) -> None:
        """Draw the sliders of each group towards their averages until the group keeps within its reach."""
        for reach, names, averages, directions in self._groups:
            step = np.array([float(values[n]) - a for n, a in zip(names, averages, strict=True)], np.float32)
            moved = np.linalg.norm((step @ directions).reshape(-1, 3), axis=1).max()
            if moved > reach:
                for name, average, delta in zip(names, averages, step * (reach / moved), strict=True):
                    values[name] = float(average + delta)


def sample(schema: Schema, bounds: Bounds, seed: int) -> dict[str, float | str]:
    """Normalised values of character number ``seed``; expression sliders stay at rest."""
    rng = np.random.default_rng([0xF2B, seed])
    width = rng.uniform(0.5, 1.3)
    values: dict[str, float | str] = {}
    for p in schema.continuous:
        z = float(np.clip(rng.normal() * width, -REACH, REACH))
        values[p.name] = float(np.clip(p.average + p.spread * z, 0, 1)) if p.spread else p.average

    bounds.hold(values)

    def weight(name: str, value: float) -> None:
        p = schema.parameter(name)
        values[name] = float(np.clip((value - p.low) / (p.high - p.low), 0, 1))  # type: ignore[union-attr]

    sex = float(rng.choice([-1, 1]) * rng.beta(3, 1.2))
    ancestry = dict(zip(TONE_OF, rng.dirichlet([0.6] * 3), strict=True))
    age = float(rng.beta(1.2, 2.5))
    weight("sex", sex)
    weight("age", age * 0.95 - 0.1)
    for name, share in ancestry.items():
        weight(name, (share - 1 / 3) * 1.1)
    style = {d.name: str(rng.choice(d.options, p=np.array(d.weights) / np.sum(d.weights))) for d in schema.discrete}
    if rng.random() > LOOSE:
        tone = sum(share * TONE_OF[n] for n, share in ancestry.items())
        values["skin_tone"] = float(np.clip(rng.normal(tone, 0.10), 0, 1))
        values["hair_darkness"] = float(
            np.clip(rng.normal(sum(s * HAIR_OF[n] for n, s in ancestry.items()), 0.17), 0, 1)
        )
        values["iris_colour"] = float(np.clip(rng.normal(sum(s * IRIS_OF[n] for n, s in ancestry.items()), 0.18), 0, 1))
        values["hair_grey"] = float(np.clip(rng.normal((age - 0.45) * 1.1, 0.15), 0, 1))
        values["skin_lines"] = float(np.clip(rng.normal(0.08 + 0.5 * age, 0.12), 0, 1))
        hair = next(d for d in schema.discrete if d.name == "hair_style")
        fitting = np.array([3.0 if (option in FEMALE_HAIR) == (sex < 0) else 0.35 for option in hair.options])
        chances = np.array(hair.weights) * fitting
        style["hair_style"] = str(rng.choice(hair.options, p=chances / chances.sum()))
        if sex < 0:
            style["beard_style"] = "none"
        else:
            style["lipstick"] = "none" if rng.random() < 0.85 else style["lipstick"]
            for name in ("blush", "eye_shadow", "eye_liner"):
                values[name] = float(values[name]) * 0.4
    if rng.random() > 0.35 + 1.9 * age:  # the young wear glasses less often
        style["glasses"] = "none"
    return values | style
