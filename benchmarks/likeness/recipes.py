"""Ways from a measured photo to x, by name: every preset, and baselines to hold them against.

average      the schema's average face, for everybody
translator   the translator's guess alone, not shrunk
cma          CMA-ES straight through the engine, see benchmarks.likeness.cma
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import torch
from torch import Tensor

from benchmarks.likeness.cma import search_engine
from f2p.bundle import Bundle
from f2p.character.records import FaceExpression
from f2p.engines.protocol import Engine
from f2p.fitting.presets import Preset, get_preset, preset_names
from f2p.fitting.solver import solve
from f2p.targets.target import Target

REFERENCE = "default"
"""The preset that the baselines borrow from: start and discretes of `translator`, objective and seconds of `cma`."""


@dataclass(frozen=True)
class Answer:
    """Answer of a recipe: x (P,) in [0, 1], the seconds it took, the objective's terms where it has any, and what the
    photo's face does, and how much larger the photo shows it (`f2p.fitting.scale`), where it looked for that."""

    x: Tensor
    seconds: float
    losses: dict[str, float] = field(default_factory=dict)
    face: FaceExpression | None = None
    zoom: float | None = None


Recipe = Callable[[Target, float], Answer]
"""A target, and the seconds that the reference took for it (0 where it did not run)."""


def recipe_names() -> tuple[str, ...]:
    """Every name that `--presets` takes."""
    return (*preset_names(), "average", "translator", "cma")


def in_order(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names, each once, `cma` last, since it must know how long the reference took.

    Raises:
        SystemExit: a name is unknown, none is given, or `cma` comes without the reference.
    """
    names = tuple(dict.fromkeys(names))
    unknown = [name for name in names if name not in recipe_names()]
    if unknown or not names:
        raise SystemExit(f"There is no recipe {', '.join(unknown) or '(none given)'}: use {', '.join(recipe_names())}.")
    if "cma" in names and REFERENCE not in names:
        raise SystemExit(f"'cma' gets the seconds that '{REFERENCE}' took: add {REFERENCE} to --presets.")
    return tuple(sorted(names, key=lambda name: name == "cma"))


def recipe(name: str, bundle: Bundle, engine: Engine, seed: int) -> Recipe:
    """The recipe of that name.

    Raises:
        SystemExit: it needs a translator, and the bundle has none.
    """
    if name == "average":
        return lambda target, seconds: Answer(torch.from_numpy(bundle.schema.average()), 0.0)
    if name == "cma":
        return lambda target, seconds: Answer(
            *search_engine(bundle, engine, target, get_preset(REFERENCE), seconds, seed)
        )
    chosen = guess_alone(bundle) if name == "translator" else get_preset(name)
    return lambda target, seconds: _solved(bundle, target, chosen, seed)


def guess_alone(bundle: Bundle) -> Preset:
    """The translator's guess as a recipe of no steps."""
    if bundle.translator is None:
        raise SystemExit(f"Bundle '{bundle.name}' has no translator: leave 'translator' out of --presets.")
    return dataclasses.replace(get_preset(REFERENCE), name="translator", start="translator", steps=0)


def _solved(bundle: Bundle, target: Target, chosen: Preset, seed: int) -> Answer:
    with ThreadPoolExecutor(2) as executor:
        solution = solve(bundle, target, chosen, seed, executor=executor)
    face = solution.expressions[0] if solution.expressions else None
    zoom = solution.zooms[0] if solution.zooms else None
    return Answer(solution.x, solution.seconds, solution.losses, face, zoom)
