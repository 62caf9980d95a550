"""Contact sheets of hair: every style from the front, from three quarters and from the side, on a woman or a man whom
it suits; brows and beards close to; and a style on many different heads.

    python -m engine_bridge.makehuman.strands.gallery OUT [--only bob,short] [--people 12] [--size 320]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from engine_bridge.makehuman.engine import MakeHumanEngine
from engine_bridge.makehuman.people import averages
from engine_bridge.makehuman.people.who import Who
from engine_bridge.makehuman.strands.beards import STYLES as BEARDS
from engine_bridge.makehuman.strands.brows import STYLES as BROWS
from engine_bridge.makehuman.strands.styles import STYLES
from f2p.engines.protocol import View

VIEWS = (View(), View(yaw=38), View(yaw=82))
MEN = frozenset(
    {"receding", "buzz", "short", "side_part", "quiff", "slicked_back", "textured", "curly", "undercut", "fade"}
    | {"high_top", "man_bun", "bald"}
)
TEXTURED = frozenset({"afro", "fade", "high_top", "twists", "braids", "locs"})
COVERS = ("cap", "hijab")
MORE: dict[str, dict[str, float | str]] = {
    "white": {"hair_style": "bob", "hair_grey": 1.0},
    "half grey": {"hair_style": "long_bob", "hair_grey": 0.55},
    "thinning": {"hair_style": "short", "hair_thinning": 0.7},
    "receding 1": {"hair_style": "short", "hair_receding": 0.33},
    "receding 2": {"hair_style": "short", "hair_receding": 0.66},
    "receding 3": {"hair_style": "short", "hair_receding": 1.0},
    "pink": {"hair_style": "long_wavy", "hair_dye": 1.0, "hair_dye_hue": 0.2, "hair_darkness": 0.2},
    "blue": {"hair_style": "pixie", "hair_dye": 1.0, "hair_dye_hue": 0.6, "hair_darkness": 0.2},
    "blond": {"hair_style": "long", "hair_darkness": 0.15},
    "ginger": {"hair_style": "layered", "hair_darkness": 0.4, "hair_redness": 0.95},
    "black": {"hair_style": "long_wavy", "hair_darkness": 1.0},
}
Values = dict[str, float | str]
Picture = np.ndarray


def somebody(engine: MakeHumanEngine, man: bool, african: bool) -> Values:
    """Values of an average man or woman of 28 years with brown hair, of African or of European descent."""
    shares = (0.92, 0.04, 0.04) if african else (0.05, 0.15, 0.80)
    who = Who(1.0 if man else -1.0, 28.0, dict(zip(("african", "asian", "caucasian"), shares, strict=True)), african)
    values: Values = {p.name: averages.average(p, who) for p in engine.schema.continuous if p.role != "expression"}
    sliders = {p.name: p for p in engine.schema.continuous}
    for name, weight in {
        "sex": who.sex,
        "age": who.age,
        **{k: (v - 1 / 3) * 0.95 for k, v in who.ancestry.items()},
    }.items():
        values[name] = min(max(float(sliders[name].from_engine(weight)), 0.0), 1.0)
    dark = {"skin_tone": 0.75, "hair_darkness": 0.97, "iris_colour": 0.05} if african else {"hair_darkness": 0.72}
    return values | dark | {"beard_style": "none", "glasses": "none", "brow_style": "natural", "hair_grey": 0.0}


def rows(engine: MakeHumanEngine, only: Sequence[str], size: int) -> Iterator[tuple[str, Picture]]:
    """Name and picture (size, 3 size, 3) of every style and cover, or of those named ``only``."""
    looks: dict[str, Values] = {name: {"hair_style": name} for name in STYLES}
    looks |= {name: {"hair_style": "long", "head_cover": name} for name in COVERS}
    looks |= MORE
    for name, look in looks.items():
        if not only or name in only:
            style = str(look["hair_style"])
            person = somebody(engine, style in MEN or name == "cap", style in TEXTURED)
            pictures = [engine.render(person | look, size, view).image for view in VIEWS]
            yield name, np.hstack(pictures)


def faces(engine: MakeHumanEngine, size: int) -> Iterator[tuple[str, Picture]]:
    """Name and picture of every brow on a woman and a man, and of every beard from three sides."""
    man, woman = (somebody(engine, m, False) | {"hair_style": "buzz" if m else "ponytail"} for m in (True, False))
    for name in BROWS:
        both = [engine.render(who | {"brow_style": name}, size).image for who in (woman, man)]
        yield f"brow {name}", np.hstack([*both, engine.render(woman | {"brow_style": name}, size, VIEWS[1]).image])
    for name in BEARDS:
        pictures = [engine.render(man | {"beard_style": name}, size, view).image for view in VIEWS]
        yield f"beard {name}", np.hstack(pictures)


def heads(engine: MakeHumanEngine, style: str, people: int, size: int) -> Iterator[Picture]:
    """Pictures of a style on ``people`` random heads, from the front and from other sides in turn."""
    for seed in range(people):
        values = engine.sample(1000 + seed) | {"hair_style": style, "head_cover": "none"}
        yield engine.render(values, size, VIEWS[(0, 1, 0, 2)[seed % 4]]).image


def sheet(tiles: list[tuple[str, Picture]], columns: int) -> Image.Image:
    """One picture of all ``tiles``, each with its name on it."""
    height, width, _ = tiles[0][1].shape
    out = Image.new("RGB", (columns * width, -(-len(tiles) // columns) * height), "white")
    for k, (name, tile) in enumerate(tiles):
        picture = Image.fromarray(tile)
        ImageDraw.Draw(picture).text((4, 3), name, fill="white")
        out.paste(picture, (k % columns * width, k // columns * height))
    return out


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder to write into")
    parser.add_argument("--only", default="", help="styles, covers or names of looks, separated by commas")
    parser.add_argument("--faces", action="store_true", help="draw brows and beards instead")
    parser.add_argument("--people", type=int, default=0, help="also draw each style on so many random heads")
    parser.add_argument("--size", type=int, default=320, help="px of a picture")
    parser.add_argument("--rows", type=int, default=4, help="rows of a sheet")
    wanted = parser.parse_args()
    engine = MakeHumanEngine()
    wanted.out.mkdir(parents=True, exist_ok=True)
    only = [name for name in wanted.only.split(",") if name]
    tiles: list[tuple[str, Picture]] = []
    each = 2 * wanted.rows
    source = faces(engine, wanted.size) if wanted.faces and not only else rows(engine, only, wanted.size)
    for k, tile in enumerate(source):
        tiles.append(tile)
        sheet(tiles[k // each * each :], 2).save(wanted.out / f"sheet{k // each}.png")
    if wanted.people:
        for style in [name for name in STYLES if not only or name in only]:
            many = [(style, p) for p in heads(engine, style, wanted.people, wanted.size)]
            sheet(many, 6).save(wanted.out / f"{style}.png")


if __name__ == "__main__":
    main()
