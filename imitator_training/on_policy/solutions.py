"""On-policy renders: where the search goes with the current networks, drawn by the engine, as more training data.

A search finds the places where the imitator is wrong in the search's favour. Trained on the engine's pictures of just
these places and their surroundings, the next imitator can no longer be fooled there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from rich.progress import track

from f2p.bundle import MANIFEST, Bundle, load_bundle
from f2p.engines.protocol import Engine
from f2p.engines.registry import open_engine
from f2p.errors import TrainingError
from f2p.fitting.presets import Preset, get_preset
from f2p.schema import Schema
from imitator_training.augmentation.randomise import degrade
from imitator_training.data.alignment import as_photos
from imitator_training.data.dataset import Renders
from imitator_training.data.embedding import Embedder
from imitator_training.data.fingerprint import take_fingerprint
from imitator_training.data.folder_lock import folder_lock
from imitator_training.data.shards import Manifest, Shard, read_manifest, sha256, write_manifest, write_shard
from imitator_training.on_policy.solving import Subject, photo_subjects, render_subject, search
from imitator_training.runtime.batch_rng import step_rng

__all__ = ["SolutionsConfig", "neighbours", "random_subjects", "solutions"]

CENTRE_SAMPLES = 128
DEGRADED = 0.6
OTHER_OPTION = 0.1
"""Probability that a neighbour takes another option of a choice."""

Values = Mapping[str, float | str]
Arrays = tuple[npt.NDArray[Any], ...]


@dataclass(frozen=True, kw_only=True)
class SolutionsConfig:
    """Solve photos or random faces with a bundle, and render the solutions and their neighbours as training data."""

    bundle: Path
    """The current networks."""
    data: tuple[Path, ...]
    """Data folders that the new one is to go with: it takes their size, frame and engine."""
    out: Path
    """Data folder to write; give it to `train imitator --data` after the others."""
    photos: Path | None = None
    """Folder of photos to solve, searched with its sub-folders."""
    faces: int = 500
    """Random faces to solve when there are no photos: the features of one render, the identity of another."""
    neighbours: int = 4
    """Characters around each solution that are rendered too."""
    jitter: float = 0.3
    """Standard deviation of their distance from it, in sampling spreads."""
    preset: str = "default"
    """Recipe of the searches."""
    steps: int | None = None
    """Steps of each search; None takes the recipe's."""
    seed: int = 0
    engine: str | None = None
    """Name or address of an engine; that of the data by default."""
    per_shard: int = 100
    """Solutions in one shard; finished shards are kept when the command is run again."""
    threads: int = 1

    def __post_init__(self) -> None:
        if min(self.faces, self.per_shard) < 1 or self.neighbours < 0 or self.jitter < 0:
            raise TrainingError(
                "faces and per-shard must be at least 1, neighbours and jitter at least 0.", "Give larger numbers."
            )
        if self.steps is not None and self.steps < 1:
            raise TrainingError("steps must be at least 1.", "Leave the option out.")


def solutions(config: SolutionsConfig, open_named: Callable[[str], Engine] = open_engine) -> Manifest:
    """Write the data folder and return its manifest.

    Raises TrainingError when bundle, data and engine do not belong together, or the folder holds something else.
    """
    torch.set_num_threads(config.threads)
    data, bundle = Renders(config.data), load_bundle(config.bundle)
    recipe = get_preset(config.preset)
    recipe = recipe if config.steps is None else replace(recipe, steps=config.steps)
    target = config.engine or data.manifests[0].opened_as
    with ExitStack() as locked, closing(open_named(target)) as engine:
        if not engine.schema.hash == bundle.schema.hash == data.schema.hash:
            raise TrainingError(
                "Bundle, data and engine have different schemas.", "Train a bundle on this engine's renders first."
            )
        locked.enter_context(folder_lock(config.out))
        manifest = _begun(config, data, engine)
        subjects = _subjects(config, bundle, data)
        # A generator of subjects makes them one by one, so those of finished shards are passed over, not solved.
        for index in range(_shards(config)):
            part = list(islice(subjects, config.per_shard))
            if index < len(manifest.shards) or not part:
                continue
            characters = _characters(config, bundle, recipe, part, index)
            name = f"{index:06d}.tar"
            arrays = _rendered(engine, characters, data.size)
            shard = Shard(name, len(characters), write_shard(config.out / name, arrays))
            shards = (*manifest.shards, shard)
            manifest = replace(manifest, shards=shards, count=sum(shard.count for shard in shards))
            write_manifest(config.out, manifest, data.schema)
    print(f"{config.out}: {manifest.count} renders of solutions and their neighbours")
    return manifest


def random_subjects(bundle: Bundle, data: Renders, count: int, seed: int) -> Iterator[Subject]:
    """Yield synthetic targets: shape and colours of one render in a photo's light, and the identity of another, moved
    from the mean of the engine's faces to that of people's."""
    embedder = Embedder(bundle.frame_landmarks5)
    every = np.linspace(0, len(data) - 1, min(CENTRE_SAMPLES, len(data))).astype(int)
    centre = embedder.of_images(data.images(every, bundle.size)).mean(0)
    human = bundle.statistics["identity_centre_colour"]
    for index in range(count):
        rng = step_rng(seed, index)
        first, second = torch.randint(len(data), (2,), generator=rng.generator).tolist()
        image, valid_mask = as_photos(data.gather("images", [first]), bundle.frame_landmarks5, rng, bundle.size)
        image = degrade(image, rng, DEGRADED, grey=0.0)
        identity = embedder.of_images(data.images([second], bundle.size)) - centre
        yield render_subject(bundle, image[0], f"face {index}", human + identity, valid_mask[0])


def neighbours(schema: Schema, values: Values, count: int, jitter: float, rng: np.random.Generator) -> list[Values]:
    """`count` characters around one: sliders moved by `jitter` sampling spreads, now and then another option."""
    found: list[Values] = []
    for _ in range(count):
        near = dict(values)
        for slider in schema.continuous:
            moved = float(values[slider.name]) + jitter * slider.spread * float(rng.standard_normal())
            near[slider.name] = min(max(moved, 0.0), 1.0)
        for choice in schema.discrete:
            if rng.random() < OTHER_OPTION:
                near[choice.name] = choice.options[rng.choice(len(choice.options), p=choice.weights)]
        found.append(near)
    return found


def _subjects(config: SolutionsConfig, bundle: Bundle, data: Renders) -> Iterator[Subject]:
    if config.photos is not None:
        return photo_subjects(bundle, config.photos)
    return random_subjects(bundle, data, config.faces, config.seed)


def _shards(config: SolutionsConfig) -> int:
    count = config.faces
    if config.photos is not None:
        count = sum(1 for path in config.photos.rglob("*") if path.is_file())
    return -(-count // config.per_shard)


def _characters(
    config: SolutionsConfig, bundle: Bundle, recipe: Preset, subjects: list[Subject], shard: int
) -> list[Values]:
    rng = np.random.default_rng(np.random.SeedSequence(config.seed, spawn_key=(shard,)))
    characters: list[Values] = []
    for subject in track(subjects, description=f"solving, shard {shard}"):
        values = bundle.schema.decode(search(bundle, subject.target, recipe, config.seed).numpy())
        characters += [values, *neighbours(bundle.schema, values, config.neighbours, config.jitter, rng)]
    return characters


def _rendered(engine: Engine, characters: list[Values], size: int) -> dict[str, npt.NDArray[Any]]:
    frames = [engine.render(values, size) for values in characters]
    return {
        "images": np.stack([frame.image for frame in frames]),
        "labels": np.stack([frame.labels for frame in frames]),
        "x": np.stack([engine.schema.encode(values) for values in characters]),
        "view": np.zeros((len(characters), 3), np.float32),
    }


def _begun(config: SolutionsConfig, data: Renders, engine: Engine) -> Manifest:
    """The manifest to go on with, holding the shards that need no solving."""
    manifest = Manifest(
        engine=engine.name,
        schema_hash=data.schema.hash,
        seed=config.seed,
        size=data.size,
        count=0,
        per_shard=config.per_shard,
        # Solutions of another bundle are another set; its fingerprint is cut to what a float holds exactly.
        sampling={
            "neighbours": config.neighbours,
            "jitter": config.jitter,
            "bundle": int(sha256(config.bundle / MANIFEST)[:12], 16),
        },
        frame_landmarks5=data.manifests[0].frame_landmarks5,
        target=data.manifests[0].target,
        fingerprint=take_fingerprint(engine),
    )
    if not (config.out / "manifest.json").exists():
        return manifest
    before = read_manifest(config.out)
    if before.identity() != manifest.identity():
        raise TrainingError(f"{config.out} holds another data set.", "Give another folder, or remove this one.")
    kept = []
    for index, shard in enumerate(before.shards):
        path = config.out / shard.name
        whole = min(config.per_shard, config.faces - index * config.per_shard) * (1 + config.neighbours)
        if not path.exists() or sha256(path) != shard.sha256 or (config.photos is None and shard.count != whole):
            break
        kept.append(shard)
    return replace(manifest, shards=tuple(kept), count=sum(shard.count for shard in kept))
