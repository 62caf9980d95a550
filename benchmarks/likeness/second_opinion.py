"""A finished run of `benchmarks.likeness`, judged by a recogniser that is in no loss.

    python -m benchmarks.likeness.second_opinion RUN --model package/models/faceres.json

RUN is the --out of `benchmarks.likeness`; the model comes from `npm pack @vladmandic/human`, unpacked (see
`benchmarks.likeness.face_res`).
Looks at the tiles that the run left, aligned photo and engine's render, at the same place of each.

cosine        of the embeddings of photo and render, less the mean of the photos and of the renders: strangers are at 0
rank1, rank5  share of renders of which the right photo is among the nearest one, or five
sex           share of people for whom the network assigns photo and render the same sex
age           mean difference of the estimated ages, render less photo, in years
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import torch.nn.functional as F
import tyro
from torch import Tensor

from benchmarks.command_line import run_command
from benchmarks.likeness.face_res import SIDE, FaceRes
from benchmarks.likeness.metrics import cosines, rank_k
from benchmarks.likeness.sheets import Tiles

BOX = (0.22, 0.36, 0.78, 0.92)
"""Left, top, right and bottom of the face in the frame, as a face detector would box it."""
BATCH = 20
LINES = {"cosine": 3, "rank1": 3, "rank5": 3, "sex": 3, "age": 1}


def judged(network: FaceRes, tiles: Tiles, photos: list[str], kind: str) -> tuple[Tensor, Tensor, Tensor]:
    """Embeddings (N, 1024), shares of a man (N,) and ages (N,) of one kind of tile.

    Raises SystemExit where a tile is gone.
    """
    try:
        faces = torch.stack([face(tiles.read(photo, kind)) for photo in photos])
    except OSError as error:
        raise SystemExit(f"The run lacks a tile ({error}): run benchmarks.likeness again with --fresh.") from None
    parts = [network(batch) for batch in faces.split(BATCH)]
    embeddings, men, ages = (torch.cat(values) for values in zip(*parts, strict=True))
    return embeddings, men, ages


def face(tile: np.ndarray) -> Tensor:
    """A tile (S, S, 3), 8 bits -> the face (3, 224, 224) in [0, 255]."""
    side = tile.shape[0]
    left, top, right, bottom = (round(share * side) for share in BOX)
    cut = torch.from_numpy(tile[top:bottom, left:right].copy()).permute(2, 0, 1)[None].float()
    return F.interpolate(cut, (SIDE, SIDE), mode="bicubic", align_corners=False).clamp(0, 255)[0]


def main(run: Annotated[Path, tyro.conf.Positional], model: Path, threads: int = 2) -> int:
    """Judge a run with a recogniser that is in no loss.

    Args:
        run: folder that `python -m benchmarks.likeness` wrote.
        model: faceres.json, its weights beside it.
        threads: of torch.
    """
    torch.set_num_threads(threads)
    try:
        rows = json.loads((run / "likeness.json").read_text(encoding="utf-8"))["photos"]
    except (OSError, ValueError, KeyError) as error:
        raise SystemExit(f"{run} holds no finished run of `python -m benchmarks.likeness`: {error}") from None
    network, tiles = FaceRes(model), Tiles(run / "tiles")
    photos = [row["photo"] for row in next(iter(rows.values()))]
    seen, men, ages = judged(network, tiles, photos, "aligned")
    found: dict[str, dict[str, float]] = {}
    for recipe in rows:
        ours, our_men, our_ages = judged(network, tiles, photos, f"{recipe} render")
        # Two domains, each about its own mean: pictures of one engine have much in common that is no likeness.
        similarity = cosines(seen - seen.mean(0), ours - ours.mean(0), 0.0)
        found[recipe] = {
            "cosine": float(np.diagonal(similarity).mean()),
            "rank1": rank_k(similarity, 1),
            "rank5": rank_k(similarity, 5),
            "sex": float(((men > 0.5) == (our_men > 0.5)).float().mean()),
            "age": float((our_ages - ages).mean()),
        }
    print(f"| | {' | '.join(found)} |\n| --- |{' --- |' * len(found)}")
    for line, digits in LINES.items():
        print(f"| {line} | {' | '.join(f'{each[line]:.{digits}f}' for each in found.values())} |")
    return 0


if __name__ == "__main__":
    run_command(main)
