"""How far each step of a fit is: kept on disk, so that the same command goes on where it was stopped."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from f2p.errors import TrainingError
from f2p.files import write_files
from imitator_training.data.parts import samples_in_parts
from imitator_training.fit.stages import Folders, Stage

__all__ = ["State", "open_state"]

FILE = "fit.json"


@dataclass
class State:
    """What was asked for and what is done: ``asked`` options by name, ``plan`` of the budget, seconds of the steps that
    are ``done``; ``began`` when the steps that run began, by this process's clock."""

    path: Path
    asked: dict[str, Any]
    engine: dict[str, Any]
    """What was measured of it when the fit began."""
    plan: dict[str, Any]
    done: dict[str, float] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=dict)
    """Seconds of unfinished steps, in parts that were stopped."""
    began: dict[str, float] = field(default_factory=dict)
    shared: bool = False
    """Whether the time of the trainings was shared again after rendering."""

    def share_again(self, plan: dict[str, Any]) -> None:
        """Go on by another plan, whose rendering is done."""
        self.plan, self.shared = plan, True
        self.save()

    def begin(self, stage: Stage) -> None:
        self.began[stage.name] = time.monotonic()

    def end(self, stage: Stage, *, finished: bool) -> None:
        seconds = self.seconds(stage)
        del self.began[stage.name]
        if finished:
            self.done[stage.name] = seconds
            self.spent.pop(stage.name, None)
        else:
            self.spent[stage.name] = seconds
        self.save()

    def seconds(self, stage: Stage) -> float:
        """Seconds that a step took, or has taken until now."""
        if stage.name in self.done:
            return self.done[stage.name]
        running = time.monotonic() - self.began[stage.name] if stage.name in self.began else 0.0
        return self.spent.get(stage.name, 0.0) + running

    def share(self, stage: Stage) -> float:
        """How far a step is, 0..1: of a rendering by its pictures, else by its time."""
        if stage.name in self.done:
            return 1.0
        if stage.data is not None:
            folder, count = stage.data
            try:
                held = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["count"]
            except (OSError, ValueError, KeyError):
                held = 0
            return min((float(held) + samples_in_parts(folder)) / count, 1.0)
        return min(self.seconds(stage) / 60 / max(stage.minutes, 0.1), 0.99)

    def save(self) -> None:
        content = {name: getattr(self, name) for name in ("asked", "engine", "plan", "done", "spent", "shared")}
        write_files({self.path: (json.dumps(content, indent=1) + "\n").encode()})


Begin = Callable[[], tuple[dict[str, Any], dict[str, Any]]]
"""Measures the engine and makes the plan of a new fit."""


def open_state(folders: Folders, asked: dict[str, Any], begin: Begin) -> State:
    """The state of a fit: that of its folder, whatever the engine's speed is by now, or a new one.

    Raises:
        TrainingError: the folder holds another fit.
    """
    path = folders.out / FILE
    if not path.exists():
        state = State(path, asked, *begin())
        state.save()
        return state
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        state = State(path, *(known[name] for name in ("asked", "engine", "plan", "done", "spent")))
        state.shared = known["shared"]
    except (ValueError, KeyError) as error:
        raise TrainingError(
            f"{path} cannot be read ({error}).", "Remove it: what is finished is found again."
        ) from error
    differing = [name for name, value in asked.items() if state.asked.get(name) != value]
    if differing:
        raise TrainingError(
            f"{folders.out} holds another fit (different {', '.join(differing)}).",
            "Give the same options to go on with it, or take another --out.",
        )
    return state
