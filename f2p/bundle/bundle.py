"""Loading and saving of bundles."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from f2p.bundle.calibration import Calibration
from f2p.bundle.manifest import (
    DEFAULT_BUNDLE,
    FORMAT,
    MANIFEST,
    REBUILD,
    SCHEMA_FILE,
    check_files,
    read_calibration,
    read_manifest,
    read_schema,
    sha256,
)
from f2p.errors import BundleCorrupt, BundleIncompatible, WeightsError
from f2p.networks.device import usable_device
from f2p.networks.face_parser import FaceParser, build_parser
from f2p.networks.imitator.base import Imitator
from f2p.networks.imitator.registry import build_imitator
from f2p.networks.recognition.dlib_resnet import dlib_face_net
from f2p.networks.recognition.light_cnn import load_lightcnn
from f2p.networks.translator import Translator, build_translator
from f2p.numerics import warn_unless_repeatable
from f2p.regions import REGIONS
from f2p.schema import Schema, dump_schema

_NEEDED = (SCHEMA_FILE, "imitator.safetensors", "parser.safetensors", "statistics.safetensors")
_STATISTICS = ("identity_centre_colour", "identity_centre_grey", "prior_mean", "prior_scale")
ODDS_AGES = (25.0, 45.0, 65.0)
"""Years, evenly apart, about which it is counted what an engine's people wear: the statistic option_odds."""

_NOSE = 4  # base of the nose, among the five points

Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """One engine, ready for the search. All networks are in eval mode and frozen.

    Attributes:
        path: the folder it came from.
        name, version: of the bundle.
        engine: name of the engine it was trained on, as in the entry points "f2p.engines".
        schema: the engine's parameters.
        frame_landmarks5: (5, 2), where the average face's five points lie, as fractions of the engine's square frame.
        size: side of the imitator's drawing in pixels.
        device: where networks and statistics are, and where all that is computed with them is.
        imitator, parser, translator, identity: the networks; translator may be None.
        translator_identity: the recogniser that the translator was trained on: dlib's, which is `identity` too unless
            the bundle was loaded with LightCNN.
        statistics: float32 tensors, see `f2p.bundle`; besides, translator_centre_*: the centres for dlib's
            embeddings.
        calibration: constants of the engine.
        metrics, provenance: whatever the trainer measured and recorded.
    """

    path: Path
    name: str
    version: str
    engine: str
    schema: Schema
    frame_landmarks5: npt.NDArray[np.float64]
    size: int
    device: torch.device
    imitator: Imitator
    parser: FaceParser
    translator: Translator | None
    identity: nn.Module
    translator_identity: nn.Module
    statistics: Mapping[str, Tensor]
    calibration: Calibration
    metrics: Mapping[str, Any]
    provenance: Mapping[str, Any]

    @property
    def midline(self) -> float:
        """Column of the frame at which the average face's left half meets the right one, as a fraction of its width."""
        return float(self.frame_landmarks5[_NOSE, 0])


def load_bundle(
    path: str | Path | None = None, *, device: str | torch.device = "cpu", lightcnn: str | Path | None = None
) -> Bundle:
    """Load and check a bundle.

    Args:
        path: its folder; the shipped one when None.
        device: where to compute: "cpu", "cuda", "cuda:1", "mps" or another of torch's. Answers come back on the CPU.
        lightcnn: a LightCNN-29 v2 checkpoint to compare identities with, in place of dlib's recogniser; not centred,
            as it needs none.

    Raises:
        BundleMissing: the folder or one of its files is not there.
        BundleCorrupt: a file is not what bundle.json says, or cannot be read.
        BundleIncompatible: format, schema and weights do not belong together.
        WeightsError: a recogniser's weights are missing or wrong.
        DeviceUnavailable: torch cannot compute on `device`.
    """
    warn_unless_repeatable()
    place = usable_device(device)
    folder = DEFAULT_BUNDLE if path is None else Path(path)
    manifest = read_manifest(folder)
    check_files(folder, dict.fromkeys(_NEEDED) | manifest["files"])
    schema = read_schema(folder, manifest)

    def load(stem: str, build: Callable[[str, dict[str, Any]], Network]) -> Network:
        return _on_device(_load_network(folder / f"{stem}.safetensors", schema, build), place)

    imitator = load("imitator", lambda arch, config: build_imitator(arch, config, schema))
    parser = load("parser", build_parser)
    translator = None
    if "translator.safetensors" in manifest["files"]:
        translator = load("translator", lambda _, config: build_translator(config, schema))
    statistics, _ = _read_tensors(folder / "statistics.safetensors")
    _check_statistics(folder, statistics, schema)
    for domain in ("colour", "grey"):
        statistics[f"translator_centre_{domain}"] = statistics[f"identity_centre_{domain}"]
        if lightcnn is not None:
            statistics[f"identity_centre_{domain}"] = torch.zeros(256)
    dlib = _recogniser(place)
    identity = dlib if lightcnn is None else _on_device(load_lightcnn(Path(lightcnn)), place)
    return Bundle(
        path=folder,
        name=manifest["name"],
        version=manifest["version"],
        engine=manifest["engine"],
        schema=schema,
        frame_landmarks5=np.asarray(manifest["frame_five"], np.float64),
        size=imitator.size,
        device=place,
        imitator=imitator,
        parser=parser,
        translator=translator,
        identity=identity,
        translator_identity=dlib,
        statistics={key: value.to(place) for key, value in statistics.items()},
        calibration=read_calibration(folder, manifest),
        metrics=manifest["metrics"],
        provenance=manifest["provenance"],
    )


def save_bundle(
    folder: str | Path,
    *,
    name: str,
    version: str,
    engine: str,
    schema: Schema,
    frame_landmarks5: npt.ArrayLike,
    imitator: Imitator,
    parser: FaceParser,
    translator: Translator | None,
    statistics: Mapping[str, Tensor],
    metrics: Mapping[str, Any],
    provenance: Mapping[str, Any],
    network_provenance: Mapping[str, Mapping[str, Any]] | None = None,
    calibration: Calibration | None = None,
) -> Path:
    """Write a bundle that `load_bundle` accepts, and return its folder; files of an older bundle there are replaced.

    Args:
        frame_landmarks5: (5, 2) fractions.
        statistics: see `f2p.bundle`.
        metrics, provenance: JSON values, for bundle.json.
        network_provenance: "imitator", "parser", "translator" -> JSON values for that file's header.
        calibration: constants of the engine; None leaves them at their defaults.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _check_statistics(folder, statistics, schema)
    (folder / MANIFEST).unlink(
        missing_ok=True
    )  # first, so that a write cut short leaves no bundle rather than a wrong one
    (folder / SCHEMA_FILE).write_text(dump_schema(schema), encoding="utf-8")
    files = [SCHEMA_FILE]
    networks: dict[str, Imitator | FaceParser | Translator | None] = {
        "imitator": imitator,
        "parser": parser,
        "translator": translator,
    }
    for stem, network in networks.items():
        file = folder / f"{stem}.safetensors"
        if network is None:
            file.unlink(missing_ok=True)
            continue
        header = {
            "arch": getattr(network, "arch", "mlp"),
            "config": json.dumps(asdict(cast(Any, network.config))),
            "schema_hash": schema.hash,
            "regions": ",".join(REGIONS),
            "provenance": json.dumps((network_provenance or {}).get(stem, {}), sort_keys=True),
        }
        _write_tensors(file, network.state_dict(), header)
        files.append(file.name)
    _write_tensors(folder / "statistics.safetensors", statistics, {"schema_hash": schema.hash})
    files.append("statistics.safetensors")
    manifest = {
        "format": FORMAT,
        "name": name,
        "version": version,
        "engine": engine,
        "schema_hash": schema.hash,
        "size": imitator.size,
        "frame_five": np.asarray(frame_landmarks5, np.float64).round(6).tolist(),
        "files": {
            file: {"sha256": sha256(folder / file), "bytes": (folder / file).stat().st_size} for file in sorted(files)
        },
        "metrics": dict(metrics),
        "provenance": dict(provenance),
    }
    if calibration is not None:
        manifest["calibration"] = calibration.to_json()
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return folder


def _check_statistics(folder: Path, statistics: Mapping[str, Tensor], schema: Schema) -> None:
    sliders, options = schema.continuous_size, schema.size - schema.continuous_size
    shapes: dict[str, tuple[int, ...]] = dict(zip(_STATISTICS, ((128,), (128,), (sliders,), (sliders,)), strict=True))
    may_be: dict[str, tuple[int, ...]] = {
        "zoom": (schema.size + 1,),
        "blendshape_rest": (52,),
        "blendshape_reach": (52,),
    }
    plain = "option_odds" in statistics and statistics["option_odds"].dim() == 2  # as bundles had it before 2.2.0
    may_be["option_odds"] = (2, options) if plain else (2, len(ODDS_AGES), options)
    shapes |= {name: shape for name, shape in may_be.items() if name in statistics}
    for name, shape in shapes.items():
        found = tuple(statistics[name].shape) if name in statistics else None
        if found != shape:
            raise BundleIncompatible(
                f"The statistics of bundle {folder} hold '{name}' as {found}; {shape} is needed.", REBUILD
            )


def _load_network(file: Path, schema: Schema, build: Callable[[str, dict[str, Any]], Network]) -> Network:
    tensors, header = _read_tensors(file)
    if header.get("schema_hash") != schema.hash:
        raise BundleIncompatible(f"{file} was trained for another schema.", REBUILD)
    if header.get("regions") != ",".join(REGIONS):
        raise BundleIncompatible(f"{file} was trained for other regions.", REBUILD)
    try:
        network = build(header["arch"], json.loads(header["config"]))
        network.load_state_dict(tensors)
    except (KeyError, TypeError, ValueError, RuntimeError, WeightsError) as error:
        reason = str(error).splitlines()[0]
        raise BundleIncompatible(f"{file} does not fit the networks of this release: {reason}", REBUILD) from error
    return network


def _on_device(network: Network, device: torch.device) -> Network:
    """The network itself, frozen, on a device."""
    # Channels last is how convolutions like their data: on a CPU it saves a tenth of the time of a search.
    return network.eval().requires_grad_(False).to(device).to(memory_format=torch.channels_last)


def _recogniser(device: torch.device) -> nn.Module:
    """dlib's recogniser. That of the CPU is shared by all of the process, and must not move from there."""
    shared = dlib_face_net()
    return shared if device.type == "cpu" else _on_device(copy.deepcopy(shared), device)


def _read_tensors(file: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(file, framework="pt") as handle:
            # A handle is no mapping: it cannot be iterated itself.
            tensors = {key: handle.get_tensor(key) for key in handle.keys()}  # noqa: SIM118
            return tensors, handle.metadata() or {}
    except SafetensorError as error:
        raise BundleCorrupt(f"{file} is not a readable safetensors file: {error}.", REBUILD) from error


def _write_tensors(file: Path, tensors: Mapping[str, Tensor], header: dict[str, str]) -> None:
    save_file({key: value.detach().cpu().contiguous().clone() for key, value in tensors.items()}, file, metadata=header)
