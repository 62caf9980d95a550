"""Solving the renders of the recovery benchmark, and the records of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.likeness.records import complete_lines, describe_run
from benchmarks.likeness.subjects import embed
from benchmarks.recovery.cases import Case
from f2p.bundle import Bundle
from f2p.engines.protocol import Engine
from f2p.face.alignment import align
from f2p.face.crops import photo_chips
from f2p.face.detection import find_faces
from f2p.fitting.expression import apply_expression
from f2p.fitting.presets import Preset, get_preset
from f2p.fitting.scale import resample_target
from f2p.fitting.solver import solve
from f2p.imaging.decode import Photo
from f2p.targets.measurement import measure_photo
from f2p.targets.target import Target

SIDE = 384
"""Of the renders that stand for photos: a face of about 200 px."""
FILE = "recovery.ndjson"
Row = dict[str, Any]
TargetOf = Callable[[Bundle, np.ndarray], Target]

_DEFAULT = get_preset("default")
RECIPES: dict[str, Preset] = {
    "default": _DEFAULT,
    "control": replace(_DEFAULT, name="control", expressions=(), pose=False, neutral_identity=0.0),
    "translator": replace(_DEFAULT, name="translator", steps=0),
}


def photo_target(bundle: Bundle, pixels: np.ndarray) -> Target:
    """As from any photo: found, aligned, measured."""
    aligned = align(Photo(pixels=pixels, grey=False), bundle.frame_landmarks5, bundle.size)
    return Target.of(measure_photo(bundle, aligned))


class Solver:
    """Render a case, solve the picture, and compare."""

    def __init__(self, bundle: Bundle, engine: Engine, target_of: TargetOf, seed: int) -> None:
        self.bundle, self.engine, self.target_of, self.seed = bundle, engine, target_of, seed
        self._truths: dict[tuple[str, int], tuple[Tensor, Tensor]] = {}

    def solve(self, case: Case, recipe: str) -> Row:
        """The record of one answer. Raises F2PError when no face is found in the render."""
        schema = self.bundle.schema
        picture = self.engine.render({**case.values, **case.units}, SIDE, case.view).image
        began = time.perf_counter()
        target = self.target_of(self.bundle, picture)
        with ThreadPoolExecutor(2) as executor:
            solution = solve(self.bundle, target, RECIPES[recipe], self.seed, executor=executor)
        seconds = time.perf_counter() - began
        faces = solution.expressions
        x = solution.x[None]
        with torch.no_grad():
            seen = self.bundle.imitator(*(apply_expression(schema, x, faces[0]) if faces else (x, None))).image
            zoom = torch.tensor(solution.zooms[0]) if solution.zooms else None
            wanted, cover = resample_target(target.main.image, target.main.valid_mask, zoom)
        truth, who = self._truth(case)
        answer, seems = self._portrait(schema.decode(solution.x.numpy()))
        return {
            "x": [round(float(value), 5) for value in solution.x],
            "expression": faces[0].to_json() if faces else None,
            "psnr": psnr(answer, truth),
            "cosine": float(F.cosine_similarity(seems, who, dim=0)),
            "psnr_seen": psnr(seen * cover, wanted),
            "seconds": seconds,
        }

    def _truth(self, case: Case) -> tuple[Tensor, Tensor]:
        key = (case.part, case.character)
        if key not in self._truths:
            self._truths = {key: self._portrait(case.values)}
        return self._truths[key]

    def _portrait(self, values: Any) -> tuple[Tensor, Tensor]:
        """The engine's neutral frontal render (3, S, S) in [0, 1], and its embedding (128,) about the engine's mean."""
        image = self.engine.render(values, self.bundle.size).image
        large = self.engine.render(values, SIDE).image
        faces = find_faces(large)
        landmarks5 = faces[0].landmarks5 if faces else SIDE * self.bundle.frame_landmarks5
        embedding = embed(photo_chips(large, landmarks5), grey=False) - self.bundle.statistics["engine_centre"]
        return torch.from_numpy(image.copy()).permute(2, 0, 1).float() / 255, embedding


def psnr(a: Tensor, b: Tensor) -> float:
    """dB of two pictures in [0, 1]."""
    return float(-10 * (a.clamp(0, 1) - b).square().mean().clamp_min(1e-10).log10())


class Answers:
    """The records of one run, written as they come.

    Raises:
        SystemExit: the folder holds the records of another run.
    """

    def __init__(self, folder: Path, bundle: Bundle, engine: Engine, seed: int, fresh: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / FILE
        self.rows: dict[tuple[str, str], Row] = {}
        self.skipped: dict[str, str] = {}
        run = {k: v for k, v in describe_run(bundle, engine, Path(), None, seed).items() if k not in _OF_PHOTOS}
        if fresh:
            self._file.unlink(missing_ok=True)
        lines = list(complete_lines(self._file))
        if not lines:
            self._write({"run": run})
        elif lines[0].get("run") != run:
            raise SystemExit(f"{self._file} is of another run: give another --out, or --fresh.")
        for line in lines[1:]:
            self._keep(line)

    def done(self, case: str, recipe: str) -> bool:
        return case in self.skipped or (case, recipe) in self.rows

    def add(self, case: str, recipe: str, row: Row) -> None:
        """An answer."""
        self._write(line := {"case": case, "recipe": recipe, **row})
        self._keep(line)

    def skip(self, case: str, reason: str) -> None:
        """A render that cannot be used."""
        self._write(line := {"case": case, "skipped": reason})
        self._keep(line)

    def _keep(self, line: Row) -> None:
        if "skipped" in line:
            self.skipped[line["case"]] = line["skipped"]
        else:
            self.rows[line["case"], line["recipe"]] = line

    def _write(self, line: Row) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


_OF_PHOTOS = ("photos", "labels", "benchmark")
