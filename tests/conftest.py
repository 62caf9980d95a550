"""Fixtures of many tests. Environment variables are set before anything imports torch."""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
if (
    "PYTEST_XDIST_WORKER" in os.environ
):  # beside others, which have the other cores: threads would only get in their way
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import logging
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from f2p.bundle import Bundle
from f2p.schema import Schema
from tests.helpers.tiny_bundle import save_tiny_bundle
from tests.helpers.toy_bundle import toy_bundle
from tests.helpers.toy_engine import toy_schema


@pytest.fixture(autouse=True)
def process_as_before() -> Iterator[None]:
    """Restore the root logger and the handlers of signals. `f2p serve`, run in this process, leaves its own: a log on
    a stream that pytest closes when the test ends, to which servers of later tests would write.
    """
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    signals = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for number, handler in signals.items():
        if signal.getsignal(number) is not handler:
            signal.signal(number, handler)


@pytest.fixture(scope="session")
def engine_schema() -> Schema:
    """The embedded engine's schema."""
    from engine_bridge.makehuman.engine import reference_schema

    return reference_schema()


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The toy engine's lively bundle of untrained networks. All tests share it: do not change it."""
    return toy_bundle(tmp_path_factory.mktemp("bundles") / "lively")


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle whose engine is installed nowhere. Do not write to it."""
    return save_tiny_bundle(tmp_path_factory.mktemp("bundles") / "toy", toy_schema(), "toy")


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory, engine_schema: Schema) -> Path:
    """A bundle of small untrained networks for the embedded engine."""
    return save_tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny", engine_schema, "makehuman")


@pytest.fixture(scope="session")
def posed_bundle(tmp_path_factory: pytest.TempPathFactory, engine_schema: Schema) -> Path:
    """The tiny one, of which the imitator draws some expressions and turned heads, so that both are solved too."""
    units = {"mouthSmileLeft": 0.3, "mouthSmileRight": 0.3, "jawOpen": 0.3}
    options = {"expressions": units, "pose": (20.0, 15.0, 0.0)}
    folder = tmp_path_factory.mktemp("bundles") / "posed"
    return save_tiny_bundle(folder, engine_schema, "makehuman", imitator_options=options)


@pytest.fixture(scope="session")
def broken_bundle(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Path) -> Path:
    """The same with one byte of the imitator's weights changed."""
    folder = tmp_path_factory.mktemp("bundles") / "broken"
    folder.mkdir()
    for file in tiny_bundle.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    weights = folder / "imitator.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(bytes(data))
    return folder
