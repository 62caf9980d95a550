"""Record a solve step by step, and compare two records: a refactor can prove that it changed no bit.

    python scripts/trajectory.py record OUT.json PHOTO... [--preset default]
    python scripts/trajectory.py compare BEFORE.json AFTER.json [--tolerance 0.01]

A record holds, for each photo, each step's loss terms and x, and the character's values. `compare` names the first step
at which two records differ and by how much, and exits 1 where they differ in any bit, or by more than the tolerance.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import tyro

from f2p import CharacterCreator, load_bundle


def record(photos: tyro.conf.Positional[tuple[Path, ...]], out: Path, preset: str = "default") -> None:
    """Solve each photo and write the records.

    Args:
        photos: files.
        out: the JSON file to write.
        preset: the recipe.
    """
    with CharacterCreator(load_bundle(), preset=preset, render=False) as creator:
        records = {photo.name: trajectory(creator, photo.read_bytes()) for photo in photos}
    out.write_text(json.dumps(records, indent=0) + "\n", encoding="utf-8")


def trajectory(creator: CharacterCreator, photo: bytes) -> dict[str, Any]:
    """The steps and the values of one solve; floats as Python prints them, which is exact."""
    steps: list[dict[str, Any]] = []
    character = creator.create(
        photo, progress=lambda step: steps.append({"total": step.total, **step.losses, "x": step.x.tolist()})
    )
    return {"steps": steps, "values": character.values}


def compare(
    before: Annotated[Path, tyro.conf.Positional], after: Annotated[Path, tyro.conf.Positional], tolerance: float = 0.0
) -> int:
    """Compare two records, photo by photo.

    Args:
        before: a record.
        after: another one of the same photos.
        tolerance: largest difference of a value that still counts as equal; options must be the same.
    """
    first, second = (json.loads(path.read_text("utf-8")) for path in (before, after))
    if first.keys() != second.keys():
        print(f"the records are of other photos: {', '.join(sorted(first.keys() ^ second.keys()))}")
        return 1
    apart = 0
    for name, one in first.items():
        said, difference = describe(one, second[name])
        print(f"{name}: {said}")
        apart += difference > tolerance
    return int(apart > 0)


def describe(one: dict[str, Any], other: dict[str, Any]) -> tuple[str, float]:
    """In words, and the largest difference of a value; infinite where an option or the number of steps differs."""
    if one == other:
        return "equal to the bit", 0.0
    if len(one["steps"]) != len(other["steps"]):
        return f"{len(one['steps'])} and {len(other['steps'])} steps", float("inf")
    at = next((i for i, (a, b) in enumerate(zip(one["steps"], other["steps"], strict=True)) if a != b), None)
    flips = [n for n, v in one["values"].items() if isinstance(v, str) and v != other["values"][n]]
    largest = max(
        ((abs(v - other["values"][n]), n) for n, v in one["values"].items() if not isinstance(v, str)),
        default=(0.0, ""),
    )
    where = "the steps are equal" if at is None else f"step {at} is the first that differs"
    options = f"; other options: {', '.join(flips)}" if flips else ""
    said = f"{where}; values differ by at most {largest[0]:.6f} ({largest[1]}){options}"
    return said, float("inf") if flips else largest[0]


if __name__ == "__main__":
    sys.exit(tyro.extras.subcommand_cli_from_dict({"record": record, "compare": compare}, description=__doc__))
