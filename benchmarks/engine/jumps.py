"""Table of jumps: the largest change of a single pixel, in grey levels, that a small step of each slider makes.

    python -m benchmarks.engine.jumps [--characters 4] [--positions 4] [--sliders NAME ...] [--out FILE]

An imitator learns a slider well only where the picture changes smoothly with it.  Every slider is moved by a step at
several positions along its range, on several random characters of different styles; the worst step counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from rich.progress import track

from benchmarks.command_line import run_command
from engine_bridge.makehuman.engine import MakeHumanEngine
from f2p.regions import REGIONS

SIZE, STEP, GOAL = 128, 0.02, 40
# What is put on the characters beside what they drew, so that every slider has something to move.
WORN: list[dict[str, float | str]] = [
    {"hair_style": "side_part", "beard_style": "short", "glasses": "rectangular", "glasses_colour": 0.05},
    {"hair_style": "long_wavy", "beard_style": "none", "lipstick": "red", "eye_liner": 0.5, "glasses": "none"},
    {"hair_style": "short", "beard_style": "full", "glasses": "thick_round", "freckles": 0.4, "moles": 0.3},
    {"hair_style": "bob", "beard_style": "none", "lipstick": "none", "glasses": "round_wire", "eye_shadow": 0.4},
    {"hair_style": "fade", "beard_style": "goatee", "glasses": "none"},
    {"hair_style": "curly", "beard_style": "stubble", "glasses": "cat_eye", "lens_tint": 0.4},
]
NEEDS: Mapping[str, Mapping[str, float | str]] = {
    "hair_dye_hue": {"hair_dye": 0.9},
    "cover_colour": {"head_cover": "cap"},
    "eye_shadow_colour": {"eye_shadow": 0.8},
    "mouthClose": {"jawOpen": 0.5},
    "tongueOut": {"jawOpen": 0.5},
}


def jump(engine: MakeHumanEngine, values: Mapping[str, float | str], slider: str, at: float) -> tuple[int, str]:
    """The largest change of a pixel's channel for a step of ``slider`` from ``at``, and the region where it is."""
    low = {**values, **NEEDS.get(slider, {}), slider: at}
    first, second = engine.render(low, SIZE), engine.render({**low, slider: at + STEP}, SIZE)
    change = np.abs(first.image.astype(np.int16) - second.image).max(axis=2)
    y, x = divmod(int(change.argmax()), SIZE)
    return int(change.max()), f"{REGIONS[first.labels[y, x]]} at {x}, {y}"


def main(
    characters: int = 4, positions: int = 4, sliders: tuple[str, ...] = (), out: Path = Path("out/jumps.json")
) -> int:
    """Measure the jumps.

    Args:
        characters: random characters that each slider is moved on, 6 styles in turn.
        positions: positions along each slider's range.
        sliders: the names of those to measure; all if none is given.
        out: where the table goes, as JSON.
    """
    engine = MakeHumanEngine()
    people = [{**engine.sample(7000 + k), **WORN[k % len(WORN)]} for k in range(characters)]
    names = [p.name for p in engine.schema.continuous if not sliders or p.name in sliders]
    places = ((k + 0.5) / positions * (1 - STEP) for k in range(positions))
    spots = [round(p, 3) for p in places]
    table: dict[str, dict[str, object]] = {}
    for name in track(names, "sliders"):
        steps = [(*jump(engine, who, name, at), k, at) for k, who in enumerate(people) for at in spots]
        worst = max(steps)
        table[name] = {"levels": worst[0], "where": worst[1], "character": worst[2], "from": worst[3]}
        table[name]["over_goal"] = round(sum(s[0] > GOAL for s in steps) / len(steps), 3)
    ranked = dict(sorted(table.items(), key=lambda row: -int(str(row[1]["levels"]))))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(ranked, indent=1), encoding="utf-8")
    over = [name for name, row in ranked.items() if int(str(row["levels"])) > GOAL]
    for name, row in list(ranked.items())[: max(len(over), 12)]:
        print(f"{name:24} {row['levels']:4}  {row['where']}, character {row['character']} from {row['from']}")
    print(f"{len(over)} of {len(ranked)} sliders jump by more than {GOAL} grey levels somewhere.")
    return 0


if __name__ == "__main__":
    run_command(main)
