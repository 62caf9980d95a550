"""Attributes that people see: hair, beard, glasses, sex, age, expression and skin, against labels by eye.

    python -m benchmarks.attributes run --labels LABELS.csv --photos FOLDER [--bundle DIR] [--preset default]
    python -m benchmarks.attributes lineup --labels LABELS.csv --photos FOLDER --run out/attributes
    python -m benchmarks.attributes pairs --labels LABELS.csv --photos FOLDER --first RUN --second RUN

    python -m benchmarks.attributes strips --folder STRIPS --run out/attributes
    python -m benchmarks.attributes mien --run out/attributes

`run` makes the character of each photo, and writes figures.json, figures.md (a table by set, sex and skin, and
confusion tables) and a contact sheet of each kind of error; a run that was stopped goes on. `lineup` and `pairs` draw
sheets for viewers who do not know the answer, and the key to them, a file of its own. `strips` looks at one person in
strips of pictures NAME_0.jpg, NAME_1.jpg, ... that differ in one thing: whether the units that it moves are found, and
how far identity moves with it, over how far the people of a run differ. `mien` prints what all answers have in common.

Half of the photos, by a hash of their names, is held out: it is drawn only with --held-out, and never while tuning.
Age and sex are the estimates of the networks in f2p.networks.attributes; "landmarks" is the mean distance of the 478
landmarks of render and photo, in distances of the eyes' outer corners, with the photo's expression and pose in it.
"""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path

import tyro
from rich.progress import track

from benchmarks.attributes.answers import Answers, Row
from benchmarks.attributes.figures import TESTS, Pair, confusions, groups, wrong
from benchmarks.attributes.figures import figures as figures_of
from benchmarks.attributes.labels import Label, read_labels
from benchmarks.attributes.mien import mien_of
from benchmarks.attributes.sheets import error_sheet, lineup_sheets, pair_sheets, pictures_of
from benchmarks.attributes.strips import find_strips, identity, solve_strip, spread_of, strip_figures
from benchmarks.attributes.tables import confusion_markdown, figure_markdown
from f2p.bundle import load_bundle
from f2p.creator import CharacterCreator
from f2p.engines.registry import open_engine
from f2p.errors import F2PError

Labels = tyro.conf.UseAppendAction[tuple[Path, ...]]


def run(
    labels: Labels,
    photos: Path,
    bundle: Path | None = None,
    preset: str = "default",
    limit: int = 0,
    held_out: bool = False,
    out: Path = Path("out/attributes"),
) -> None:
    """Make the characters and write the figures.

    Args:
        labels: CSV files; may be given several times, the later one counts.
        photos: folder of the sets' folders.
        bundle: its folder; the shipped one by default.
        preset: the recipe.
        limit: at most so many photos, in the order of a hash; 0: all.
        held_out: the half that is held out, instead of that for tuning.
        out: folder of the run.
    """
    loaded = load_bundle(bundle)
    chosen = read_labels(labels, photos, held_out=held_out)[: limit or None]
    pairs: list[Pair] = []
    with closing(open_engine(loaded.engine)) as engine:
        answers = Answers(out, loaded, engine, preset)
        for label in track(chosen, description="photos", disable=not sys.stderr.isatty()):
            try:
                pairs.append((label, answers.row(label)))
            except F2PError as error:
                print(f"{label.key}: {error}", file=sys.stderr)
        write(pairs, out)


def write(pairs: list[Pair], out: Path) -> None:
    """figures.json, figures.md and the sheets of errors."""
    parts = {name: figures_of(part) for name, part in groups(pairs).items()}
    tables = confusions(pairs)
    text = f"{figure_markdown(parts)}\n\n{confusion_markdown(tables)}\n"
    (out / "figures.json").write_text(json.dumps({"figures": parts, "confusions": tables}, indent=1), encoding="utf-8")
    (out / "figures.md").write_text(text, encoding="utf-8")
    print(text)
    for name in TESTS:
        found = wrong(pairs, name)
        if found:
            notes = {label.key: _note(label, row) for label, row in found}
            file = out / "errors" / f"{name.replace(' ', '_').replace('(', '').replace(')', '')}.png"
            error_sheet([label for label, _ in found], notes, pictures_of(out), file)


def _note(label: Label, row: Row) -> str:
    wanted = f"{'|'.join(label.hair)} {'|'.join(label.colour)} {'|'.join(label.beard)} {int(label.glasses)}"
    return f"{wanted}: {row['hair'][0]} {row['colour']} {row['beard']} {int(row['glasses'])}"


def lineup(
    labels: Labels,
    photos: Path,
    run: Path = Path("out/attributes"),
    seed: int = 0,
    limit: int = 60,
    held_out: bool = False,
    out: Path = Path("out/lineup"),
) -> None:
    """Draw sheets of a photo, its character and four others of the same sex, and the key.

    Args:
        labels, photos, held_out: as for `run`.
        run: folder of a run, whose pictures are shown.
        seed: of the order.
        limit: rows.
        out: folder of the sheets and of key.json.
    """
    answered = _answered(read_labels(labels, photos, held_out=held_out), run)
    key = lineup_sheets(answered[:limit], pictures_of(run), out, seed)
    _write_key(key, out)


def pairs(
    labels: Labels,
    photos: Path,
    first: Path,
    second: Path,
    seed: int = 0,
    limit: int = 50,
    held_out: bool = False,
    out: Path = Path("out/pairs"),
) -> None:
    """Draw sheets of a photo and the characters A and B of two runs (bundles or presets), and the key.

    Args:
        labels, photos, held_out: as for `run`.
        first, second: folders of two runs.
        seed: of the order.
        limit: rows.
        out: folder of the sheets and of key.json.
    """
    answered = _answered(_answered(read_labels(labels, photos, held_out=held_out), first), second)
    key = pair_sheets(answered[:limit], pictures_of(first), pictures_of(second), out, seed)
    _write_key(key, out)


def strips(
    folder: Path,
    run: Path = Path("out/attributes"),
    bundle: Path | None = None,
    preset: str = "default",
    out: Path = Path("out/strips.json"),
) -> None:
    """Solve strips of one person's pictures and write what moved.

    Args:
        folder: of the strips.
        run: folder of a run of the same bundle, whose people say how far people differ.
        bundle: its folder; the shipped one by default.
        preset: the recipe.
        out: file of the figures.
    """
    loaded = load_bundle(bundle)
    people = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(run.glob("*-*.json"))]
    if len(people) < 2:
        raise SystemExit(f"{run} holds no answers. Make them: python -m benchmarks.attributes run.")
    between = spread_of(identity(loaded.schema, people))
    with CharacterCreator(loaded, preset=preset, render=False, confidence=False) as creator:
        found = find_strips(folder)
        rows = {
            strip[0]: solve_strip(creator, strip)
            for strip in track(found, description="strips", disable=not sys.stderr.isatty())
        }
    figures = strip_figures(loaded.schema, rows, between)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))


def mien(run: Path = Path("out/attributes"), bundle: Path | None = None, people: int = 400) -> None:
    """Print, as JSON, what `export --calibration` takes off the answers' resting faces.

    Args:
        run: folder of a run, made with a bundle that takes nothing off.
        bundle: its folder; the shipped one by default.
        people: of the engine, to compare with.
    """
    loaded = load_bundle(bundle)
    answers = [json.loads(file.read_text(encoding="utf-8"))["values"] for file in sorted(run.glob("*-*.json"))]
    if not answers:
        raise SystemExit(f"{run} holds no answers. Make them: python -m benchmarks.attributes run.")
    with closing(open_engine(loaded.engine)) as engine:
        print(json.dumps({"mien": mien_of(loaded.schema, answers, engine, people)}, indent=1))


def _answered(labels: list[Label], run: Path) -> list[Label]:
    found = [label for label in labels if (run / f"{label.key}.png").is_file()]
    if not found:
        raise SystemExit(f"{run} holds no answers to these photos. Make them: python -m benchmarks.attributes run.")
    return found


def _write_key(key: object, out: Path) -> None:
    (out / "key.json").write_text(json.dumps(key, indent=1) + "\n", encoding="utf-8")
    print(f"{out}: sheets, and key.json, which viewers must not see")


if __name__ == "__main__":
    try:
        tyro.extras.subcommand_cli_from_dict(
            {"run": run, "lineup": lineup, "pairs": pairs, "strips": strips, "mien": mien},
            prog="python -m benchmarks.attributes",
        )
    except F2PError as error:
        sys.exit(str(error))
