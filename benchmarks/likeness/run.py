"""One run of the likeness benchmark over a folder of photos, with records so that a stopped run goes on."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmarks.likeness.answers import Judge, photo_record
from benchmarks.likeness.degrade import degrade
from benchmarks.likeness.recipes import REFERENCE, Recipe, in_order, recipe
from benchmarks.likeness.records import Records, describe_run
from benchmarks.likeness.sheets import Tiles
from benchmarks.likeness.subjects import Detect, Subject, measure_photo, photo_files
from benchmarks.likeness.tables import robustness, rows_of, summary
from f2p.bundle import Bundle
from f2p.engines.protocol import Engine
from f2p.errors import F2PError
from f2p.imaging.decode import read_photo

__all__ = ["Run", "measure_folder"]


class Run:
    """Run over many photos, which solves and measures whatever its records lack."""

    def __init__(self, judge: Judge, recipes: dict[str, Recipe], records: Records, tiles: Tiles) -> None:
        self.judge, self.recipes, self.records, self.tiles = judge, recipes, records, tiles

    def photo(self, path: Path, labels: Path | None, degradations: tuple[str, ...]) -> None:
        """Do all that is left to do with one photo."""
        jobs = [(d, r) for d in ("", *degradations) for r in self.recipes if not self.records.done(path.name, d, r)]
        if not jobs:
            return
        bundle, detect = self.judge.bundle, self.judge.detect
        try:
            subject = measure_photo(path.name, read_photo(path.read_bytes()), labels, bundle, detect)
        except F2PError as error:
            self.records.skip(path.name, "", str(error))
            return
        if path.name not in self.records.photos:
            self.tiles.add_photo(subject)
            self.records.add_photo(path.name, photo_record(subject))
        for degradation in dict.fromkeys(degradation for degradation, _ in jobs):
            names = [r for d, r in jobs if d == degradation]
            if not degradation:
                self._answer(subject, None, "", names)
                continue
            aligned = subject.aligned
            try:
                photo = degrade(degradation, aligned.photo, aligned.quality.face_px)
                degraded = measure_photo(path.name, photo, None, bundle, detect)
            except F2PError as error:
                self.records.skip(path.name, degradation, str(error))
                continue
            self._answer(degraded, subject, degradation, names)

    def _answer(self, solved: Subject, known: Subject | None, degradation: str, names: list[str]) -> None:
        for name in names:
            reference = self.records.answers.get((solved.name, degradation, REFERENCE), {})
            answer = self.recipes[name](solved.target, reference.get("search_seconds", 0.0))
            record, pictures = self.judge.measure(solved, answer, known)
            if not degradation:
                self.tiles.add_answer(solved.name, name, pictures)
            self.records.add_answer(solved.name, degradation, name, record)


def measure_folder(
    photos: Path,
    out: Path,
    bundle: Bundle,
    engine: Engine,
    detect: Detect,
    *,
    recipes: tuple[str, ...],
    labels: Path | None = None,
    degradations: tuple[str, ...] = (),
    seed: int = 0,
    limit: int = 0,
    fresh: bool = False,
) -> dict[str, Any]:
    """Finish a run and return all its figures, which likeness.json in `out` then holds.

    Raises:
        SystemExit: there are no photos, none is usable, `out` holds another run, bundle and engine do not fit, or a
            recipe is unknown.
    """
    names = in_order(recipes)
    if engine.schema.hash != bundle.schema.hash:
        raise SystemExit(f"Bundle '{bundle.name}' has other parameters than the engine '{engine.name}'.")
    files = photo_files(photos, limit)
    records = Records(out, describe_run(bundle, engine, photos, labels, seed), fresh)
    made = {name: recipe(name, bundle, engine, seed) for name in names}
    run = Run(Judge(bundle, engine, detect), made, records, Tiles(out / "tiles"))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal) as bar:
        for number, path in enumerate(bar.track(files, description="photos"), 1):
            run.photo(path, labels, degradations)
            if not console.is_terminal:
                print(f"{number}/{len(files)} {path.name}", file=sys.stderr, flush=True)
    usable = [path.name for path in files if (path.name, "") not in records.skipped]
    skipped = [
        {"photo": photo, "degradation": degradation, "reason": reason}
        for (photo, degradation), reason in sorted(records.skipped.items())
        if photo in {path.name for path in files} and degradation in ("", *degradations)
    ]
    if not usable:
        raise SystemExit(f"No usable photo in {photos}; the first: {skipped[0]['photo']}: {skipped[0]['reason']}")
    rows = {name: rows_of(records, usable, name, bundle) for name in recipes}
    document = {
        "bundle": {"name": bundle.name, "version": bundle.version},
        "seed": seed,
        "skipped": skipped,
        "summary": {name: summary(records, usable, name, rows[name]) for name in recipes},
        "robustness": robustness(records, usable, recipes, degradations),
        "photos": rows,
    }
    (out / "likeness.json").write_text(json.dumps(_plain(document), indent=2) + "\n", encoding="utf-8")
    run.tiles.sheets(usable, recipes, out)
    return document


def _plain(value: Any) -> Any:
    """The value with NaN and infinities, which JSON lacks, as None."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
