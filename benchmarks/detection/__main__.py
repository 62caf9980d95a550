"""Non-faces that become faces and faces that are refused, with verification and without, on folders of pictures.

    python -m benchmarks.detection --non-faces FOLDER --faces FOLDER --out out/detection.jsonl

Folders are searched for pictures with all that is in them. A line of the file is one picture; those already there are
not looked at again. Without verification means HOG alone (`find_faces(..., verify=False)`) on the same pictures in the
same run, so that the times compare: both are of one core and in processor seconds.
"""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import tyro

from f2p.errors import PhotoError
from f2p.face.detection import find_faces
from f2p.face.small_faces import find_photo_faces
from f2p.imaging.decode import read_photo
from f2p.imaging.formats import FORMATS

_SUFFIXES = {suffix for known in FORMATS for suffix in known.suffixes}


@dataclass
class Options:
    """Folders and the file of results."""

    non_faces: tuple[Path, ...] = ()
    """Folders of pictures without a face."""
    faces: tuple[Path, ...] = ()
    """Folders of photos of one person each."""
    out: Path = Path("out/detection.jsonl")
    """One line a picture; another run goes on where this one ended."""


def main() -> None:
    """Look at every picture, then print the counts."""
    options = tyro.cli(Options, description=__doc__)
    torch.set_num_threads(1)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    done = {line["picture"] for line in _lines(options.out)}
    with options.out.open("a", encoding="utf-8") as file:
        for kind, folders in (("non-face", options.non_faces), ("face", options.faces)):
            for path in _pictures(folders):
                if str(path) not in done:
                    file.write(json.dumps({"picture": str(path), "kind": kind, **_look(path)}) + "\n")
                    file.flush()
    _report(_lines(options.out))


def _look(path: Path) -> dict[str, Any]:
    began = time.process_time()
    try:
        photo = read_photo(path.read_bytes())
    except PhotoError as error:
        return {"error": error.reason}
    read = time.process_time()
    alone = find_faces(photo.pixels, verify=False)
    searched = time.process_time()
    verified = find_photo_faces(photo)
    seconds = {"read": read - began, "alone": searched - read, "verified": time.process_time() - searched}
    return {
        "alone": [round(face.score, 3) for face in alone],
        "verified": [round(face.score, 3) for face in verified],
        "seconds": {name: round(value, 4) for name, value in seconds.items()},
    }


def _report(lines: list[dict[str, Any]]) -> None:
    for kind, wrong in (("non-face", "taken for a face"), ("face", "refused")):
        of_kind = [line for line in lines if line["kind"] == kind and "error" not in line]
        for way in ("alone", "verified"):
            bad = [line["picture"] for line in of_kind if bool(line[way]) == (kind == "non-face")]
            print(f"{kind}, {way}: {len(bad)} of {len(of_kind)} {wrong}")
            if way == "verified":
                print("".join(f"  {name}\n" for name in bad), end="")
        if of_kind:
            ratio = statistics.mean(_ratio(line["seconds"]) for line in of_kind)
            print(f"{kind}: reading and finding take {ratio:.2f} of the time without verification")
    print(f"not read: {sum('error' in line for line in lines)}")


def _ratio(seconds: dict[str, float]) -> float:
    return (seconds["read"] + seconds["verified"]) / max(seconds["read"] + seconds["alone"], 1e-6)


def _pictures(folders: tuple[Path, ...]) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


if __name__ == "__main__":
    main()
