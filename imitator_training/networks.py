"""Trained networks back from their run folders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from f2p.bundle import MANIFEST, load_bundle
from f2p.errors import TrainingError
from f2p.imitator import Imitator, build_imitator
from f2p.parsing import FaceParser, build_parser
from f2p.schema import Schema
from f2p.translator import Translator, build_translator
from imitator_training.checkpointing import load_average, read_run

__all__ = ["trained_imitator", "trained_parser", "trained_translator"]


def trained_imitator(run: Path, schema: Schema) -> Imitator:
    """The imitator of a run, with averaged weights, frozen. Raises TrainingError for another task or schema."""
    content = _read(run, "imitator", schema)
    imitator = build_imitator(content["arch"], content["options"], schema)
    load_average(run, imitator)
    return imitator.eval().requires_grad_(False)


def trained_parser(run: Path) -> FaceParser:
    """The parser of a run, as above, or of a bundle; it depends on no schema, hence may serve another engine too."""
    if (run / MANIFEST).exists():
        bundle = load_bundle(run)
        if not bundle.parser.size:  # bundles of before have one size
            bundle.parser.config = replace(bundle.parser.config, size=bundle.size)
        return bundle.parser
    content = _read(run, "parser", None)
    # Runs of before did not count the size among the network's options.
    parser = build_parser(content["arch"], {"size": content["config"]["size"]} | content["options"])
    load_average(run, parser)
    return parser.eval().requires_grad_(False)


def trained_translator(run: Path, schema: Schema) -> Translator:
    """The translator of a run, as above."""
    translator = build_translator(_read(run, "translator", schema)["options"], schema)
    load_average(run, translator)
    return translator.eval().requires_grad_(False)


def _read(run: Path, task: str, schema: Schema | None) -> dict[str, Any]:
    content = read_run(run)
    if content.get("task") != task:
        raise TrainingError(f"{run} is the run of a {content.get('task')}, not of a {task}.", "Give the other folder.")
    if schema is not None and content.get("schema_hash") != schema.hash:
        raise TrainingError(f"{run} was trained for another schema.", "Train it again, or use its own data.")
    return content
