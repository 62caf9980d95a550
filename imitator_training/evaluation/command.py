"""`imitator-training evaluate`: everything in this package on one model, as a table, JSON and a page."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor

from f2p.bundle import MANIFEST, Bundle, load_bundle
from f2p.engines.protocol import Engine
from f2p.engines.registry import open_engine
from f2p.errors import TrainingError
from f2p.fitting.presets import get_preset
from f2p.networks.imitator.base import Imitator
from imitator_training.data.alignment import as_photos
from imitator_training.data.dataset import Renders
from imitator_training.evaluation.characters import Rendered, read_characters
from imitator_training.evaluation.gap import exploitation_gap, gap_figures
from imitator_training.evaluation.options import compare_options
from imitator_training.evaluation.pictures import change_strip, face_strip
from imitator_training.evaluation.report import Picture, evaluation_page
from imitator_training.evaluation.sliders import Sliders, compare_sliders, derivative, difference, drawn_sliders
from imitator_training.metrics.fidelity import Faces, measure
from imitator_training.on_policy.solving import photo_subjects, render_subject
from imitator_training.runtime.batch_rng import step_rng
from imitator_training.runtime.checkpointing import read_run
from imitator_training.runtime.trained_networks import trained_imitator

__all__ = ["EvaluateConfig", "evaluate", "print_figures"]

SHOWN = 4
"""Pictures of each kind."""


@dataclass(frozen=True, kw_only=True)
class EvaluateConfig:
    """Measure an imitator on characters it never saw, and on solutions; with the engine, also its gradients."""

    model: Path
    """A training run's folder, or a bundle's (needed for the gap)."""
    data: tuple[Path, ...]
    """Data folders; the first `count` samples are taken."""
    count: int = 500
    posed: Path | None = None
    """A data folder with expressions and turned heads (`render --photo-like`, another seed than any training's): its
    first `count` samples are measured apart."""
    solutions: Path | None = None
    """Solved characters: a folder or file of character.json, likeness.json or .jsonl; they are rendered anew."""
    characters: int = 4
    """Held-out characters at which every slider and option is tried in the engine; 0 leaves that out."""
    photos: Path | None = None
    """Photos for the exploitation gap; their solutions are measured too."""
    subjects: int = 8
    """Number of photos, or without photos held-out renders, that are solved for the gap; 0 leaves it out."""
    preset: str = "default"
    """Recipe of those searches."""
    engine: str | None = None
    """Name or address of an engine; that of the data by default."""
    out: Path | None = None
    """JSON file for the figures."""
    report: Path | None = None
    """HTML file with figures and pictures."""
    threads: int = 1


@dataclass
class _Subject:
    """Network that is measured, and the bundle it may come from."""

    network: Imitator
    bundle: Bundle | None
    made_from: Mapping[str, Any]


def evaluate(config: EvaluateConfig, open_named: Callable[[str], Engine] = open_engine) -> dict[str, Any]:
    """Print the figures, write them when asked to, and return them: those of `fidelity` on held-out characters at
    the top, and under solutions, sliders, options and gap what was asked for.

    Raises TrainingError when the imitator was trained on some of these samples, EngineError when the engine is needed
    and cannot run.
    """
    torch.set_num_threads(config.threads)
    data = Renders(config.data)
    subject = _subject(config.model, data)
    _refuse_seen(data, subject.made_from, config.count)
    network = subject.network
    held_out = range(min(config.count, len(data)))
    whole = measure(network, data, held_out, network.size)
    figures: dict[str, Any] = {"arch": network.arch, "parameters": sum(p.numel() for p in network.parameters())}
    figures |= whole.figures
    pictures = _faces(network, data, whole.errors, "Held-out characters")
    if config.posed is not None:
        figures["posed"] = _posed(config, subject, data, whole.centre, pictures)
    if _needs_engine(config, subject):
        with closing(open_named(config.engine or data.manifests[0].opened_as)) as engine:
            if engine.schema.hash != data.schema.hash:
                raise TrainingError("The engine has another schema than the data.", "Use the engine that rendered it.")
            figures |= _with_engine(config, subject, data, engine, whole.centre, pictures)
    print_figures(figures, f"{config.model.name} on {figures['samples']} held-out characters")
    for path, text in (
        (config.out, lambda: json.dumps(figures, indent=1) + "\n"),
        (config.report, lambda: evaluation_page(figures, pictures, f"Imitator {config.model.name}")),
    ):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text(), encoding="utf-8")
    return figures


def print_figures(figures: Mapping[str, Any], title: str) -> None:
    """The figures as a table; long lists are left to the JSON."""
    table = Table("figure", "value", title=title)
    for name, value in _flat(figures):
        table.add_row(name, value if isinstance(value, str) else f"{value:.4g}")
    Console().print(table)


def _flat(figures: Mapping[str, Any], prefix: str = "") -> list[tuple[str, float | str]]:
    rows: list[tuple[str, float | str]] = []
    for name, value in figures.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{prefix}{name}: ") if name != "each" else []
        elif isinstance(value, list):
            rows += [(f"{prefix}{name}", ", ".join(value) or "none")] if all(isinstance(v, str) for v in value) else []
        elif value is not None:
            rows.append((f"{prefix}{name}", value))
    return rows


def _needs_engine(config: EvaluateConfig, subject: _Subject) -> bool:
    gap = config.subjects > 0 and subject.bundle is not None
    return bool(config.characters or gap or config.solutions)


def _with_engine(
    config: EvaluateConfig,
    subject: _Subject,
    data: Renders,
    engine: Engine,
    centre: Tensor,
    pictures: list[Picture],
) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    network, schema = subject.network, data.schema
    solved: list[dict[str, float | str]] = read_characters(config.solutions, schema) if config.solutions else []
    if config.characters:
        some = [schema.decode(x) for x in data.gather("x", range(min(config.characters, len(data))))]
        sliders = compare_sliders(network, engine, some)
        figures["sliders"] = sliders.figures()
        figures["options"] = [asdict(row) for row in compare_options(network, engine, some)]
        pictures += _changes(network, engine, some[0], sliders)
    if config.subjects and subject.bundle is not None:
        bundle = subject.bundle
        if config.photos:
            subjects = list(photo_subjects(bundle, config.photos, config.subjects))
        else:
            few = data.gather("images", np.arange(min(config.subjects, len(data))))
            pictures_and_covers = zip(*as_photos(few, data.frame_landmarks5, step_rng(0, 0), network.size), strict=True)
            subjects = [
                render_subject(bundle, image, f"render {i}", valid_mask=valid_mask)
                for i, (image, valid_mask) in enumerate(pictures_and_covers)
            ]
        others = [schema.decode(x) for x in data.gather("x", range(len(data) - len(subjects), len(data)))]
        rows = exploitation_gap(bundle, engine, subjects, others, get_preset(config.preset))
        figures["gap"] = gap_figures(rows)
        solved += [row.values for row in rows if row.place == "solution" and config.photos]
    elif config.subjects and config.photos:
        raise TrainingError(f"{config.model} is no bundle, and photos need one.", "Export it, or leave out --photos.")
    if solved:
        faces = Rendered(engine, solved, network.size, data.frame_landmarks5)
        part = measure(network, faces, range(len(faces)), network.size, centre)
        figures["solutions"] = part.figures
        pictures += _faces(network, faces, part.errors, "Solutions")
    return figures


def _posed(
    config: EvaluateConfig, subject: _Subject, data: Renders, centre: Tensor, pictures: list[Picture]
) -> dict[str, Any]:
    """Figures of the posed folder; identities about the mean of the neutral renders, to compare the two."""
    assert config.posed is not None
    faces, network = Renders((config.posed,)), subject.network
    if faces.schema.hash != data.schema.hash:
        raise TrainingError(f"{config.posed} has another schema than the data.", "Render it with the same engine.")
    if faces.manifests[0].seed in subject.made_from.get("data_seeds", []):
        raise TrainingError(
            f"The imitator was trained on the samples of {config.posed}.", "Render some with another --seed."
        )
    part = measure(network, faces, range(min(config.count, len(faces))), network.size, centre)
    pictures += _faces(network, faces, part.errors, "Expressions and turned heads")
    return part.figures


@torch.no_grad()
def _faces(network: Imitator, faces: Faces, errors: Tensor, section: str) -> list[Picture]:
    """The worst, the best, and some between."""
    order = errors.argsort(descending=True)
    some = dict.fromkeys(int(order[i]) for i in np.linspace(0, len(order) - 1, SHOWN).round().astype(int))
    strips = []
    for i in some:
        drawn = network(faces.x([i]), faces.pose([i])).image[0]
        strip = face_strip(faces.images([i], network.size)[0], drawn)
        strips.append(Picture(section, strip, f"engine | imitator | difference x 4; L1 {float(errors[i]):.2f}"))
    return strips


def _changes(network: Imitator, engine: Engine, values: Mapping[str, float | str], sliders: Sliders) -> list[Picture]:
    """Strips of the worst visible sliders."""
    known = {slider.name: slider for slider in drawn_sliders(network, engine.schema)}
    worst: Sequence[Any] = [*sliders.of("dead"), *sliders.of("wrong"), *sliders.of("right")][:SHOWN]
    strips, exact = [], copy.deepcopy(network).double()
    for row in worst:
        slider = known[row.name]
        wanted, _ = difference(engine, values, slider, network.size)
        strip = change_strip(wanted, derivative(exact, engine.schema, values, slider))
        strips.append(Picture("Worst sliders", strip, f"{row.name}: engine | dG/dx; correlation {row.correlation:.2f}"))
    return strips


def _subject(path: Path, data: Renders) -> _Subject:
    if (path / MANIFEST).exists():
        bundle = load_bundle(path)
        if bundle.schema.hash != data.schema.hash:
            raise TrainingError(f"{path} and the data have different schemas.", "Render data with the bundle's engine.")
        return _Subject(bundle.imitator, bundle, dict(bundle.provenance.get("imitator", {})))
    content = read_run(path)
    made_from = {"data_seeds": content.get("data_seeds", []), "holdout": content.get("config", {}).get("holdout", 0)}
    return _Subject(trained_imitator(path, data.schema), None, made_from)


def _refuse_seen(data: Renders, made_from: Mapping[str, Any], count: int) -> None:
    trained_on = data.manifests[0].seed in made_from.get("data_seeds", [])
    if trained_on and count > made_from.get("holdout", 0):
        raise TrainingError(
            f"Only the first {made_from.get('holdout', 0)} samples of this data were held out from training.",
            "Ask for fewer with --count, or render others with another --seed.",
        )
