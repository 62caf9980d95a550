"""The second recogniser, of made-up weights: read as its file says, and its figures of a finished run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from benchmarks.likeness.answers import Pictures
from benchmarks.likeness.face_res import BLOCKS, FaceRes
from benchmarks.likeness.second_opinion import main
from benchmarks.likeness.sheets import Tiles

WIDTH = 16


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A narrow network in the file format of TensorFlow.js, half of it in 16 bits."""
    rng = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {"conv1/convolution/merged_input": (3, 3, 3, WIDTH)}
    for block in range(1, BLOCKS + 1):
        shapes[f"conv_dw_{block}/depthwise_kernel"] = (3, 3, WIDTH, 1)
        shapes[f"conv_dw_{block}_bn/batchnorm_1/mul"] = (WIDTH,)
        shapes[f"conv_pw_{block}/convolution/merged_input"] = (1, 1, WIDTH, WIDTH)
    norms = ["conv1_bn", *(f"conv_{kind}_{block}_bn" for kind in ("dw", "pw") for block in range(1, BLOCKS + 1))]
    shapes |= {f"{norm}/batchnorm_1/sub": (WIDTH,) for norm in norms}
    for name, count in (("feats", 6), ("gender_pred", 1), ("age_pred", 100)):
        shapes |= {f"{name}/kernel": (WIDTH if name == "feats" else 6, count), f"{name}/bias": (count,)}
    entries, data = [], b""
    for at, (name, shape) in enumerate(shapes.items()):
        kind = "float16" if at % 2 else "float32"
        entry = {"name": name, "shape": list(shape), "dtype": "float32"}
        entries.append(entry | ({"quantization": {"dtype": "float16"}} if at % 2 else {}))
        # Neither dead nor saturated after 27 layers.
        seen = 9 if "depthwise" in name else np.prod(shape[:-1])
        spread = 0.01 if len(shape) == 1 else (2 / seen) ** 0.5
        values = np.ones(shape) if name.endswith("mul") else rng.normal(0, spread, shape)
        data += values.astype(kind).tobytes()
    folder = tmp_path_factory.mktemp("model")
    (folder / "faceres.bin").write_bytes(data)
    manifest = {"weightsManifest": [{"paths": ["faceres.bin"], "weights": entries}]}
    (folder / "faceres.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder / "faceres.json"


def test_faces_become_embeddings_a_sex_and_an_age(model: Path) -> None:
    faces = 255 * torch.rand(3, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    embedding, man, age = FaceRes(model)(faces)
    assert embedding.shape == (3, WIDTH)
    assert not torch.allclose(embedding[0], embedding[1])
    assert ((man > 0) & (man < 1)).all()
    assert ((age > 0) & (age < 99)).all()
    alone = FaceRes(model)(faces[1:2])
    torch.testing.assert_close(alone[0][0], embedding[1])


def test_a_run_is_judged_and_its_own_photos_are_nearest(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng, tiles = np.random.default_rng(2), Tiles(tmp_path / "tiles")
    photos = [f"{number}.jpg" for number in range(3)]
    for photo in photos:
        # Plain colours: a network of made-up weights tells these apart.
        picture = np.broadcast_to(rng.integers(0, 256, 3, dtype=np.uint8), (160, 160, 3))
        aligned = SimpleNamespace(photo=picture, image=torch.from_numpy(picture / 255).permute(2, 0, 1))
        tiles.add_photo(SimpleNamespace(name=photo, aligned=aligned))  # type: ignore[arg-type]
        tiles.add_answer(photo, "default", Pictures(drawing=picture, render=picture))
    rows = {"default": [{"photo": photo} for photo in photos]}
    (tmp_path / "likeness.json").write_text(json.dumps({"photos": rows}), encoding="utf-8")
    assert main(tmp_path, model, threads=1) == 0
    table = dict(line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()[2:])
    assert table == {"cosine": "1.000", "rank1": "1.000", "rank5": "1.000", "sex": "1.000", "age": "0.0"}


def test_what_cannot_be_read_is_said(model: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    shutil.copytree(model.parent, cut)
    (cut / "faceres.bin").write_bytes((model.parent / "faceres.bin").read_bytes()[:-1])
    with pytest.raises(SystemExit, match="unpack it again"):
        FaceRes(cut / "faceres.json")
    (cut / "likeness.json").write_text(json.dumps({"photos": {"default": [{"photo": "a"}]}}), encoding="utf-8")
    with pytest.raises(SystemExit, match="lacks a tile"):
        main(cut, model)
    with pytest.raises(SystemExit, match=r"not faceres\.json"):
        FaceRes(tmp_path / "faceres.json")
    with pytest.raises(SystemExit, match="no finished run"):
        main(tmp_path, model)
