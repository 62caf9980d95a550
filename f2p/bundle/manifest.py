"""The manifest of a bundle, bundle.json, and the files that it lists: read and checked before any of them is used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from f2p.bundle.calibration import Calibration
from f2p.errors import BundleCorrupt, BundleIncompatible, BundleMissing, SchemaError
from f2p.errors.transport import install_command
from f2p.schema import Schema, load_schema

__all__ = [
    "DEFAULT_BUNDLE",
    "FORMAT",
    "MANIFEST",
    "REBUILD",
    "SCHEMA_FILE",
    "check_files",
    "read_calibration",
    "read_manifest",
    "read_schema",
    "sha256",
]

FORMAT = 1
MANIFEST = "bundle.json"
SCHEMA_FILE = "schema.yaml"
DEFAULT_BUNDLE = Path(__file__).parents[1] / "data" / "makehuman"
REBUILD = "Export the bundle again, or fetch it afresh."
_ENGINES_WHEEL = f"Run: {install_command('engine')}, or name a bundle of your own."


def read_manifest(folder: Path) -> dict[str, Any]:
    """The folder's manifest, each entry of its type.

    Raises:
        BundleMissing, BundleCorrupt, BundleIncompatible: as `load_bundle`.
    """
    file = folder / MANIFEST
    if not file.is_file():
        raise BundleMissing(
            f"There is no bundle in {folder}: it holds no {MANIFEST}.",
            # The shipped bundle comes with the engine's wheel, not with the library's.
            _ENGINES_WHEEL if folder == DEFAULT_BUNDLE else "Give the folder that `imitator-training export` wrote.",
        )
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BundleCorrupt(f"{file} is not valid JSON: {error}.", REBUILD) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        found = manifest.get("format") if isinstance(manifest, dict) else None
        raise BundleIncompatible(
            f"{file} has format {found!r}; this release reads format {FORMAT}.", "Install a matching release of f2p."
        )
    kinds = {
        "name": str,
        "version": str,
        "engine": str,
        "schema_hash": str,
        "frame_five": list,
        "files": dict,
        "metrics": dict,
        "provenance": dict,
    }
    for key, kind in kinds.items():
        if not isinstance(manifest.get(key), kind):
            raise BundleCorrupt(f"{file} has no valid '{key}'.", REBUILD)
    if ":" in manifest["engine"]:
        # An address can name a command to run: only the machine's owner may say one, in F2P_ENGINES.
        raise BundleCorrupt(f"{file} names an engine by its address; a bundle has its name only.", REBUILD)
    landmarks5 = manifest["frame_five"]
    if len(landmarks5) != 5 or not all(
        isinstance(p, list) and len(p) == 2 and all(isinstance(v, (int, float)) for v in p) for p in landmarks5
    ):
        raise BundleCorrupt(f"'frame_five' in {file} is not five points.", REBUILD)
    return manifest


def read_calibration(folder: Path, manifest: Mapping[str, Any]) -> Calibration:
    """The engine's constants. Raises BundleCorrupt where the entry is wrong."""
    try:
        return Calibration.from_json(manifest.get("calibration", {}))
    except ValueError as error:
        raise BundleCorrupt(f"'calibration' in {folder / MANIFEST} cannot be used: {error}.", REBUILD) from error


def read_schema(folder: Path, manifest: dict[str, Any]) -> Schema:
    """The folder's schema, whose hash must be the manifest's. Raises BundleCorrupt, BundleIncompatible."""
    try:
        schema = load_schema(folder / SCHEMA_FILE)
    except SchemaError as error:
        raise BundleCorrupt(f"The schema of bundle {folder} is invalid: {error}", REBUILD) from error
    if schema.hash != manifest["schema_hash"]:
        raise BundleIncompatible(f"The schema of bundle {folder} is not the one it was made with.", REBUILD)
    return schema


def check_files(folder: Path, files: dict[str, Any]) -> None:
    """Compares every file with its hash. Raises BundleMissing, BundleCorrupt."""
    for name, entry in sorted(files.items()):
        # A bare name only: a manifest must not make us read files elsewhere.
        if not isinstance(entry, dict) or Path(name).name != name:
            raise BundleCorrupt(f"{folder / MANIFEST} has no valid entry for '{name}'.", REBUILD)
        file = folder / name
        if not file.is_file():
            raise BundleMissing(f"Bundle {folder} lacks its file {name}.", REBUILD)
        if sha256(file) != entry.get("sha256"):
            raise BundleCorrupt(
                f"{file} has been changed or damaged: its sha256 is not the one in {MANIFEST}.", REBUILD, file=name
            )


def sha256(file: Path) -> str:
    """Hash of a file, hexadecimal."""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
