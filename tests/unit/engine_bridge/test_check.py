"""The conformance kit: sound engines pass it, and each broken one fails with the right reason."""

from __future__ import annotations

import sys
import time
import tomllib
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from engine_bridge.check import check_engine, check_target
from engine_bridge.check.run import CHECKS, run_checks
from engine_bridge.check.session import Session
from engine_bridge.cli import main
from engine_bridge.process import isolated
from f2p.engines.protocol import Engine
from f2p.engines.time_limits import TimeLimits
from tests.helpers import broken_engines
from tests.helpers.broken_engines import BROKEN
from tests.helpers.sketch_engine import DressedEngine, SketchEngine

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "second_engine"
IN_A_PROCESS = (
    *("DiffersBetweenProcesses", "SchemaChanges", "SizesDiffer", "LabelsUnknown", "Hangs", "HangsAtStart"),
    *("CrashesOnFrameSeven", "RaisesAtStart", "Grows"),
)
"""Engines of the table that need a process of their own."""


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """As they were, after each test."""
    monkeypatch.setenv("F2P_ENGINE_START_SECONDS", "60")
    monkeypatch.setenv("F2P_ENGINE_FRAME_SECONDS", "60")


@pytest.fixture(scope="module")
def example() -> Iterator[Engine]:
    """The example engine, started by what its package offers as an entry point."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text("utf-8"))
    module, _, factory = project["project"]["entry-points"]["f2p.engines"]["marionette"].partition(":")
    sys.path.insert(0, str(EXAMPLE))
    engine: Engine = getattr(import_module(module), factory)()
    yield engine
    engine.close()
    sys.path.remove(str(EXAMPLE))


def faults(results: Iterator[object]) -> dict[str, str]:
    """Check -> what it found, of those that are red."""
    found = [getattr(result, "finding", result) for result in results]
    return {finding.subject: finding.detail for finding in found if not finding.ok}


def target(name: str) -> str:
    return f"python:tests.helpers.broken_engines:{name}"


@pytest.mark.slow  # the same kit as in the next test
def test_a_sound_engine_passes() -> None:
    assert faults(check_engine(SketchEngine())) == {}


def test_a_sound_engine_passes_in_processes_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "check.html"
    words = ["--report", str(page), "--slowest", "10", "--frame-seconds", "60", "--start-seconds", "60"]
    assert main(["check", "python:tests.helpers.sketch_engine:SketchEngine", *words]) == 0
    told = capsys.readouterr().out
    assert "another one draws 3 people alike, byte for byte" in told
    assert "all well" in told
    text = page.read_text("utf-8")
    assert f"All {len(CHECKS) + 1} checks are well" in text
    assert text.count("<img") > 10


@pytest.mark.parametrize("subject", ["sliders", "samples"])
def test_looks_that_show_beside_others_and_dye_that_nobody_solves_are_no_faults(subject: str) -> None:
    assert CHECKS[subject](Session(DressedEngine(), slowest=0.3)).finding.ok


def test_a_fault_is_an_exit_code_and_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "check.html"
    assert main(["check", target("RaisesAtStart"), "--report", str(page)]) == 1
    told = capsys.readouterr().out
    assert "FAULT start" in told
    assert "Mend the engine" in told
    assert "1 of 1 checks found faults" in page.read_text("utf-8")
    assert main(["check", "unreal6:head"]) == 1
    assert "are not understood; known: blender:" in capsys.readouterr().out


@pytest.mark.parametrize("name", [name for name in BROKEN if name not in IN_A_PROCESS])
def test_a_broken_engine_is_red_for_the_right_reason(name: str) -> None:
    """Its own check alone, in this process; the whole kit is run on each by the slow test below."""
    subject, words = BROKEN[name]
    result = CHECKS[subject](Session(getattr(broken_engines, name)(), slowest=0.3))
    assert not result.finding.ok
    assert words in result.finding.detail
    assert result.finding.remedy


def test_a_crash_is_told_with_its_signal_and_picture() -> None:
    with isolated(target("CrashesOnFrameSeven")) as engine:
        found = faults(run_checks(Session(engine)))
    assert "SIGSEGV, on picture 7: " in found["crashes"]
    assert "killed by SIGSEGV" in found["left out"]


def test_an_engine_that_hangs_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with isolated(target("Hangs")) as engine:
        monkeypatch.setattr(engine, "_limits", TimeLimits(start=60, frame=2))
        began = time.monotonic()
        found = faults(run_checks(Session(engine)))
        assert time.monotonic() - began < 60
    assert found["same bytes"].startswith("hangs: ")
    assert "hung 2 times" in found["left out"]


def test_an_engine_that_does_not_start_is_told_with_its_cause() -> None:
    found = faults(check_target(target("RaisesAtStart")))
    assert list(found) == ["start"]
    assert "OSError: no shader 'skin.frag' beside the engine" in found["start"]
    assert "broken_engines.py" in found["start"]


def test_an_engine_that_never_is_ready_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("F2P_ENGINE_START_SECONDS", "1")
    assert "not ready within 1 s" in faults(check_target(target("HangsAtStart")))["start"]


@pytest.mark.parametrize("name", ["DiffersBetweenProcesses", "SchemaChanges"])
def test_another_process_is_asked_too(name: str) -> None:
    with isolated(target(name)) as engine:
        result = CHECKS["processes"](Session(engine, partial(isolated, target(name))))
    assert not result.finding.ok
    assert BROKEN[name][1] in result.finding.detail


@pytest.mark.parametrize("name", ["SizesDiffer", "LabelsUnknown"])
def test_frames_are_checked_before_they_pass_the_pipe(name: str) -> None:
    with isolated(target(name)) as engine:
        result = CHECKS["frames"](Session(engine))
        assert BROKEN[name][1] in result.finding.detail
        # The pipe is in step after each refusal.
        assert engine.sample(3) == SketchEngine().sample(3)


def test_memory_that_grows_is_seen() -> None:
    with isolated(target("Grows")) as engine:
        result = CHECKS["memory"](Session(engine))
    assert BROKEN["Grows"][1] in result.finding.detail


def test_time_ends_a_check() -> None:
    found = faults(run_checks(Session(SketchEngine(), seconds=0)))
    assert list(found) == ["left out"]
    assert "options" in found["left out"]


# TakesAnything: a door refuses what does not fit the schema, whatever the engine behind it does.
@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in BROKEN if name != "TakesAnything"])
def test_the_whole_kit_on_a_broken_engine(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("F2P_ENGINE_START_SECONDS", "10" if name == "HangsAtStart" else "60")
    monkeypatch.setenv("F2P_ENGINE_FRAME_SECONDS", "4" if name == "Hangs" else "30")
    subject, words = BROKEN[name]
    found = faults(check_target(target(name), seconds=10 if name == "Slow" else 300))
    assert words in found.get(subject, "")


@pytest.mark.slow
def test_the_example_engine_keeps_the_contract(example: Engine) -> None:
    assert isinstance(example, Engine)
    assert faults(run_checks(Session(example, slowest=10))) == {}


def test_the_example_engine_is_another_engine(example: Engine) -> None:
    from engine_bridge.makehuman import open_engine
    from engine_bridge.makehuman.engine import reference_schema

    assert example.schema.hash != reference_schema().hash
    expressions = {slider.name for slider in example.schema.continuous if slider.role == "expression"}
    assert set(example.schema.names) & set(reference_schema().names) == expressions
    assert np.abs(example.render({}, 96).image.astype(int) - open_engine().render({}, 96).image).mean() > 10


def test_its_nose_runs_the_other_way_round(example: Engine) -> None:
    from f2p.regions import index

    lowest = [
        np.nonzero(example.render({"Nose.Short": value}, 256).labels == index("nose"))[0].max() for value in (0.1, 0.9)
    ]
    assert lowest[0] > lowest[1] + 3
