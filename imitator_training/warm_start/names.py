"""Affine maps between the vectors of two schemas, and between the regions of two releases, found by name.

Shapes: P parameters (components of x), C continuous parameters, O options of all choices, K regions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from f2p.networks.imitator.base import standardisation
from f2p.regions import REGIONS
from f2p.schema import Continuous, Discrete, Schema

__all__ = [
    "block_rows",
    "changes",
    "choice_rows",
    "features_map",
    "option_rows",
    "region_rows",
    "slider_rows",
    "standardised_map",
    "with_pose",
]

UNLIKELY = 3.0
"""Distance below the mean logit at which a new region starts: it wins no pixel before it is trained."""
EMBEDDING, MOMENTS, CELLS, ATTRIBUTES = 128, 6, 256, 2
"""The parts of `f2p.networks.translator.translator_features`: of the embedding, per region (two), and of the attributes
that some read."""


def standardised_map(
    old: Schema,
    new: Schema,
    old_expressions: Mapping[str, float] | None = None,
    new_expressions: Mapping[str, float] | None = None,
) -> tuple[Tensor, Tensor]:
    """(P_old, P_new) B and (P_old,) b in float64: what an old imitator saw of a face is B z + b of what a new one sees.

    A new slider does nothing, nor does an expression that the old imitator did not draw; a slider or choice that is
    gone stands at its average; a new option looks like the mean of the old ones.
    """
    drawn = {name: spread for name, spread in (old_expressions or {}).items() if name in old.names}
    matrix, constant = np.zeros((old.size, new.size)), old.average().astype(np.float64)
    for parameter in old.parameters:
        rows, now = old.slices[parameter.name], _same_kind(parameter, new)
        if isinstance(parameter, Continuous) and isinstance(now, Continuous):
            scale, offset = _place(now, parameter)
            matrix[rows, new.slices[parameter.name]], constant[rows] = scale, offset
        elif isinstance(parameter, Discrete) and isinstance(now, Discrete):
            constant[rows] = 0
            for column, option in enumerate(now.options, new.slices[parameter.name].start):
                known = option in parameter.options
                matrix[rows, column] = [o == option for o in parameter.options] if known else parameter.weights
    (old_mean, old_scale), (new_mean, new_scale) = (
        tuple(part.double() for part in standardisation(*each)) for each in ((old, drawn), (new, new_expressions))
    )
    m = torch.from_numpy(matrix)
    unscaled = torch.where(new_scale > 0, 1 / new_scale.clamp_min(1e-12), torch.zeros_like(new_scale))
    b = old_scale * (m @ new_mean + torch.from_numpy(constant) - old_mean)
    return old_scale[:, None] * m * unscaled, b


def with_pose(matrix: Tensor, old: Sequence[float], new: Sequence[float]) -> Tensor:
    """`standardised_map`'s matrix with rows and columns for the three angles of imitators that turn heads so far."""
    angles = torch.zeros(len(old), len(new)).to(matrix)
    for i, (before, now) in enumerate(zip(old, new, strict=False)):
        angles[i, i] = now / before if before else 0.0
    return torch.block_diag(matrix, angles)


def slider_rows(old: Schema, new: Schema) -> tuple[Tensor, Tensor]:
    """(C_new, C_old) A and (C_new,) a in float64: the same face's z of the new sliders is A z + a; 0 for new ones."""
    matrix, constant = torch.zeros(len(new.continuous), len(old.continuous)).double(), torch.zeros(len(new.continuous))
    constant = constant.double()
    where = {slider.name: i for i, slider in enumerate(old.continuous)}
    for row, slider in enumerate(new.continuous):
        if slider.name not in where or slider.spread == 0:
            continue
        before = old.continuous[where[slider.name]]
        if before.spread == 0:  # never solved: its row was never trained
            continue
        scale, offset = _place(before, slider)
        matrix[row, where[slider.name]] = scale * before.spread / slider.spread
        constant[row] = (scale * before.average + offset - slider.average) / slider.spread
    return matrix, constant


def option_rows(old: Schema, new: Schema) -> Tensor:
    """(O_new, O_old) float64: logits of the new options from the old; a new option starts at its choice's mean."""
    columns = _options(old)
    matrix = torch.zeros(len(_options(new)), len(columns)).double()
    for row, (choice, option) in enumerate(_options(new)):
        if (choice, option) in columns:
            matrix[row, columns.index((choice, option))] = 1
            continue
        siblings = [column for column, (name, _) in enumerate(columns) if name == choice]
        if siblings:
            matrix[row, siblings] = 1 / len(siblings)
    return matrix


def choice_rows(old: Schema, new: Schema, choice: str) -> Tensor:
    """(O_new, O_old) float64 of one choice: which old options its options look like; a new one, like their mean."""
    before, now = (s.parameter(choice) if choice in s.names else None for s in (old, new))
    if not isinstance(before, Discrete) or not isinstance(now, Discrete):
        return torch.zeros(0, 0).double()
    rows = [
        [float(o == option) for o in before.options] if option in before.options else before.weights
        for option in now.options
    ]
    return torch.tensor(rows, dtype=torch.float64)


def region_rows(old: Sequence[str]) -> tuple[Tensor, Tensor]:
    """(K_new, K_old) R and (K_new,) r in float64: logits of today's regions are R l + r of the old ones'."""
    matrix, constant = torch.zeros(len(REGIONS), len(old)).double(), torch.zeros(len(REGIONS)).double()
    for row, name in enumerate(REGIONS):
        if name in old:
            matrix[row, list(old).index(name)] = 1
        else:
            matrix[row], constant[row] = 1 / len(old), -UNLIKELY
    return matrix, constant


def block_rows(old: int, new: int) -> Tensor:
    """(new, old) float64: pixels of a block before a pixel shuffle from those of a block of another size, r r each.

    A pixel of a coarser block stands for all that it covered; a coarser one is the mean of those that it covers.
    """
    before, now = math.isqrt(old), math.isqrt(new)
    along = torch.zeros(now, before).double()
    for i in range(max(before, now) if along.numel() else 0):
        along[i * now // max(before, now), i * before // max(before, now)] += 1
    along /= along.sum(1, keepdim=True)
    return torch.kron(along, along)


def features_map(old: Sequence[str], old_size: int, new_size: int) -> list[int] | None:
    """Index of each of the translator's new features among the old ones, -1 for new ones; None when the layouts
    cannot be told."""
    of_region = MOMENTS + CELLS
    colours = [size - EMBEDDING - count * of_region for size, count in ((old_size, len(old)), (new_size, len(REGIONS)))]
    attributes = [ATTRIBUTES if number % 3 == ATTRIBUTES else 0 for number in colours]
    colours = [number - more for number, more in zip(colours, attributes, strict=True)]
    if min(colours) < 0 or any(number % 3 for number in colours):
        return None
    places = list(range(EMBEDDING))
    places += _blocks(old, MOMENTS, EMBEDDING)
    first_colour = EMBEDDING + len(old) * MOMENTS
    places += [first_colour + i if i < colours[0] else -1 for i in range(colours[1])]
    places += _blocks(old, CELLS, first_colour + colours[0])
    return places + [old_size - ATTRIBUTES + i if attributes[0] else -1 for i in range(attributes[1])]


def changes(old: Schema, new: Schema, old_regions: Sequence[str]) -> dict[str, list[str]]:
    """Names that are new, converted and gone."""
    known = {**dict.fromkeys(old.names), **{f"{c}={o}": None for c, o in _options(old)}}
    today = {**dict.fromkeys(new.names), **{f"{c}={o}": None for c, o in _options(new)}}
    moved = [
        slider.name
        for slider in new.continuous
        if isinstance(before := _same_kind(slider, old), Continuous) and _meaning(before) != _meaning(slider)
    ]
    return {
        "new": [*(name for name in today if name not in known), *_missing(REGIONS, old_regions)],
        "converted": moved,
        "gone": [*(name for name in known if name not in today), *_missing(old_regions, REGIONS)],
    }


def _missing(these: Sequence[str], among: Sequence[str]) -> list[str]:
    return [f"region {name}" for name in these if name not in among]


def _meaning(slider: Continuous) -> tuple[float, ...]:
    return slider.low, slider.high, slider.average, slider.spread


def _place(given: Continuous, wanted: Continuous) -> tuple[float, float]:
    """(scale, offset): normalised value on `wanted` = scale * normalised value on `given` + offset, by engine units."""
    if given.unit != wanted.unit:
        return 1.0, 0.0
    span = wanted.high - wanted.low
    return (given.high - given.low) / span, (given.low - wanted.low) / span


def _same_kind(parameter: Continuous | Discrete, schema: Schema) -> Continuous | Discrete | None:
    found = schema.parameter(parameter.name) if parameter.name in schema.names else None
    return found if type(found) is type(parameter) else None


def _options(schema: Schema) -> list[tuple[str, str]]:
    return [(choice.name, option) for choice in schema.discrete for option in choice.options]


def _blocks(old: Sequence[str], width: int, start: int) -> list[int]:
    places: list[int] = []
    for name in REGIONS:
        first = start + list(old).index(name) * width if name in old else None
        places += [-1] * width if first is None else list(range(first, first + width))
    return places
