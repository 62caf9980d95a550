"""Trained networks, read from their run folders or from a bundle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from f2p.bundle import MANIFEST, Bundle, load_bundle
from f2p.errors import TrainingError
from f2p.networks.face_parser import FaceParser, build_parser
from f2p.networks.imitator.base import Imitator
from f2p.networks.imitator.registry import build_imitator
from f2p.networks.translator import Translator, build_translator
from f2p.schema import Schema
from imitator_training.runtime.checkpointing import load_average, read_run

__all__ = ["trained_imitator", "trained_parser", "trained_translator"]


def trained_imitator(path: Path, schema: Schema) -> Imitator:
    """The imitator of a run, with averaged weights, or of a bundle; frozen.

    Raises TrainingError for another task or schema.
    """
    if (path / MANIFEST).exists():
        return _bundle(path, schema).imitator
    content = _read(path, "imitator", schema)
    imitator = build_imitator(content["arch"], content["options"], schema)
    load_average(path, imitator)
    return imitator.eval().requires_grad_(False)


def trained_parser(path: Path) -> FaceParser:
    """The parser of a run or bundle, as above; it depends on no schema, hence may serve another engine too."""
    if (path / MANIFEST).exists():
        bundle = load_bundle(path)
        if not bundle.parser.size:  # bundles of before have one size
            bundle.parser.config = replace(bundle.parser.config, size=bundle.size)
        return bundle.parser
    content = _read(path, "parser", None)
    # Runs of before did not count the size among the network's options.
    parser = build_parser(content["arch"], {"size": content["config"]["size"]} | content["options"])
    load_average(path, parser)
    return parser.eval().requires_grad_(False)


def trained_translator(path: Path, schema: Schema) -> Translator:
    """The translator of a run or bundle, as above. Raises TrainingError for a bundle without one too."""
    if (path / MANIFEST).exists():
        translator = _bundle(path, schema).translator
        if translator is None:
            raise TrainingError(f"The bundle {path} has no translator.", "Leave it out, or train one.")
        return translator
    translator = build_translator(_read(path, "translator", schema)["options"], schema)
    load_average(path, translator)
    return translator.eval().requires_grad_(False)


def _bundle(path: Path, schema: Schema) -> Bundle:
    bundle = load_bundle(path)
    if bundle.schema.hash != schema.hash:
        raise TrainingError(f"The bundle {path} is for another schema.", "Train its networks anew: --warm-start PATH.")
    return bundle


def _read(run: Path, task: str, schema: Schema | None) -> dict[str, Any]:
    content = read_run(run)
    if content.get("task") != task:
        raise TrainingError(f"{run} is the run of a {content.get('task')}, not of a {task}.", "Give the other folder.")
    if schema is not None and content.get("schema_hash") != schema.hash:
        raise TrainingError(f"{run} was trained for another schema.", "Train it again, or use its own data.")
    return content
