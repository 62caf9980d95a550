"""Stability of the solved skin colour when only the light of the photo changes.

    python -m benchmarks.likeness.skin_light PHOTO... [--lights dark bright warm] [--out FILE]

Each photo is solved as it is and in other light. Printed for each light, as means over the photos: how far the sliders
of the skin move (shares of their range), and the CIELAB distance, in all and in lightness, between the skins that the
imitator draws; beside it the same distance between the photos themselves.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import torch
import tyro
from torch import Tensor

from benchmarks.command_line import run_command
from benchmarks.likeness.degrade import degrade
from f2p.bundle import Bundle, load_bundle
from f2p.creator import CharacterCreator
from f2p.imaging.region_statistics import COLOUR_REGIONS, region_colours
from f2p.targets.photo_set import PhotoSet

SLIDERS = ("skin_tone", "skin_undertone", "skin_redness")
_SKIN = [name for name, _, _ in COLOUR_REGIONS].index("skin")


@torch.no_grad()
def skins(bundle: Bundle, values: dict[str, float | str], photo_set: PhotoSet) -> tuple[Tensor, Tensor]:
    """CIELAB (3,) of the skin as drawn, and as it is in the photo."""
    drawing = bundle.imitator(torch.from_numpy(bundle.schema.encode(values))[None])
    photo = photo_set.target.main
    drawn = region_colours(drawing.image, drawing.labels.softmax(1))
    return drawn[0, _SKIN], region_colours(photo.image, photo.probs)[0, _SKIN]


def main(
    photos: Annotated[tuple[Path, ...], tyro.conf.Positional],
    lights: tuple[str, ...] = ("dark", "bright", "warm"),
    bundle: Path | None = None,
    preset: str = "default",
    out: Path = Path("out/skin_light.json"),
) -> int:
    """Measure how far the skin moves with the light.

    Args:
        photos: photos of one face each, in colour.
        lights: degradations of benchmarks.likeness.degrade.
        bundle: the bundle's folder; the shipped one by default.
        preset: the recipe.
        out: where the figures of each photo go, as JSON.
    """
    loaded = load_bundle(bundle)
    rows = []
    with CharacterCreator(loaded, preset=preset, render=False, confidence=False) as creator:
        for path in photos:
            photo_set = creator.measure(path)
            before = creator.create(photo_set).values
            drawn, seen = skins(loaded, before, photo_set)
            for light in lights:
                pixels, width = photo_set.aligned.photo, photo_set.aligned.quality.face_px
                other = creator.measure(degrade(light, pixels, width))
                after = creator.create(other).values
                drawn_after, seen_after = skins(loaded, after, other)
                moved = {name: abs(float(after[name]) - float(before[name])) for name in SLIDERS}
                colours = {
                    "drawn": float((drawn_after - drawn).norm()),
                    "drawn_lightness": float((drawn_after - drawn)[0].abs()),
                    "photo": float((seen_after - seen).norm()),
                    "photo_lightness": float((seen_after - seen)[0].abs()),
                }
                rows.append({"photo_name": path.name, "light": light, **moved, **colours})
    names = [name for name in rows[0] if name not in ("photo_name", "light")]
    print(f"| light | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    for light in lights:
        part = [row for row in rows if row["light"] == light]
        print(f"| {light} | {' | '.join(f'{sum(float(r[n]) for r in part) / len(part):.3f}' for n in names)} |")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    run_command(main)
