"""Build the four wheels: `python packaging/build.py FOLDER`.

Each part has a pyproject.toml of its own beside this file; hatch_build.py has them take their files from the one
source tree.
"""

import sys
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

PACKAGING = Path(__file__).resolve().parent
PARTS = ("client", "library", "engine", "trainer")


def build(folder: Path) -> dict[str, Path]:
    """Build every part's wheel into a folder, which is made where it is missing; give the path of each."""
    wheels = {}
    for part in PARTS:
        (artifact,) = WheelBuilder(str(PACKAGING / part)).build(directory=str(folder.resolve()), versions=["standard"])
        wheels[part] = Path(artifact)
    return wheels


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python packaging/build.py FOLDER")
    for wheel in build(Path(sys.argv[1])).values():
        print(f"{wheel.stat().st_size / 1e6:6.2f} MB  {wheel}")
