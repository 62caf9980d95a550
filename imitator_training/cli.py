"""The program `imitator-training`: its commands, each imported when it is called."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from f2p.command_line import Command, Program
from f2p.files import check_writable

__all__ = ["PROGRAM", "main"]

_FILES = (".json", ".html", ".safetensors")


def _train(task: Callable[..., Any], config: Any) -> None:
    from imitator_training.runtime.distributed import distributed_context
    from imitator_training.training.trainer import train_and_report

    with distributed_context(config.device) as context:
        train_and_report(task(config, context), config)


def _render_config() -> type:
    from imitator_training.data.render import RenderConfig

    return RenderConfig


def _render(config: Any) -> None:
    from imitator_training.data.render import render

    render(config)


def _imitator_config() -> type:
    from imitator_training.tasks.config import ImitatorTraining

    return ImitatorTraining


def _train_imitator(config: Any) -> None:
    from imitator_training.tasks.imitator import ImitatorTask

    _train(ImitatorTask, config)


def _parser_config() -> type:
    from imitator_training.tasks.config import ParserTraining

    return ParserTraining


def _train_parser(config: Any) -> None:
    from imitator_training.tasks.parser import ParserTask

    _train(ParserTask, config)


def _translator_config() -> type:
    from imitator_training.tasks.config import TranslatorTraining

    return TranslatorTraining


def _train_translator(config: Any) -> None:
    from imitator_training.tasks.translator import TranslatorTask

    _train(TranslatorTask, config)


def _evaluate_config() -> type:
    from imitator_training.evaluation.command import EvaluateConfig

    return EvaluateConfig


def _evaluate(config: Any) -> None:
    from imitator_training.evaluation.command import evaluate

    evaluate(config)


def _solutions_config() -> type:
    from imitator_training.on_policy.solutions import SolutionsConfig

    return SolutionsConfig


def _solutions(config: Any) -> None:
    from imitator_training.on_policy.solutions import solutions

    solutions(config)


def _statistics_config() -> type:
    from imitator_training.export.statistics import StatisticsConfig

    return StatisticsConfig


def _statistics(config: Any) -> None:
    from imitator_training.export.statistics import statistics

    statistics(config)


def _average_config() -> type:
    from imitator_training.export.average import AverageConfig

    return AverageConfig


def _average(config: Any) -> None:
    from imitator_training.export.average import average

    average(config)


def _export_config() -> type:
    from imitator_training.export.bundle import ExportConfig

    return ExportConfig


def _export(config: Any) -> None:
    from imitator_training.export.bundle import export

    export(config)


def _fit_config() -> type:
    from imitator_training.fit.run import FitConfig

    return FitConfig


def _fit(config: Any) -> None:
    from imitator_training.fit.run import fit

    fit(config)


def _command(summary: str, load: Callable[[], type], run: Callable[[Any], None]) -> Command:
    def run_checked(config: Any) -> None:
        # Before hours of work, not after them. Some commands write a folder, some a file.
        for out in (getattr(config, name, None) for name in ("out", "report")):
            if out is not None:
                check_writable(out.parent if out.suffix in _FILES else out)
        run(config)

    return Command(summary=summary, load=load, run=run_checked, extra="train")


PROGRAM = Program(
    name="imitator-training",
    description="Renders an engine's characters, trains the networks of a bundle on them, and exports it.",
    commands={
        "fit": _command("make a bundle for an engine within a budget of time: all of the below", _fit_config, _fit),
        "render": _command("render seeded samples of an engine into shards", _render_config, _render),
        "train imitator": _command("train the imitator on renders", _imitator_config, _train_imitator),
        "train parser": _command("train the face parser on renders", _parser_config, _train_parser),
        "train translator": _command("train the one-shot start on renders", _translator_config, _train_translator),
        "evaluate": _command("measure an imitator on held-out characters", _evaluate_config, _evaluate),
        "solutions": _command("render what the search finds, to train on it", _solutions_config, _solutions),
        "statistics": _command("compute mean face embeddings of a folder of photos", _statistics_config, _statistics),
        "average": _command("average a run's weights with those it began with", _average_config, _average),
        "export": _command("assemble trained networks into a bundle", _export_config, _export),
    },
    interrupted="Stopped. What was finished is kept; run the command again (train: with --resume).",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command of imitator-training; the exit code."""
    return PROGRAM.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
