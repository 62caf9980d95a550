"""Training data on disk: tar shards and a manifest.

A data folder holds ``manifest.json``, ``schema.yaml`` and ``000000.tar``, ``000001.tar``, ... Each tar has four plain
``.npy`` members (n samples, side S, P parameters):

- ``images.npy`` uint8 (n, S, S, 3), ``labels.npy`` uint8 (n, S, S), indices of `f2p.regions.REGIONS`;
- ``x.npy`` float32 (n, P); ``view.npy`` float32 (n, 3): yaw, pitch, roll in degrees.

Members are not compressed: a reader maps them where they lie inside the tar, and unpacks nothing.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import math
import mmap
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from f2p.errors import TrainingError
from f2p.schema import Schema, dump_schema, load_schema
from imitator_training.data.fingerprint import Fingerprint

__all__ = [
    "FORMAT",
    "MEMBERS",
    "Layout",
    "Manifest",
    "Shard",
    "map_shard",
    "read_layout",
    "read_manifest",
    "read_schema",
    "sha256",
    "write_manifest",
    "write_shard",
]

FORMAT = 1
MEMBERS = ("images", "labels", "x", "view")


@dataclass(frozen=True)
class Shard:
    """One tar: its file name, how many samples it holds, and its sha256."""

    name: str
    count: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """Content of a data folder. All but `count`, `shards` and what was measured on the engine must agree for a folder
    to be continued."""

    engine: str
    schema_hash: str
    seed: int
    size: int
    count: int
    per_shard: int
    sampling: dict[str, float]
    frame_landmarks5: tuple[tuple[float, float], ...]
    turns: tuple[tuple[tuple[float, float], ...], ...] | None = None
    """`imitator_training.data.frame.Turns`, which brought turned heads into the frame; None where not."""
    shards: tuple[Shard, ...] = field(default=())
    format: int = FORMAT
    target: str = ""
    """Name or address by which the engine was opened; empty where that is `engine`."""
    fingerprint: Fingerprint | None = None
    """What the engine draws; None in folders from before there was one."""

    @property
    def opened_as(self) -> str:
        """Name or address that opens the engine again."""
        return self.target or self.engine

    def identity(self) -> dict[str, Any]:
        """The part that makes two folders the same data set."""
        measured = ("count", "shards", "frame_landmarks5", "turns", "target", "fingerprint")
        return {key: value for key, value in asdict(self).items() if key not in measured}

    def to_json(self) -> dict[str, Any]:
        """The document on disk; the frame's landmarks stand under "frame_five", as they do in bundle.json."""
        return {"frame_five" if key == "frame_landmarks5" else key: value for key, value in asdict(self).items()}


def write_shard(path: Path, arrays: dict[str, npt.NDArray[Any]]) -> str:
    """Write the four arrays; the file appears only once it is complete. Returns its sha256.

    The same arrays give the same bytes: member times, owners and modes are fixed.
    """
    unfinished = path.with_suffix(".part")
    with tarfile.open(unfinished, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name in MEMBERS:
            buffer = io.BytesIO()
            np.save(buffer, np.ascontiguousarray(arrays[name]))
            member = tarfile.TarInfo(f"{name}.npy")
            member.size = buffer.tell()
            buffer.seek(0)
            tar.addfile(member, buffer)
    digest = sha256(unfinished)
    os.replace(unfinished, path)
    return digest


@dataclass(frozen=True)
class Layout:
    """Where the arrays of a shard lie in its file: name -> (offset in bytes, type, shape)."""

    path: Path
    members: dict[str, tuple[int, str, tuple[int, ...]]]

    @property
    def count(self) -> int:
        """Number of samples."""
        return self.members["x"][2][0]


def read_layout(path: Path) -> Layout:
    """Look at a shard's headers. Raises TrainingError where it is damaged or cannot be read."""
    members = {}
    with _readable(path), tarfile.open(path, "r:") as tar, path.open("rb") as file:
        for name in MEMBERS:
            file.seek(tar.getmember(f"{name}.npy").offset_data)
            np.lib.format.read_magic(file)
            shape, _, dtype = np.lib.format.read_array_header_1_0(file)
            members[name] = (file.tell(), dtype.str, shape)
    return Layout(path, members)


def map_shard(layout: Layout) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a shard, mapped read-only from inside the tar: one open file, as long as an array is in use.

    Raises TrainingError when it is damaged.
    """
    with _readable(layout.path), layout.path.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return {
            name: np.frombuffer(content, dtype, math.prod(shape), offset).reshape(shape)
            for name, (offset, dtype, shape) in layout.members.items()
        }


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TrainingError(
            f"The shard {path} cannot be read: {error.strerror or error}.",
            "Allow more open files (ulimit -n)."
            if error.errno in (errno.EMFILE, errno.ENFILE)
            else "Look at the disk.",
        ) from error
    except (tarfile.TarError, KeyError, ValueError) as error:
        raise TrainingError(
            f"The shard {path.name} is damaged ({error}).", "Run `imitator-training render` again to mend it."
        ) from error


def sha256(path: Path) -> str:
    """sha256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Manifest, schema: Schema) -> None:
    """Replace the folder's manifest (and schema) in one step each."""
    _replace(folder / "schema.yaml", dump_schema(schema))
    _replace(folder / "manifest.json", json.dumps(manifest.to_json(), indent=1) + "\n")


def read_manifest(folder: Path) -> Manifest:
    """The folder's manifest. Raises TrainingError when there is none or it is of another format."""
    path = folder / "manifest.json"
    try:
        raw = json.loads(path.read_text())
        if raw.get("format") != FORMAT:
            raise TrainingError(f"{path} has format {raw.get('format')}, not {FORMAT}.", "Render the data again.")
        shards = tuple(Shard(**shard) for shard in raw.pop("shards"))
        landmarks5 = tuple((float(px), float(py)) for px, py in raw.pop("frame_five"))
        turns = raw.pop("turns", None)
        if turns is not None:
            turns = tuple(tuple((float(px), float(py)) for px, py in term) for term in turns)
        taken = raw.pop("fingerprint", None)
        fingerprint = None if taken is None else Fingerprint.from_json(taken)
        return Manifest(**raw, shards=shards, frame_landmarks5=landmarks5, turns=turns, fingerprint=fingerprint)
    except FileNotFoundError:
        raise TrainingError(
            f"{folder} holds no manifest.json.", "Give a folder made by `imitator-training render`."
        ) from None
    except (OSError, TypeError, KeyError, AttributeError, ValueError) as error:
        raise TrainingError(f"{path} is no manifest ({error}).", "Render the data again.") from error


def read_schema(folder: Path) -> Schema:
    """The schema that a data folder was rendered with."""
    return load_schema(folder / "schema.yaml")


def _replace(path: Path, text: str) -> None:
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(text)
    os.replace(unfinished, path)
