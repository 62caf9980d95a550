"""People of the reference engine: their ages and sexes to networks, and their proportions beside those of photos.

    python -m benchmarks.engine.people [PHOTOS ...] [--people 200]

Ages are the years that were drawn against the estimate of the network of age; sexes count those who stand plainly to
one side. Proportions are distances of the face mesh's landmarks, in distances between the irises' centres; people of
PHOTOS are parted by the network of sex. Wide draws, head covers and glasses are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import tyro
from numpy.typing import NDArray

from benchmarks.command_line import run_command
from engine_bridge.makehuman.engine import MakeHumanEngine
from engine_bridge.makehuman.face.head import load_head
from engine_bridge.makehuman.sampling import Bounds, draw
from f2p.bundle import load_bundle
from f2p.creator import CharacterCreator
from f2p.errors import F2PError
from f2p.networks.perception import Perception, perception

SIZE, SEED = 256, 15000
AGES = (20.0, 80.0)
LEFT_IRIS, RIGHT_IRIS = 468, 473
PLAIN = 0.4  # of the slider from its middle, -1 to 1
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
Points = NDArray[np.float64]


def _apart(first: int, second: int) -> Callable[[Points], float]:
    return lambda points: float(np.linalg.norm(points[first] - points[second]))


def _below(point: int) -> Callable[[Points], float]:
    return lambda points: float(points[point, 1] - (points[LEFT_IRIS, 1] + points[RIGHT_IRIS, 1]) / 2)


MEASURES: dict[str, Callable[[Points], float]] = {  # by the numbers of MediaPipe's 478 landmarks
    "chin below the eyes": _below(152),
    "mouth below the eyes": _below(13),
    "nose below the eyes": _below(2),
    "width of the mouth": _apart(61, 291),
    "width of the jaw": _apart(172, 397),
    "width of the cheeks": _apart(234, 454),
    "width of an eye": _apart(33, 133),
    "inner brow above the eyes": lambda points: -_below(107)(points),
}


def proportions(landmarks: torch.Tensor) -> list[float]:
    """`MEASURES` of landmarks (478, 2 or more), in distances between the irises' centres."""
    points = landmarks.double().numpy()[:, :2]
    return [measure(points) / _apart(LEFT_IRIS, RIGHT_IRIS)(points) for measure in MEASURES.values()]


def of_engine(people: int, networks: Perception, frame: Points) -> tuple[Points, Points]:
    """(N, 4) years drawn and seen, side of the sex slider (-1 woman to 1 man) and log-odds of a woman; and (N, M)."""
    engine = MakeHumanEngine()
    bounds = Bounds(engine.schema, load_head())
    seen, shapes, seed = [], [], SEED
    while len(seen) < people:
        person = draw(engine.schema, bounds, seed, False)
        seed += 1
        if not AGES[0] <= person.who.years <= AGES[1]:
            continue
        values = dict(person.values) | {"head_cover": "none", "glasses": "none"}
        image = torch.from_numpy(engine.render(values, SIZE).image.copy()).permute(2, 0, 1)[None].float() / 255
        found = networks.attributes(image, frame)
        seen.append([person.who.years, float(found.age), person.who.sex, float(found.female)])
        shapes.append(proportions(networks.shape(image, frame).landmarks[0]))
    return np.array(seen), np.array(shapes)


def of_photos(folders: tuple[Path, ...], networks: Perception) -> tuple[Points, Points]:
    """(N,) log-odds of a woman and (N, M) proportions of the photos that can be used."""
    female, shapes = [], []
    with CharacterCreator(load_bundle(), render=False, confidence=False) as creator:
        for photo in (p for folder in folders for p in sorted(folder.iterdir()) if p.suffix.lower() in SUFFIXES):
            try:
                aligned = creator.measure(photo).aligned
            except F2PError as error:
                print(f"left out: {photo.name}: {error}")
                continue
            shape, attributes = networks.of_photo(aligned.photo, aligned.landmarks5_px)
            female.append(float(attributes.female))
            shapes.append(proportions(shape.landmarks[0]))
    return np.array(female), np.array(shapes).reshape(-1, len(MEASURES))


def ages(seen: Points) -> str:
    """Correlation, slope and bias in years of `of_engine`'s first two columns."""
    drawn, estimated = seen[:, 0], seen[:, 1]
    r, slope = np.corrcoef(drawn, estimated)[0, 1], np.polyfit(drawn, estimated, 1)[0]
    return f"correlation {r:.2f}, slope {slope:.2f}, bias {np.mean(estimated - drawn):+.1f} years"


@torch.no_grad()
def main(*photos: Annotated[Path, tyro.conf.Positional], people: int = 200) -> int:
    """Print ages, sexes and proportions.

    Args:
        photos: folders of photos, one face each, to compare proportions with.
        people: random usual people of the engine, of 20 to 80 years.
    """
    bundle = load_bundle()
    networks = perception(bundle.device)
    seen, shapes = of_engine(people, networks, bundle.frame_landmarks5)
    man = seen[:, 2] > 0
    for name, part in (("all", man | True), ("men", man), ("women", ~man)):
        print(f"{name:6} {ages(seen[part])}")
    plain = np.abs(seen[:, 2]) >= PLAIN
    right = man == (seen[:, 3] < 0)
    print(
        f"sexes  {right[plain].mean():.2f}, men {right[plain & man].mean():.2f}, women {right[plain & ~man].mean():.2f}"
    )
    columns = {"men": shapes[man], "women": shapes[~man]}
    if photos:
        female, faces = of_photos(photos, networks)
        columns |= {"men of photos": faces[female < 0], "women of photos": faces[female >= 0]}
    print("\n" + f"{'':26}" + "".join(f"{f'{name} ({len(part)})':>24}" for name, part in columns.items()))
    for k, measure in enumerate(MEASURES):
        row = (
            f"{part[:, k].mean():.3f} +- {part[:, k].std():.3f}" if len(part) else "none" for part in columns.values()
        )
        print(f"{measure:26}" + "".join(f"{each:>24}" for each in row))
    return 0


if __name__ == "__main__":
    run_command(main)
