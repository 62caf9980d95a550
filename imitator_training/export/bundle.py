"""Assembling a bundle: trained networks, the engine frame, statistics, measured figures, and its origins."""

from __future__ import annotations

import copy
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from f2p.bundle import MANIFEST, Calibration, load_bundle, save_bundle
from f2p.errors import TrainingError
from f2p.networks.translator import Translator
from f2p.schema import Schema
from imitator_training.data.alignment import zoom_line
from imitator_training.data.dataset import Renders
from imitator_training.data.embedding import Embedder
from imitator_training.evaluation.command import print_figures
from imitator_training.export.blendshapes import blendshape_line
from imitator_training.export.option_odds import option_odds
from imitator_training.metrics import evaluate_imitator
from imitator_training.runtime.checkpointing import newest, read_run
from imitator_training.runtime.trained_networks import trained_imitator, trained_parser, trained_translator
from imitator_training.tasks.translator import guess_error

__all__ = ["ExportConfig", "export", "halved"]

CENTRE_SAMPLES = 500
Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True, kw_only=True)
class ExportConfig:
    """Assemble trained networks into a bundle."""

    imitator: Path
    """Run folder, or a bundle whose network is taken over; the next two likewise."""
    parser: Path
    data: tuple[Path, ...]
    """Data folders of the imitator, held-out samples first."""
    statistics: Path
    """File made by `imitator-training statistics`, or a bundle's; it may also hold prior_mean and prior_scale (C,), in
    z, which those of a bundle for other sliders lose."""
    out: Path
    """The bundle's folder."""
    translator: Path | None = None
    """Without one the search starts at the prior's mean."""
    calibration: Path | None = None
    """JSON file of the engine's constants, see `f2p.bundle.calibration`; the shipped engine's by default."""
    name: str | None = None
    """The bundle's name; that of the engine by default."""
    version: str = "1.0.0"
    licence: str = "Apache-2.0"
    """Licence of the weights."""
    count: int = 500
    """Held-out characters measured for the bundle's figures."""
    half: bool = True
    """Store matrices in 16 bits: half the size, and no visible difference."""
    threads: int = 1


def export(config: ExportConfig) -> Path:
    """Write the bundle and return its folder. Raises TrainingError or WeightsError when parts do not fit."""
    torch.set_num_threads(config.threads)
    calibration = _calibration(config.calibration) if config.calibration is not None else None
    data = Renders(config.data)
    imitator = trained_imitator(config.imitator, data.schema)
    parser = trained_parser(config.parser)
    translator = trained_translator(config.translator, data.schema) if config.translator else None
    if config.half:
        imitator, parser = halved(imitator), halved(parser)
        translator = halved(translator) if translator is not None else None
    statistics = _statistics(config.statistics, data, data.schema)
    if translator is not None and config.translator is not None:
        statistics |= _guess_error(config.translator, translator, data.schema)
    plain = copy.deepcopy(imitator).float().eval()
    statistics = blendshape_line(plain, data.schema, data.frame_landmarks5) | option_odds(data) | statistics
    # Measured as shipped: after the rounding of the weights.
    figures = evaluate_imitator(
        copy.deepcopy(imitator).float(), data, range(min(config.count, len(data))), imitator.size
    )
    print_figures(figures, "as exported")
    origins = {
        task: _origin(run, task)
        for task, run in (("imitator", config.imitator), ("parser", config.parser), ("translator", config.translator))
        if run is not None
    }
    common = {"commit": _commit(), "licence": config.licence}
    return save_bundle(
        config.out,
        name=config.name or data.manifests[0].engine,
        version=config.version,
        engine=data.manifests[0].engine,
        schema=data.schema,
        frame_landmarks5=data.frame_landmarks5,
        imitator=imitator,
        parser=parser,
        translator=translator,
        statistics=statistics,
        calibration=calibration,
        metrics={"imitator": figures},
        provenance=common | {"schema_hash": data.schema.hash} | origins,
        network_provenance={
            task: common | origin | ({"metrics": figures} if task == "imitator" else {})
            for task, origin in origins.items()
        },
    )


def halved(network: Network) -> Network:
    """A copy whose matrices and kernels are float16; vectors (biases, norms, means) keep their precision."""
    small = copy.deepcopy(network)
    for parameter in small.parameters():
        if parameter.dim() >= 2:
            parameter.data = parameter.data.half()
    return small


def _calibration(path: Path) -> Calibration:
    try:
        return Calibration.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise TrainingError(
            f"{path} has no constants of an engine: {error}.", "Give a JSON file as docs/retraining.md describes it."
        ) from error


def _statistics(path: Path, data: Renders, schema: Schema) -> dict[str, Tensor]:
    try:
        given = load_file(path)
        with safe_open(path, framework="pt") as handle:
            made_for = (handle.metadata() or {}).get("schema_hash", schema.hash)
    except (OSError, SafetensorError) as error:
        remedy = "Make it with `imitator-training statistics`."
        raise TrainingError(f"{path} cannot be read ({error}).", remedy) from error
    if made_for != schema.hash:  # a bundle's: of its numbers only those of people's faces know no sliders and no engine
        given = {name: value for name, value in given.items() if name.startswith("identity_centre_")}
    size = schema.continuous_size
    renders = data.images(np.arange(min(CENTRE_SAMPLES, len(data))))
    return {
        "prior_mean": torch.zeros(size),
        "prior_scale": torch.ones(size),
        "engine_centre": Embedder(data.frame_landmarks5).of_images(renders).mean(0),
        # A line that was given is not measured again.
        **({} if "zoom" in given else {"zoom": zoom_line(data)}),
        **given,
    }


def _guess_error(path: Path, translator: Translator, schema: Schema) -> dict[str, Tensor]:
    """As measured on the run's held-out renders; of a bundle, what was measured then."""
    if (path / MANIFEST).exists():
        known = load_bundle(path).statistics
        return {name: known[name] for name in ("guess_error",) if name in known}
    return {"guess_error": guess_error(path, copy.deepcopy(translator).float(), schema)}


def _origin(run: Path, task: str) -> dict[str, Any]:
    """Provenance of a network: from run.json without what only matters on one machine, or from its bundle."""
    if (run / MANIFEST).exists():
        known: dict[str, Any] = load_bundle(run).provenance.get(task, {})
        return known
    content = read_run(run)
    options = content.get("config", {})
    kept = ("minutes", "steps", "batch", "seed", "learning_rate", "identity", "identity_from", "face", "samples")
    given = {name: options[name] for name in kept if options.get(name) is not None}
    if options.get("warm_start"):
        given["warm_start"] = Path(options["warm_start"]).name
    return {
        "arch": content["arch"],
        "data_seeds": content["data_seeds"],
        "holdout": options.get("holdout", 0),
        "steps_done": int(newest(run).name),
        "options": given,
        **{name: content[name] for name in ("averaged_with", "share") if name in content},
    }


def _commit() -> str:
    """The repository's commit, or "unknown" outside of one."""
    try:
        done = subprocess.run(
            ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return done.stdout.strip() or "unknown"
