"""Gain by further photos of one person, and harm by a stranger's photo among them.

    python -m benchmarks.likeness.several_photos [PHOTOS] [--characters 12] [--bundle DIR]

Engine renders first: each character is rendered eight times with natural expressions, turned heads, and in the light,
blur and compression of bad photos, and solved from the first 1, 2, 4, 8 of them, and from 4 of which one is of another
character. With a folder PHOTOS, real people too: eight bad copies of one photo stand for eight photos, as the folder
has one of each.

cosine    dlib's embeddings of the engine's render of the answer, neutral and from the front, and of the truth: the
          character's own such render, or the undegraded photo; less the mean of all truths
distance  root mean square distance of the identity sliders from the truth, in sampling spreads (renders only)
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tyro
from rich.progress import track

from benchmarks.command_line import run_command
from benchmarks.likeness.degrade import DEGRADATIONS, degrade
from benchmarks.likeness.metrics import Array, cosines
from benchmarks.likeness.subjects import embed, photo_files
from benchmarks.recovery.cases import KNOWN, SEED
from f2p.bundle import Bundle, load_bundle
from f2p.creator import CharacterCreator
from f2p.engines.protocol import FRONTAL, Engine
from f2p.engines.registry import open_engine
from f2p.face.crops import photo_chips
from f2p.face.detection import find_faces
from f2p.imaging.decode import Photo, read_photo
from imitator_training.data.expressions import natural_expression, shown_units
from imitator_training.data.sampling import SampleConfig, draw

MOST = 8
COUNTS = (1, 2, 4, 8)
STRANGER = "4, one of them a stranger's"
SIDE = 384
BAD = ("", *DEGRADATIONS)


class Person:
    """Person with eight photos, the embedding of the truth (128,), and the values where they are known."""

    def __init__(self, photos: Sequence[Photo], truth: Array, values: Mapping[str, float | str] | None = None) -> None:
        self.photos, self.truth, self.values = photos, truth, values


def characters(engine: Any, count: int) -> Iterator[Person]:
    """Yield random characters, each rendered `MOST` times as photos are taken."""
    units = shown_units(engine.schema)
    for number in range(count):
        values = draw(engine, SEED + 2, number, SampleConfig()).values
        rng = np.random.default_rng([SEED, number, 3])
        photos = []
        for turn in range(MOST):
            view = draw(engine, SEED + 3, MOST * number + turn, KNOWN).view
            worn = natural_expression(units, rng) if rng.random() < KNOWN.expressions else {}
            photos.append(_worse(Photo(engine.render({**values, **worn}, SIDE, view).image, grey=False), turn))
        yield Person(photos, _embedding(engine.render(values, SIDE, FRONTAL).image), values)


def people(folder: Path) -> Iterator[Person]:
    """Yield the people of a folder, each in `MOST` bad copies of one photo; left out where a copy shows no face."""
    for path in photo_files(folder):
        photo = read_photo(path.read_bytes())
        copies = [_worse(photo, turn) for turn in range(1, MOST + 1)]
        if all(find_faces(copy.pixels) for copy in copies):
            yield Person(copies, _embedding(photo.pixels))


def _worse(photo: Photo, turn: int) -> Photo:
    kind = BAD[turn % len(BAD)]
    return degrade(kind, photo.pixels, find_faces(photo.pixels)[0].width) if kind else photo


def _embedding(pixels: np.ndarray) -> Array:
    faces = find_faces(pixels)
    return np.asarray(embed(photo_chips(pixels, faces[0].landmarks5), grey=False), np.float64)


def measure(bundle: Bundle, engine: Engine, persons: Sequence[Person]) -> dict[str, dict[str, float]]:
    """Figures by the number of photos."""
    solved = [s.name for s in bundle.schema.continuous if s.spread > 0 and s.role == "identity"]
    spread = {s.name: s.spread for s in bundle.schema.continuous}
    found: dict[str, list[Array]] = {}
    apart: dict[str, list[float]] = {}
    with CharacterCreator(bundle, render=False, confidence=False) as creator:
        for number, person in enumerate(track(persons, description="people", disable=not sys.stderr.isatty())):
            stranger = persons[number - 1].photos[0]
            sets = {str(count): list(person.photos[:count]) for count in COUNTS}
            sets[STRANGER] = [*person.photos[:3], stranger]
            for name, photos in sets.items():
                values = creator.create(photos if len(photos) > 1 else photos[0]).values
                found.setdefault(name, []).append(_embedding(engine.render(values, SIDE).image))
                if person.values is not None:
                    z = [(float(values[n]) - float(person.values[n])) / spread[n] for n in solved]
                    apart.setdefault(name, []).append(float(np.sqrt(np.mean(np.square(z)))))
    truth = np.stack([person.truth for person in persons])
    centre = truth.mean(0)
    return {
        name: {
            "cosine": float(np.diagonal(cosines(truth, np.stack(seen), centre)).mean()),
            **({"distance": float(np.mean(apart[name]))} if name in apart else {}),
        }
        for name, seen in found.items()
    }


def main(
    photos: Annotated[Path | None, tyro.conf.Positional] = None,
    characters_count: Annotated[int, tyro.conf.arg(name="characters")] = 12,
    bundle: Path | None = None,
    out: Path = Path("out/several.json"),
) -> int:
    """Measure the gain by further photos of one person.

    Args:
        photos: folder of real photos, one face each.
        characters_count: how many of the engine's characters.
        bundle: the bundle's folder; the shipped one by default.
        out: where the figures go.
    """
    loaded = load_bundle(bundle)
    engine = open_engine(loaded.engine)
    try:
        figures = {"renders": measure(loaded, engine, list(characters(engine, characters_count)))}
        if photos is not None:
            figures["bad copies of a photo"] = measure(loaded, engine, list(people(photos)))
    finally:
        engine.close()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for kind, rows in figures.items():
        print(f"\n| {kind}, photos | cosine | distance |\n|---|---|---|")
        for name, row in rows.items():
            print(f"| {name} | {row['cosine']:.3f} | {format(row['distance'], '.3f') if 'distance' in row else ''} |")
    return 0


if __name__ == "__main__":
    run_command(main)
