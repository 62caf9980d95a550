from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from f2p.bundle import MANIFEST, Calibration, IlluminationPrior, load_bundle, save_bundle
from f2p.errors import BundleCorrupt, BundleError, BundleIncompatible, BundleMissing, DeviceUnavailable
from f2p.schema import Schema, dump_schema
from tests.helpers.tiny_bundle import FRAME_FIVE, save_tiny_bundle
from tests.helpers.toy_engine import toy_schema


@pytest.fixture
def folder(toy_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(toy_folder, tmp_path / "bundle"))


def edit(folder: Path, **changes: Any) -> None:
    file = folder / MANIFEST
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def rehash(folder: Path, name: str) -> None:
    """Makes the manifest agree with a changed file."""
    import hashlib

    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"][name]["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_saved_and_loaded_networks_compute_the_same_bits(toy_folder: Path, tmp_path: Path) -> None:
    first = load_bundle(toy_folder)
    again = load_bundle(
        save_bundle(
            tmp_path / "copy",
            name=first.name,
            version=first.version,
            engine=first.engine,
            schema=first.schema,
            frame_landmarks5=first.frame_landmarks5,
            imitator=first.imitator,
            parser=first.parser,
            translator=first.translator,
            statistics=first.statistics,
            metrics=first.metrics,
            provenance=first.provenance,
            network_provenance={"imitator": {"data_seed": 7}},
        )
    )
    x, image = torch.rand(2, first.schema.size), torch.rand(1, 3, 64, 64)
    assert torch.equal(first.imitator(x).image, again.imitator(x).image)
    assert torch.equal(first.parser(image), again.parser(image))
    assert first.schema == again.schema
    np.testing.assert_array_equal(again.frame_landmarks5, FRAME_FIVE)
    assert again.provenance == first.provenance
    assert again.size == 64
    with safe_open(again.path / "imitator.safetensors", framework="pt") as handle:
        header = handle.metadata()
    assert header["arch"] == "modulated"
    assert json.loads(header["config"])["size"] == 64
    assert header["schema_hash"] == toy_schema().hash
    assert json.loads(header["provenance"]) == {"data_seed": 7}


def test_networks_are_frozen_and_in_eval_mode(toy_folder: Path) -> None:
    bundle = load_bundle(toy_folder)
    assert bundle.translator is not None
    for network in (bundle.imitator, bundle.parser, bundle.translator, bundle.identity):
        assert not network.training
        assert not any(parameter.requires_grad for parameter in network.parameters())


def test_a_bundle_needs_no_translator(tmp_path: Path) -> None:
    save_tiny_bundle(tmp_path, toy_schema(), "toy")
    assert load_bundle(save_tiny_bundle(tmp_path, toy_schema(), "toy", translator=False)).translator is None
    assert not (tmp_path / "translator.safetensors").exists()


def test_the_manifest_is_for_people_too(toy_folder: Path) -> None:
    text = (toy_folder / MANIFEST).read_text()
    assert len(text.splitlines()) > 20
    assert json.loads(text)["files"].keys() == {path.name for path in toy_folder.iterdir()} - {MANIFEST}


def test_missing(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(BundleMissing, match=r"bundle\.json"):
        load_bundle(tmp_path / "nowhere")
    (folder / "parser.safetensors").unlink()
    with pytest.raises(BundleMissing, match="parser"):
        load_bundle(folder)


@pytest.mark.parametrize(
    "name", ["imitator.safetensors", "schema.yaml", "statistics.safetensors", "translator.safetensors"]
)
def test_one_changed_byte_is_noticed(folder: Path, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[-1] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(BundleCorrupt, match="sha256"):
        load_bundle(folder)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"format": 2}, BundleIncompatible),
        ({"format": None}, BundleIncompatible),
        ({"name": 3}, BundleCorrupt),
        ({"frame_five": [[0, 0]]}, BundleCorrupt),
        ({"frame_five": [["a", 0]] * 5}, BundleCorrupt),
        ({"files": {}}, BundleCorrupt),
        ({"schema_hash": "0" * 64}, BundleIncompatible),
    ],
)
def test_wrong_manifests(folder: Path, changes: dict[str, Any], error: type[BundleError]) -> None:
    edit(folder, **changes)
    with pytest.raises(error):
        load_bundle(folder)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_manifest_that_is_none(folder: Path, text: bytes) -> None:
    (folder / MANIFEST).write_bytes(text)
    with pytest.raises(BundleError):
        load_bundle(folder)


def test_a_manifest_names_no_files_elsewhere(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"]["../bundle/schema.yaml"] = manifest["files"]["schema.yaml"]
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(BundleCorrupt, match="no valid entry"):
        load_bundle(folder)


def test_weights_of_another_schema(folder: Path, tmp_path: Path) -> None:
    schema = toy_schema()
    other = Schema(schema.name, "2", schema.continuous, schema.discrete)
    (folder / "schema.yaml").write_text(dump_schema(other))
    rehash(folder, "schema.yaml")
    edit(folder, schema_hash=other.hash)
    with pytest.raises(BundleIncompatible, match="another schema"):
        load_bundle(folder)


def change_header(folder: Path, name: str, **changes: str) -> None:
    with safe_open(folder / name, framework="pt") as handle:
        tensors = {key: handle.get_tensor(key) for key in handle.keys()}  # noqa: SIM118
        header = handle.metadata()
    save_file(tensors, folder / name, metadata=header | changes)
    rehash(folder, name)


@pytest.mark.parametrize(
    "changes",
    [
        {"arch": "unheard-of"},
        {"config": '{"size": 128}'},
        {"config": "{"},
        {"config": '{"colour": 1}'},
        {"regions": "a"},
    ],
)
def test_weights_that_do_not_fit_their_header(folder: Path, changes: dict[str, str]) -> None:
    change_header(folder, "imitator.safetensors", **changes)
    with pytest.raises(BundleIncompatible, match="imitator"):
        load_bundle(folder)


def test_garbage_with_the_right_hash(folder: Path) -> None:
    (folder / "parser.safetensors").write_bytes(b"garbage" * 100)
    rehash(folder, "parser.safetensors")
    with pytest.raises(BundleCorrupt, match="safetensors"):
        load_bundle(folder)


def test_statistics_of_another_size(folder: Path) -> None:
    save_file({"prior_mean": torch.zeros(3)}, folder / "statistics.safetensors")
    rehash(folder, "statistics.safetensors")
    with pytest.raises(BundleIncompatible, match="identity_centre_colour"):
        load_bundle(folder)


@pytest.mark.parametrize("device", ["gpu", "", "cpu:x", "meta", "cuda:4096"])
def test_a_device_that_cannot_compute(toy_folder: Path, device: str) -> None:
    with pytest.raises(DeviceUnavailable, match="Choose one of: cpu") as caught:
        load_bundle(toy_folder, device=device)
    assert caught.value.details == {"device": device}
    assert len(caught.value.message) < 250


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_gpu_that_is_not_there(toy_folder: Path, device: str) -> None:
    there = torch.cuda.is_available() if device == "cuda" else torch.backends.mps.is_available()
    if there:
        assert load_bundle(toy_folder, device=device).device.type == device
    else:
        with pytest.raises(DeviceUnavailable, match=device):
            load_bundle(toy_folder, device=device)


def test_the_cpu_is_the_default_and_shares_the_recogniser(toy_folder: Path) -> None:
    first, second = load_bundle(toy_folder), load_bundle(toy_folder, device=torch.device("cpu"))
    assert first.device == second.device == torch.device("cpu")
    assert first.identity is second.identity is second.translator_identity


def test_constants_of_the_engine_have_defaults_and_come_back(toy_folder: Path, folder: Path, tmp_path: Path) -> None:
    first = load_bundle(toy_folder)
    assert first.calibration == Calibration()
    assert "calibration" not in json.loads((toy_folder / MANIFEST).read_text())
    edit(
        folder,
        calibration={
            "scale_deviation": 0.05,
            "illumination": {"sclera_shade": -0.2},
            "mien": {"frown": -0.1},
            "option_costs": {"hair": {"bald": 0.2}},
            "unseen_in_grey": {"iris": [0.2, 0.9]},
        },
    )
    changed = load_bundle(folder)
    light = IlluminationPrior(sclera_shade=-0.2)
    assert changed.calibration == Calibration(
        scale_deviation=0.05,
        illumination=light,
        mien={"frown": -0.1},
        option_costs={"hair": {"bald": 0.2}},
        unseen_in_grey={"iris": (0.2, 0.9)},
    )
    again = save_bundle(
        tmp_path / "copy",
        statistics=changed.statistics,
        translator=None,
        metrics={},
        provenance={},
        calibration=changed.calibration,
        name="copy",
        version="1",
        engine="toy",
        schema=changed.schema,
        frame_landmarks5=changed.frame_landmarks5,
        imitator=changed.imitator,
        parser=changed.parser,
    )
    assert load_bundle(again).calibration == changed.calibration


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ([], "no mapping"),
        ({"gamma": 2.2}, "'gamma' is unknown"),
        ({"illumination": {"lamp": 1}}, "'lamp' is unknown"),
        ({"illumination": None}, "no mapping"),
        ({"scale_deviation": "wide"}, "no finite number"),
        ({"scale_deviation": True}, "no finite number"),
        ({"scale_deviation": 0}, "not above 0"),
        ({"mien": [0.1]}, "'mien' has no shares"),
        ({"mien": {"frown": "deep"}}, "'mien' has no shares"),
        ({"mien": {"frown": -1.1}}, "'mien' has no shares"),
        ({"option_costs": {"hair": 1}}, "'option_costs' has no numbers"),
        ({"unseen_in_grey": {"iris": 0.2}}, "'unseen_in_grey' has no lists"),
        ({"unseen_in_grey": {"iris": []}}, "'unseen_in_grey' has no lists"),
        ({"unseen_in_grey": {"iris": [1.2]}}, "'unseen_in_grey' has no lists"),
        ({"option_costs": {"hair": {"bald": -0.1}}}, "'option_costs' has no numbers"),
    ],
)
def test_wrong_constants(folder: Path, entry: Any, reason: str) -> None:
    edit(folder, calibration=entry)
    with pytest.raises(BundleCorrupt, match=reason):
        load_bundle(folder)


def test_left_and_right_meet_at_the_nose(toy_folder: Path) -> None:
    assert load_bundle(toy_folder).midline == FRAME_FIVE[4][0]
