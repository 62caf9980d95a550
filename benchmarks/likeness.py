"""How much the characters look like the people: a folder of photos through each preset, judged on the engine's render.

    python benchmarks/likeness.py PHOTOS [--labels DIR] [--bundle DIR] [--presets default paper] [--out DIR]

Prints a table; writes likeness.json and contact sheets: the aligned photos, then G(x) and render of each preset.

cosine        of dlib embeddings of photo and render less the human mean (of these photos); strangers are at 0
cosine_bundle the same with the bundle's human mean, which is what the search sees
cosine_found  the same, the render's face found and cut out by dlib as in any photo, not by the known frame
cosine_own    the same, after subtracting the photos' mean from photos and the renders' from renders
rank1         share of renders whose nearest photo is the right one (human mean; `rank1_own`: own means)
gap           cosine of the photo with G(x) less that with the render: what the search gained by fooling the imitator
energy        mean square distance of the sliders from the human mean, in human standard deviations
iou_*         of the engine's labels against hand-made ones, in the engine's frame where the photo covers it (--labels)
seconds       alignment, measuring the photo and the search
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
import tyro
from PIL import Image
from torch import Tensor

from f2p.align import Aligned, align, find_faces
from f2p.bundle import Bundle, load_bundle
from f2p.character import rounded
from f2p.colour import to_grey
from f2p.engines import Engine, open_engine
from f2p.errors import F2PError
from f2p.identity import crop_chips, dlib_face_net, photo_chips
from f2p.photo import read_photo
from f2p.presets import Preset, preset
from f2p.regions import REGIONS
from f2p.solver import Solution, solve
from f2p.target import Target, make_target
from f2p.warp import apply, invert

RENDER = 512
LABEL_SIDE = 256
TILE = 160
PER_SHEET, PER_ROW = 20, 10
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}

# FASSEG's colours, in the order of CLASSES.
COLOURS = np.array([(255, 0, 0), (255, 255, 0), (127, 0, 0), (0, 0, 255), (0, 255, 0), (0, 255, 255)], dtype=np.int32)
CLASSES = ("background", "skin", "hair", "eyes", "mouth", "nose")
CLASS_OF = {
    "background": "background",
    **dict.fromkeys(("skin", "neck", "ears"), "skin"),
    **dict.fromkeys(("hair", "brows"), "hair"),
    **dict.fromkeys(("upper_lip", "lower_lip", "teeth", "inner_mouth"), "mouth"),
    "eyes": "eyes",
    "nose": "nose",
}
CLASS_INDEX = np.array([CLASSES.index(CLASS_OF[name]) for name in REGIONS], dtype=np.uint8)

Pixels = npt.NDArray[np.uint8]


@dataclass
class Subject:
    """A photo, measured once."""

    name: str
    aligned: Aligned
    target: Target
    seconds: float
    labels: Pixels | None


@dataclass
class Answers:
    """What one preset made of all photos."""

    drawings: list[Pixels] = field(default_factory=list)
    renders: list[Pixels] = field(default_factory=list)
    embeddings: dict[str, list[Tensor]] = field(default_factory=lambda: defaultdict(list))
    rows: list[dict[str, Any]] = field(default_factory=list)


def embed(chips: Tensor, grey: bool) -> Tensor:
    """(128,) dlib's embedding of one chip and its mirror image, in grey where the photo is."""
    chips = to_grey(chips) if grey else chips
    with torch.no_grad():
        return dlib_face_net()(torch.cat((chips, chips.flip(-1)))).mean(0)


def tensor(pixels: Pixels) -> Tensor:
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255


def read_subject(path: Path, labels: Path | None, bundle: Bundle) -> Subject:
    photo = read_photo(path.read_bytes())
    began = time.perf_counter()
    aligned = align(photo, bundle.frame_five, bundle.size)
    target = make_target(bundle, aligned)
    seconds = time.perf_counter() - began
    found = [] if labels is None else [file for file in sorted(labels.iterdir()) if file.stem == path.stem]
    return Subject(path.name, aligned, target, seconds, warped_labels(found[0], aligned) if found else None)


def warped_labels(path: Path, aligned: Aligned) -> Pixels:
    """Hand-made labels in the engine's frame: class of each pixel, 255 outside the photo."""
    with Image.open(path) as image:
        colours = np.asarray(image.convert("RGB"), dtype=np.int32)
    classes = ((colours[:, :, None] - COLOURS) ** 2).sum(-1).argmin(-1).astype(np.uint8)
    centres = (np.arange(LABEL_SIDE) + 0.5) / LABEL_SIDE
    places = apply(invert(aligned.transform), np.stack(np.meshgrid(centres, centres), -1))
    height, width = aligned.photo.shape[:2]
    column = np.floor(places[..., 0] * classes.shape[1] / width).astype(int)
    row = np.floor(places[..., 1] * classes.shape[0] / height).astype(int)
    inside = (column >= 0) & (column < classes.shape[1]) & (row >= 0) & (row < classes.shape[0])
    warped = classes[row.clip(0, classes.shape[0] - 1), column.clip(0, classes.shape[1] - 1)]
    return np.where(inside, warped, 255).astype(np.uint8)


def label_iou(drawn: Pixels, hand: Pixels) -> dict[str, float]:
    """IoU of each class, from the engine's labels at any size."""
    step = drawn.shape[0] // LABEL_SIDE
    ours = CLASS_INDEX[drawn[step // 2 :: step, step // 2 :: step]]
    ours = np.where(hand == 255, 255, ours)
    scores = {}
    for index, name in enumerate(CLASSES):
        union = ((ours == index) | (hand == index)).sum()
        if union:
            scores[f"iou_{name}"] = float(((ours == index) & (hand == index)).sum() / union)
    return scores


def search(bundle: Bundle, subject: Subject, recipe: Preset, seed: int) -> Solution:
    steps = solve(bundle, subject.target, recipe, seed)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return done.value


def answer(bundle: Bundle, engine: Engine, subject: Subject, recipe: Preset, seed: int, into: Answers) -> None:
    """Solves one photo and measures what can be measured on it alone."""
    solution = search(bundle, subject, recipe, seed)
    values = rounded(bundle.schema.decode(solution.x.numpy()))
    frame = engine.render(values, size=RENDER)
    with torch.no_grad():
        drawing = bundle.imitator(solution.x[None]).image
    grey = subject.target.grey
    into.drawings.append((drawing[0].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy())
    into.renders.append(frame.image)
    into.embeddings["render"].append(embed(crop_chips(tensor(frame.image), bundle.frame_five), grey))
    into.embeddings["drawing"].append(embed(crop_chips(drawing, bundle.frame_five), grey))
    faces = find_faces(frame.image)
    found = embed(photo_chips(frame.image, faces[0].five), grey) if faces else into.embeddings["render"][-1]
    into.embeddings["found"].append(found)
    into.embeddings["photo"].append(subject_embedding(subject))
    row: dict[str, Any] = {
        "photo": subject.name,
        "faces_found": len(faces),
        "values": values,
        "losses": solution.losses,
    }
    row |= {"energy": energy(bundle, solution.x), "seconds": subject.seconds + solution.seconds}
    if subject.labels is not None:
        row |= label_iou(frame.labels, subject.labels)
    into.rows.append(row)


def subject_embedding(subject: Subject) -> Tensor:
    return embed(photo_chips(subject.aligned.photo, subject.aligned.five_px), subject.target.grey)


def energy(bundle: Bundle, x: Tensor) -> float:
    size = bundle.schema.continuous_size
    spread = torch.from_numpy(bundle.schema.spread())[:size]
    solved = spread > 0
    z = (x[:size] - torch.from_numpy(bundle.schema.average())[:size])[solved] / spread[solved]
    mean, scale = (bundle.statistics[name][solved] for name in ("prior_mean", "prior_scale"))
    return float((((z - mean) / scale) ** 2).mean())


def similarities(a: Tensor, b: Tensor) -> Tensor:
    """(N, N) cosines of embeddings (N, D) that are centred already."""
    return F.normalize(a, dim=1) @ F.normalize(b, dim=1).T


def summary(bundle: Bundle, answers: Answers, grey: list[bool]) -> dict[str, float]:
    """Means over all photos; adds the cosines to the rows."""
    centres = torch.stack([bundle.statistics[f"translator_centre_{'grey' if g else 'colour'}"] for g in grey])
    stacks = {name: torch.stack(values) for name, values in answers.embeddings.items()}
    photo = stacks["photo"]
    human = photo.mean(0)
    render, drawing, found = (similarities(photo - human, stacks[n] - human) for n in ("render", "drawing", "found"))
    seen = similarities(photo - centres, stacks["render"] - centres)
    own = similarities(photo - photo.mean(0), stacks["render"] - stacks["render"].mean(0))
    right = torch.arange(len(photo))
    for i, row in enumerate(answers.rows):
        cosines = {"cosine": render, "cosine_bundle": seen, "cosine_found": found, "cosine_own": own}
        row |= {name: float(values[i, i]) for name, values in cosines.items()}
        row |= {"gap": float(drawing[i, i] - render[i, i])}
    keys = [key for key, value in answers.rows[0].items() if isinstance(value, (int, float))]
    keys += [f"iou_{name}" for name in CLASSES if f"iou_{name}" not in keys]
    means = {key: [float(row[key]) for row in answers.rows if key in row] for key in keys}
    result = {key: float(np.mean(values)) for key, values in means.items() if values}
    result |= {
        "rank1": float((render.argmax(0) == right).float().mean()),
        "rank1_own": float((own.argmax(0) == right).float().mean()),
        "photos": len(photo),
    }
    return result


def contact_sheets(subjects: list[Subject], answers: dict[str, Answers], out: Path) -> list[Path]:
    sheets = []
    for start in range(0, len(subjects), PER_SHEET):
        rows: list[list[Pixels]] = []
        for first in range(start, min(start + PER_SHEET, len(subjects)), PER_ROW):
            part = range(first, min(first + PER_ROW, start + PER_SHEET, len(subjects)))
            rows.append([tile_of(subjects[i].aligned.image) for i in part])
            for made in answers.values():
                rows += [[made.drawings[i] for i in part], [made.renders[i] for i in part]]
        sheet = Image.new("RGB", (TILE * max(map(len, rows)), TILE * len(rows)), "white")
        for y, row in enumerate(rows):
            for x, pixels in enumerate(row):
                tile = Image.fromarray(pixels).resize((TILE, TILE), Image.Resampling.LANCZOS)
                sheet.paste(tile, (x * TILE, y * TILE))
        sheets.append(out / f"likeness-{start // PER_SHEET + 1}.png")
        sheet.save(sheets[-1])
    return sheets


def tile_of(image: Tensor) -> Pixels:
    return (image.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()


def print_table(results: dict[str, dict[str, float]]) -> None:
    order = ["cosine", "cosine_bundle", "cosine_found", "cosine_own", "rank1", "rank1_own", "gap", "energy", "seconds"]
    order += [f"iou_{name}" for name in CLASSES]
    print(f"\n{'':14}" + "".join(f"{name:>12}" for name in results))
    for key in order:
        if any(key in result for result in results.values()):
            print(f"{key:14}" + "".join(f"{result.get(key, float('nan')):12.3f}" for result in results.values()))


def main(
    photos: Annotated[Path, tyro.conf.Positional],
    labels: Path | None = None,
    bundle: Path | None = None,
    presets: tuple[str, ...] = ("default", "paper"),
    out: Path = Path("out/likeness"),
    seed: int = 0,
    limit: int = 0,
) -> int:
    """Measure likeness on a folder of photos.

    Args:
        photos: folder of photos, one face each.
        labels: folder of label pictures in FASSEG's colours, named as the photos.
        bundle: the bundle's folder; the shipped one by default.
        presets: recipes to compare.
        out: where likeness.json and the contact sheets go.
        seed: of the searches.
        limit: use only so many photos (0: all).
    """
    loaded = load_bundle(bundle)
    recipes = [preset(name) for name in presets]
    files = sorted(path for path in photos.iterdir() if path.suffix.lower() in SUFFIXES)
    files = files[:limit] if limit else files
    subjects: list[Subject] = []
    for path in files:
        try:
            subjects.append(read_subject(path, labels, loaded))
        except F2PError as error:
            print(f"skipped {path.name}: {error}", file=sys.stderr)
    if not subjects:
        print(f"No usable photo in {photos}.", file=sys.stderr)
        return 1
    answers = {recipe.name: Answers() for recipe in recipes}
    engine = open_engine(loaded.engine)
    try:
        for recipe in recipes:
            for number, subject in enumerate(subjects, 1):
                answer(loaded, engine, subject, recipe, seed, answers[recipe.name])
                seconds = answers[recipe.name].rows[-1]["seconds"]
                print(f"{recipe.name} {number}/{len(subjects)} {subject.name} {seconds:.1f} s", file=sys.stderr)
    finally:
        engine.close()
    grey = [subject.target.grey for subject in subjects]
    results = {name: summary(loaded, made, grey) for name, made in answers.items()}
    out.mkdir(parents=True, exist_ok=True)
    document = {
        "bundle": {"name": loaded.name, "version": loaded.version},
        "skipped": len(files) - len(subjects),
        "summary": results,
        "photos": {name: made.rows for name, made in answers.items()},
    }
    (out / "likeness.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    sheets = contact_sheets(subjects, answers, out)
    print_table(results)
    written = f"{len(sheets)} contact sheets and likeness.json in {out}"
    print(f"\n{len(subjects)} photos, {len(files) - len(subjects)} skipped; {written}")
    return 0


if __name__ == "__main__":
    sys.exit(tyro.cli(main))
