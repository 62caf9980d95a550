"""What a run was made by, so that a later one can say what has changed: bundle, code, libraries, processor."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import torch

from f2p.bundle import Bundle
from f2p.bundle.manifest import MANIFEST, read_manifest

__all__ = ["differing", "origin"]

_LIBRARIES: Final = (
    "torch",
    "torchvision",
    "numpy",
    "dlib-bin",
    "pillow",
    "segmentation-models-pytorch",
    "safetensors",
)
_PACKAGE: Final = Path(__file__).resolve().parents[1]
_KERNELS: Final = ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "MKL_CBWR")


def origin(bundle: Bundle, preset: str, seed: int, release: str) -> dict[str, Any]:
    """What a character of this bundle, preset and seed is made by in this release; plain JSON."""
    manifest = read_manifest(bundle.path)
    return {
        "preset": preset,
        "seed": seed,
        "bundle": {"name": bundle.name, "version": bundle.version},
        "schema": {"identity": bundle.schema.identity, "hash": bundle.schema.hash},
        "weights": {name: entry["sha256"] for name, entry in sorted(manifest["files"].items()) if name != MANIFEST},
        "code": {"version": release, "sha256": _code()},
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "processor": {
            "model": _processor(),
            "capability": torch.backends.cpu.get_cpu_capability(),
            "kernels": {name: os.environ[name] for name in _KERNELS if name in os.environ},
            "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        },
    }


def differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What is not the same, in words: "weights: imitator.safetensors", "libraries: torch 2.14.0 -> 2.14.1"."""
    found = []
    for key in dict.fromkeys((*before, *now)):
        one, other = before.get(key), now.get(key)
        if one == other:
            continue
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            names = [name for name in dict.fromkeys((*one, *other)) if one.get(name) != other.get(name)]
            found.append(f"{key}: " + ", ".join(_change(name, one.get(name), other.get(name)) for name in names))
        else:
            found.append(f"{key}: {one} -> {other}")
    return found


def _change(name: str, one: Any, other: Any) -> str:
    digest = any(isinstance(value, str) and len(value) == 64 for value in (one, other))
    return name if digest else f"{name} {one} -> {other}"


def _code() -> str:
    """One hash of all our modules, whatever the release calls itself."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "none"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
