"""Recovery of known characters, whatever their expression: the engine's own renders in place of photos.

    python -m benchmarks.recovery [--bundle DIR] [--recipes default control] [--known 100] [--apart 50] [--turned 20]
        [--limit N]

Three parts. `known`: renders with natural expressions and turned heads; `apart`: characters rendered from the front,
neutral and with four expressions each; `turned`: from the front, and turned by 20 degrees. `control` is the
default without expressions and pose. Prints Markdown tables;
writes recovery.json, and recovery.ndjson, from which a run that was stopped goes on.

psnr           dB, the engine's render of the answer, neutral and from the front, against that of the truth (128 px)
psnr_seen      dB, G's drawing of the answer as the photo shows it, against the aligned photo
cosine         dlib's embeddings of these two characters, less the engine's mean
top1 *         share of right options
r *            correlation of a group's sliders with the true ones: of each over the characters, then the mean
within/between root mean square distance of the sliders found for one character's five renders, against that of
               different characters' (1 would be chance); of all identity sliders, and of the mouth's
r expression   correlation of a unit's weight with the true one over all renders of `apart`, mean of both sides
r yaw, pitch   the same over the renders of `known`
seconds        from picture to values
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.progress import track

from benchmarks.command_line import run_command
from benchmarks.recovery.answers import RECIPES, Answers, Solver, photo_target
from benchmarks.recovery.cases import Case, apart_cases, known_cases, turned_cases
from benchmarks.recovery.figures import figures, tables
from f2p.bundle import load_bundle
from f2p.engines.protocol import Engine
from f2p.engines.registry import open_engine
from f2p.errors import F2PError


def run(cases: list[Case], recipes: tuple[str, ...], solver: Solver, answers: Answers) -> None:
    """Solve what the records lack."""
    todo = [(case, name) for case in cases for name in recipes if not answers.done(case.key, name)]
    for case, name in track(todo, description="renders", disable=not sys.stderr.isatty()):
        if answers.done(case.key, name):  # it could not be used, as the recipe before found
            continue
        try:
            answers.add(case.key, name, solver.solve(case, name))
        except F2PError as error:
            answers.skip(case.key, str(error))


def main(
    bundle: Path | None = None,
    recipes: tuple[str, ...] = ("default",),
    known: int = 100,
    apart: int = 50,
    turned: int = 20,
    limit: int = 0,
    out: Path = Path("out/recovery"),
    seed: int = 0,
    fresh: bool = False,
) -> int:
    """Measure how well known characters are found again.

    Args:
        bundle: the bundle's folder; the shipped one by default.
        recipes: default, control (the default without expressions and pose), translator.
        known: characters rendered once, with expression and pose.
        apart: characters rendered five times, neutral and with four expressions.
        turned: characters rendered twice, from the front and with the head turned.
        limit: at most so many characters of either part (0: all).
        out: where the records and recovery.json go.
        seed: of the characters and of the searches.
        fresh: forget what a stopped run has left in --out.
    """
    unknown = set(recipes) - set(RECIPES)
    if unknown or not recipes:
        raise SystemExit(
            f"There is no recipe {', '.join(sorted(unknown)) or '(none given)'}: use {', '.join(RECIPES)}."
        )
    try:
        loaded = load_bundle(bundle)
        engine: Engine = open_engine(loaded.engine)
    except F2PError as error:
        raise SystemExit(str(error)) from None
    try:
        if engine.schema.hash != loaded.schema.hash:
            raise SystemExit(f"Bundle '{loaded.name}' has other parameters than the engine '{engine.name}'.")
        counts = [min(count, limit) if limit else count for count in (known, apart, turned)]
        makers = (known_cases, apart_cases, turned_cases)
        cases = [case for make, count in zip(makers, counts, strict=True) for case in make(engine, count, seed)]
        answers = Answers(out, loaded, engine, seed, fresh)
        run(cases, recipes, Solver(loaded, engine, photo_target, seed), answers)
    except KeyboardInterrupt:
        print(f"\nStopped. The same command goes on where it was; {out} holds what is done.", file=sys.stderr)
        return 130
    finally:
        engine.close()
    found = {name: figures(loaded.schema, cases, answers, name) for name in recipes}
    (out / "recovery.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(tables(found))
    print(f"\n{len(cases)} renders, {len(answers.skipped)} of them without a usable face.")
    return 0


if __name__ == "__main__":
    run_command(main)
