"""Records of a run, as lines of JSON in a file: a run that was stopped goes on where it was.

The first line says what was run: bundle, engine, photos, seed and sources. Records of another run are never mixed in.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import benchmarks.likeness
import f2p
from f2p.bundle import MANIFEST, Bundle
from f2p.engines.protocol import Engine

FILE = "records.ndjson"
_ASIDE = {"cli", "client", "reports", "serving", "v1"}
"""Folders of f2p that no figure depends on."""
Row = dict[str, Any]


def describe_run(bundle: Bundle, engine: Engine, photos: Path, labels: Path | None, seed: int) -> dict[str, Any]:
    """Everything that the records depend on: bundle, engine, photos (by name in their folder), seed and sources."""
    manifest = bundle.path / MANIFEST
    return {
        "bundle": {"name": bundle.name, "version": bundle.version},
        "bundle_digest": _digest([manifest]),
        "engine": engine.name,
        "seed": seed,
        "photos": str(photos.resolve()),
        "labels": None if labels is None else str(labels.resolve()),
        "f2p": _digest([file for file in _sources(f2p) if not _ASIDE & {*file.relative_to(_folder(f2p)).parts}]),
        "engine_sources": _digest(_sources(sys.modules[type(engine).__module__])),
        "benchmark": _digest(_sources(benchmarks.likeness)),
    }


def _folder(module: ModuleType) -> Path:
    return Path(str(module.__file__)).parent


def _sources(module: ModuleType) -> list[Path]:
    return list(_folder(module).rglob("*.py"))


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


class Records:
    """The records of one run in `folder`, written as they come.

    Args:
        folder: made if it is not there.
        run: from `describe_run`.
        fresh: forget what is there.

    Raises:
        SystemExit: the folder holds the records of another run.
    """

    def __init__(self, folder: Path, run: dict[str, Any], fresh: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / FILE
        self.photos: dict[str, Row] = {}
        self.skipped: dict[tuple[str, str], str] = {}
        self.answers: dict[tuple[str, str, str], Row] = {}
        if fresh:
            self._file.unlink(missing_ok=True)
        lines = list(complete_lines(self._file))
        if not lines:
            self._file.unlink(missing_ok=True)
            self._write({"kind": "run", "run": run})
        elif lines[0].get("run") != run:
            old = lines[0].get("run", {})
            other = ", ".join(key for key in run if run[key] != old.get(key))
            raise SystemExit(f"{self._file} is of another run ({other} differ): give another --out, or --fresh.")
        for line in lines[1:]:
            self._keep(line)

    def add_photo(self, photo: str, facts: Row) -> None:
        """Record the measurements of a photo."""
        self._add({"kind": "photo", "photo": photo, **facts})

    def skip(self, photo: str, degradation: str, reason: str) -> None:
        """Record a photo (with a degradation, or "") that cannot be used."""
        self._add({"kind": "skipped", "photo": photo, "degradation": degradation, "reason": reason})

    def add_answer(self, photo: str, degradation: str, recipe: str, facts: Row) -> None:
        """Record the answer of a recipe for a photo."""
        self._add({"kind": "answer", "photo": photo, "degradation": degradation, "recipe": recipe, **facts})

    def done(self, photo: str, degradation: str, recipe: str) -> bool:
        """True when nothing is left to do for this photo, degradation and recipe."""
        return (
            (photo, "") in self.skipped
            or (photo, degradation) in self.skipped
            or (photo, degradation, recipe) in self.answers
        )

    def _add(self, line: Row) -> None:
        self._write(line)
        self._keep(line)

    def _write(self, line: Row) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def _keep(self, line: Row) -> None:
        if line["kind"] == "photo":
            self.photos[line["photo"]] = line
        elif line["kind"] == "skipped":
            self.skipped[line["photo"], line["degradation"]] = line["reason"]
        else:
            self.answers[line["photo"], line["degradation"], line["recipe"]] = line


def complete_lines(file: Path) -> Iterator[Row]:
    """The lines of a file that may not be there; what a killed run left of its last line is cut off."""
    if not file.is_file():
        return
    data = file.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if whole != data:
        file.write_bytes(whole)
    for line in whole.decode().splitlines():
        yield json.loads(line)
