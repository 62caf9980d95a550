"""`imitator-training`: render, train, evaluate, solutions, statistics, export."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import tyro
from rich.console import Console

from f2p.errors import F2PError

__all__ = ["main"]

INTERRUPTED = 130


def _render() -> tuple[Any, Callable[[Any], object]]:
    from imitator_training.data.render import RenderConfig, render

    return RenderConfig, render


def _train(task: Callable[..., Any], config: Any) -> None:
    from imitator_training.runtime.distributed import distributed_context
    from imitator_training.training.trainer import train_and_report

    with distributed_context(config.device) as context:
        train_and_report(task(config, context), config)


def _train_imitator() -> tuple[Any, Callable[[Any], object]]:
    from imitator_training.tasks.config import ImitatorTraining
    from imitator_training.tasks.imitator import ImitatorTask

    return ImitatorTraining, partial(_train, ImitatorTask)


def _train_parser() -> tuple[Any, Callable[[Any], object]]:
    from imitator_training.tasks.config import ParserTraining
    from imitator_training.tasks.parser import ParserTask

    return ParserTraining, partial(_train, ParserTask)


def _train_translator() -> tuple[Any, Callable[[Any], object]]:
    from imitator_training.tasks.config import TranslatorTraining
    from imitator_training.tasks.translator import TranslatorTask

    return TranslatorTraining, partial(_train, TranslatorTask)


def _evaluate() -> tuple[Any, Callable[[Any], object]]:
    from imitator_training.evaluation.command import EvaluateConfig, evaluate

    return EvaluateConfig, evaluate


def _solutions() -> tuple[Any, Callable[[Any], object]]:
    from imitator_training.on_policy.solutions import SolutionsConfig, solutions

    return SolutionsConfig, solutions


def _statistics() -> tuple[Any, Callable[[Any], object]]:
    from imitator_training.export.statistics import StatisticsConfig, statistics

    return StatisticsConfig, statistics


def _export() -> tuple[Any, Callable[[Any], object]]:
    from imitator_training.export.bundle import ExportConfig, export

    return ExportConfig, export


# Imported only when called: `--help` and `render` need not wait for torch.
COMMANDS: dict[tuple[str, ...], tuple[Callable[[], tuple[Any, Callable[[Any], object]]], str]] = {
    ("render",): (_render, "render seeded samples of an engine into shards"),
    ("train", "imitator"): (_train_imitator, "train G on neutral renders"),
    ("train", "parser"): (_train_parser, "train the face parser on renders"),
    ("train", "translator"): (_train_translator, "train the one-shot start on renders"),
    ("evaluate",): (_evaluate, "measure an imitator on held-out characters"),
    ("solutions",): (_solutions, "render what the search finds, to train on it"),
    ("statistics",): (_statistics, "mean face embeddings of a folder of photos"),
    ("export",): (_export, "assemble trained networks into a bundle"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code. Errors are one sentence on stderr."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for words, (load, _) in COMMANDS.items():
        if tuple(given[: len(words)]) == words:
            return _run(load, f"imitator-training {' '.join(words)}", given[len(words) :])
    lines = [f"  {' '.join(words):<18} {text}" for words, (_, text) in COMMANDS.items()]
    asked = not given or given[0] in ("-h", "--help")
    print("usage: imitator-training COMMAND [OPTIONS]\n", *lines, sep="\n", file=sys.stdout if asked else sys.stderr)
    if not asked:
        print(f"\nThere is no command '{' '.join(given[:2])}'.", file=sys.stderr)
    return 0 if asked else 2


def _run(load: Callable[[], tuple[Any, Callable[[Any], object]]], program: str, arguments: list[str]) -> int:
    try:
        config_type, command = load()
        command(tyro.cli(config_type, args=arguments, prog=program))
    except F2PError as error:
        Console(stderr=True, highlight=False).print(f"[red]error[/red] ({error.reason}): ", end="")
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What was finished is kept; run the command again (train: with --resume).", file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
