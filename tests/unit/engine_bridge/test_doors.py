"""The doors for engines: the same bytes through each, and no failure that hangs, misleads or takes the next picture
with it."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from engine_bridge.doors.failures import EngineTraceback
from engine_bridge.doors.folder_server import answer_folder, write_settings
from engine_bridge.doors.pipe import PipedEngine
from engine_bridge.doors.remote import RemoteEngine
from engine_bridge.doors.remote_server import serve_engines
from engine_bridge.process import EngineProcess, isolated
from f2p.engines.abilities import five_points, has_labels, sample
from f2p.engines.protocol import Engine, View
from f2p.engines.registry import is_forkable, open_engine
from f2p.errors import EngineFailed, EngineMissing, EngineTimeout, ParameterError
from f2p.regions import index
from tests.helpers.sketch_engine import SketchEngine, sketch_schema

HELPERS = Path(__file__).resolve().parents[2] / "helpers"
SKETCH = "python:tests.helpers.sketch_engine:SketchEngine"
FOREIGN = f"exec:{sys.executable} {HELPERS / 'foreign_program.py'}"


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("F2P_ENGINE_START_SECONDS", "60")
    monkeypatch.setenv("F2P_ENGINE_FRAME_SECONDS", "60")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame must be there within three seconds."""
    monkeypatch.setenv("F2P_ENGINE_FRAME_SECONDS", "3")


@pytest.fixture(params=["exec", "folder", "grpc"])
def behind(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """The sketch engine behind one of the doors."""
    if request.param == "exec":
        with isolated(SKETCH) as engine:
            yield engine
    elif request.param == "folder":
        write_settings(tmp_path, SketchEngine())
        stop = threading.Event()
        threads = [
            threading.Thread(target=answer_folder, args=(SketchEngine(), tmp_path, stop.is_set)) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        with closing(open_engine(f"folder:{tmp_path}")) as engine:
            yield engine
        stop.set()
        for thread in threads:
            thread.join()
        assert not list((tmp_path / "jobs").iterdir())
        assert not list((tmp_path / "done").iterdir())
    else:
        server, port = serve_engines([SketchEngine(), SketchEngine()], "127.0.0.1:0")
        with closing(open_engine(f"grpc://127.0.0.1:{port}")) as engine:
            yield engine
        server.stop(None)


def test_each_door_gives_the_engine_itself(behind: Engine) -> None:
    alone = SketchEngine()
    assert behind.name == "sketch"
    assert behind.schema.hash == alone.schema.hash
    assert has_labels(behind)
    np.testing.assert_array_equal(five_points(behind), alone.five_points())
    for seed in range(4):
        values = sample(behind, seed)
        assert values == alone.sample(seed)
        view = View(10.0 * seed, -5.0, 3.5, seed)
        frame, expected = behind.render(values, 80, view), alone.render(values, 80, view)
        np.testing.assert_array_equal(frame.image, expected.image)
        np.testing.assert_array_equal(frame.labels, expected.labels)


def test_each_door_refuses_what_the_schema_refuses(behind: Engine) -> None:
    for values, size in (({"no such": 0.5}, 64), ({"nose_width": 1.5}, 64), ({}, 8), ({"hair": "green"}, 64)):
        with pytest.raises(ParameterError):
            behind.render(values, size)
    assert behind.render({}, 64).image.shape == (64, 64, 3)


class Selective(SketchEngine):
    """Fails on long hair."""

    def draw(self, full, size, view):  # type: ignore[no-untyped-def]
        if full["hair"] == "long":
            raise ZeroDivisionError("a comb with no teeth")
        return super().draw(full, size, view)


def test_an_error_in_a_child_keeps_its_cause() -> None:
    engine = EngineProcess("sketch", "tests.unit.engine_bridge.test_doors:Selective", sketch_schema())
    with engine:
        assert engine.render({}, 64).labels.any()
        with pytest.raises(EngineFailed, match="ZeroDivisionError: a comb with no teeth") as told:
            engine.render({"hair": "long"}, 64)
    assert isinstance(told.value.__cause__, EngineTraceback)
    assert "in draw" in str(told.value.__cause__)
    assert engine.crashes == []


def test_a_child_that_draws_by_another_schema_is_refused() -> None:
    from dataclasses import replace

    other = sketch_schema()
    wider = tuple(replace(s, high=2.0) if s.name == "nose_width" else s for s in other.continuous)
    with pytest.raises(EngineFailed, match=r"the range of 'nose_width' is \[-1, 1\], not \[-1, 2\]"):
        EngineProcess("sketch", "tests.helpers.sketch_engine:SketchEngine", replace(other, continuous=wider))


def test_a_crash_is_survived_and_remembered() -> None:
    with isolated("python:tests.helpers.broken_engines:CrashesOnFrameSeven") as engine:
        frames = [engine.render({}, 64) for _ in range(8)]
        assert len(frames) == 8
        assert len(engine.crashes) == 1
        assert engine.crashes[0].startswith("died: killed by SIGSEGV, on picture 7: 64 px of the average face")


@pytest.mark.usefixtures("hasty")
def test_a_hang_ends_in_time_and_the_next_picture_is_drawn() -> None:
    with isolated("python:tests.helpers.broken_engines:Hangs") as engine:
        assert engine.render({}, 64).labels.any()  # the first picture may take as long as the start
        began = time.monotonic()
        with pytest.raises(EngineTimeout, match="within 3 s"):
            engine.render({}, 64, View(yaw=20))
        assert time.monotonic() - began < 20
        assert engine.render({}, 64).labels.any()


def test_a_program_of_no_python_of_ours_is_an_engine() -> None:
    with closing(open_engine(FOREIGN)) as engine:
        frame = engine.render({"tone": 0.25}, 64)
        assert tuple(frame.image[32, 32]) == (50, 50, 50)
        assert frame.labels[32, 32] == index("skin")
        assert frame.labels[0, 0] == index("background")
        assert five_points(engine) is None
        assert sample(engine, 3) == sample(engine, 3) != sample(engine, 4)
        with pytest.raises(EngineFailed, match="the tone is too bright for my lamp"):
            engine.render({"tone": 1.0}, 64)
        assert tuple(engine.render({"tone": 0.5}, 64).image[32, 32]) == (100, 100, 100)


def test_pictures_alone_are_enough_for_an_engine() -> None:
    with closing(open_engine(f"{FOREIGN} no-labels")) as engine:
        assert not has_labels(engine)
        assert not engine.render({}, 64).labels.any()


@pytest.mark.parametrize(
    ("manner", "words"),
    [
        ("antialiased", "colours that are no region's"),
        ("garbage", "makes no sense"),
        ("wrong-size", "32 x 32 x 3, where 64 x 64"),
        ("dies", "died twice"),
    ],
)
def test_what_a_program_does_wrong_is_named(manner: str, words: str) -> None:
    def draw() -> None:
        for _ in range(4):
            engine.render({}, 64)

    with closing(open_engine(f"{FOREIGN} {manner}")) as engine, pytest.raises(EngineFailed, match=words):
        draw()


def test_programs_that_are_no_engines_are_named(hasty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("F2P_ENGINE_START_SECONDS", "2")
    with pytest.raises(EngineMissing, match="There is no program 'no-such-program'"):
        open_engine("exec:no-such-program --pipe")
    with pytest.raises(EngineFailed, match="ended before it was ready: exit status 0"):
        open_engine("exec:true")
    with pytest.raises(EngineTimeout, match="not ready within 2 s"):
        open_engine("exec:sleep 60")
    with pytest.raises(EngineFailed, match="makes no sense"):
        open_engine("exec:echo hello")
    with pytest.raises(ParameterError, match="Close its quotes"):
        open_engine("exec:head 'open")


def test_a_child_ends_with_its_engine(tmp_path: Path) -> None:
    program = tmp_path / "stubborn.py"
    schema = json.dumps({"ready": "x", "schema": (HELPERS / "foreign_program.py").read_text().split('"""')[3]})
    program.write_text(f"import time\nprint({schema!r}, flush=True)\nwhile True: time.sleep(1)\n")
    engine = PipedEngine("stubborn", [sys.executable, str(program)])
    pid = engine.pid
    assert pid is not None
    began = time.monotonic()
    engine.close()
    assert time.monotonic() - began < 12
    assert not Path(f"/proc/{pid}").exists()


def _folder(tmp_path: Path, manner: str, command: bool = True) -> str:
    schema = (HELPERS / "foreign_program.py").read_text().split('"""')[3]
    (tmp_path / "schema.yaml").write_text(schema)
    words = json.dumps([sys.executable, str(HELPERS / "folder_program.py"), "{folder}", manner])
    lines = ['name = "foreign"', 'schema = "schema.yaml"', *([f"command = {words}"] if command else [])]
    (tmp_path / "engine.toml").write_text("\n".join(lines))
    return f"folder:{tmp_path}"


def test_a_folder_starts_its_program_and_starts_it_again(tmp_path: Path) -> None:
    with closing(open_engine(_folder(tmp_path, "crash-at-third"))) as engine:
        tones = [int(engine.render({"tone": tone}, 64).image[0, 0, 0]) for tone in (0.1, 0.2, 0.3, 0.4)]
        assert tones == [20, 40, 60, 80]
        assert engine.crashes == ["ended: exit status 4, on picture 3"]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("manner", "kind", "words"),
    [
        ("idle", EngineTimeout, "did not take a job"),
        ("error", EngineFailed, "the lamp is broken"),
        ("no-labels-file", EngineFailed, "and no .*labels.png"),
    ],
)
def test_what_goes_wrong_in_a_folder_is_named(
    tmp_path: Path, manner: str, kind: type[EngineFailed], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("F2P_ENGINE_START_SECONDS", "3")
    with closing(open_engine(_folder(tmp_path, manner))) as engine, pytest.raises(kind, match=words):
        engine.render({}, 64)


@pytest.mark.usefixtures("hasty")
def test_a_folder_that_nobody_works_on_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing, match=r"holds no engine\.toml"):
        open_engine(f"folder:{tmp_path}")
    with closing(open_engine(_folder(tmp_path, "", command=False))) as engine:
        with pytest.raises(EngineTimeout, match="Nobody took the job"):
            engine.render({}, 64)
        assert not list((tmp_path / "jobs").iterdir())


def test_several_draw_for_one_batch() -> None:
    server, port = serve_engines([SketchEngine(), SketchEngine()], "127.0.0.1:0")
    alone = SketchEngine()
    jobs = [(alone.sample(seed), View(yaw=seed)) for seed in range(9)]
    with RemoteEngine(f"127.0.0.1:{port}") as engine:
        frames = list(engine.render_batch(jobs, 64))
        assert len(frames) == 9
        for (values, view), frame in zip(jobs, frames, strict=True):
            np.testing.assert_array_equal(frame.image, alone.render(values, 64, view).image)
        with pytest.raises(ParameterError, match="no parameter 'x'"):
            list(engine.render_batch([jobs[0], ({"x": 0.5}, View())], 64))
    server.stop(None)


def test_a_server_that_was_away_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("F2P_ENGINE_START_SECONDS", "30")
    server, port = serve_engines([SketchEngine()], "127.0.0.1:0")
    with RemoteEngine(f"127.0.0.1:{port}") as engine:
        first = engine.render({}, 64)
        server.stop(None).wait()
        timer = threading.Timer(0.3, lambda: servers.append(serve_engines([SketchEngine()], f"127.0.0.1:{port}")[0]))
        servers: list[object] = []
        timer.start()
        np.testing.assert_array_equal(engine.render({}, 64).image, first.image)
        assert "lost the connection" in engine.crashes[0]
    timer.join()
    servers[0].stop(None)  # type: ignore[attr-defined]


def test_a_server_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("F2P_ENGINE_START_SECONDS", "1")
    with pytest.raises(EngineTimeout, match="did not answer within 1 s"):
        open_engine("grpc://127.0.0.1:1")
    with pytest.raises(ParameterError, match="no host and port"):
        open_engine("grpc:localhost")


def test_addresses_are_read_in_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineMissing, match="begin with 'unreal6:' are not understood; known: blender:, "):
        open_engine("unreal6:head")
    with pytest.raises(EngineMissing, match=r"has no 'Nobody'"):
        open_engine("python:tests.helpers.sketch_engine:Nobody")
    with pytest.raises(EngineMissing, match=r"There is no module 'tests\.helpers\.nowhere'"):
        open_engine("python:tests.helpers.nowhere:Engine")
    assert open_engine(f"python:{HELPERS / 'sketch_engine.py'}:SketchEngine").name == "sketch"
    monkeypatch.setenv("F2P_ENGINES", f"ours={SKETCH}; other=exec:head")
    assert open_engine("ours").name == "sketch"
    monkeypatch.setenv("F2P_ENGINES", "ours")
    with pytest.raises(ParameterError, match="Write NAME=SCHEME:REST"):
        open_engine("ours")


def test_a_bundle_cannot_name_a_command(tmp_path: Path) -> None:
    """Whoever makes a bundle must not choose what runs on the machine that loads it."""
    from f2p.bundle.manifest import read_manifest
    from f2p.errors import BundleCorrupt

    content = {"format": 1, "name": "b", "version": "1", "engine": "exec:rm -rf", "schema_hash": ""}
    content |= {"frame_five": [[0.5, 0.5]] * 5, "files": {}, "metrics": {}, "provenance": {}}
    (tmp_path / "bundle.json").write_text(json.dumps(content))
    with pytest.raises(BundleCorrupt, match="names an engine by its address"):
        read_manifest(tmp_path)


def test_what_a_forked_process_goes_on_with() -> None:
    assert is_forkable("makehuman")
    assert is_forkable("gltf:nothing is opened")
    for target in ("exec:true", "grpc://127.0.0.1:1", "python:tests.helpers.sketch_engine:SketchEngine"):
        assert not is_forkable(target)
    with pytest.raises(EngineMissing):
        is_forkable("unreal6")
