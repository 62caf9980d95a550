"""Measure the colours that the studio light makes of albedos, and solve for the albedos that show as promised.

A developer's tool: ``python -m engine_bridge.makehuman.calibrate`` prints the tables that `palette` keeps. What
counts is the median over the region's pixels of the average face, bald and shaven, from the front.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman import palette
from engine_bridge.makehuman.engine import MakeHumanEngine
from engine_bridge.makehuman.palette import RGB, Colour
from f2p.regions import index

SIDE, ROUNDS = 128, 4
PLAIN: dict[str, float | str] = {"hair_style": "bald", "freckles": 0.0, "moles": 0.0, "blush": 0.0, "eye_circles": 0.0}


def shown(engine: MakeHumanEngine, values: dict[str, float | str], regions: Sequence[str], side: int = SIDE) -> Colour:
    """Median colour (3,), sRGB bytes, of the regions of the average face with ``values``."""
    frame = engine.render({**PLAIN, **values}, side)
    seen = np.isin(frame.labels, [index(name) for name in regions])
    return np.median(frame.image[seen].astype(np.float64), axis=0)


def solve(wanted: RGB, albedo: Colour, draw: Callable[[Colour], Colour]) -> Colour:
    """The albedo for which ``draw`` shows ``wanted``: each round corrects what the last one missed."""
    goal = palette.linear(wanted)
    for _ in range(ROUNDS):
        seen = palette.linear(tuple(draw(albedo)))
        albedo = np.clip(albedo * (goal / np.maximum(seen, 1e-4)) ** 0.9, 0.002, 1.5)
    return albedo


def main() -> None:
    engine = MakeHumanEngine()

    def table(name: str, rows: list[NDArray[np.float64]]) -> None:
        print(f"{name} = [")
        for row in rows:
            print("    (" + ", ".join(f"{c:.4f}" for c in row) + "),")
        print("]")

    count = len(palette.SKINS)
    skins = list(palette.skin_albedos())  # where the last calibration ended
    for k in range(count):

        def draw(albedo: Colour, k: int = k) -> Colour:
            skins[k] = albedo
            palette.SKIN_ALBEDOS[:] = [tuple(s) for s in skins]
            palette.skin_albedos.cache_clear()
            return shown(engine, {"skin_tone": k / (count - 1)}, ["skin"])

        skins[k] = solve(palette.SKINS[k], skins[k], draw)
    palette.SKIN_ALBEDOS[:] = [tuple(s) for s in skins]
    palette.skin_albedos.cache_clear()
    table("SKIN_ALBEDOS", skins)
    sticks = []
    for name, wanted in palette.LIPSTICKS.items():
        if wanted is None:
            continue

        def paint(albedo: Colour, name: str = name) -> Colour:
            palette.LIP_ALBEDOS[name] = tuple(albedo)
            return shown(engine, {"lipstick": name}, ["upper_lip", "lower_lip"], 256)

        sticks.append((name, solve(wanted, np.array(palette.LIP_ALBEDOS.get(name, palette.linear(wanted))), paint)))
    print("LIP_ALBEDOS = {")
    for name, row in sticks:
        print(f'    "{name}": (' + ", ".join(f"{c:.4f}" for c in row) + "),")
    print("}")


if __name__ == "__main__":
    main()
