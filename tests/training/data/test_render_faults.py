"""What goes wrong while a set is rendered: other engines, other commands, killed processes, more shards than open
files."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from f2p.errors import TrainingError
from f2p.regions import index
from imitator_training.data.dataset import Renders
from imitator_training.data.fingerprint import difference, take_fingerprint
from imitator_training.data.folder_lock import folder_lock
from imitator_training.data.parts import PART
from imitator_training.data.render import RenderConfig, render
from imitator_training.data.shards import Manifest, Shard, read_manifest, write_manifest, write_shard
from tests.helpers.render_faults import Brighter, Nearer, Rounding, open_blind, open_brighter, open_mortal
from tests.helpers.sketch_engine import SketchEngine
from tests.helpers.toy_engine import ToyEngine, toy_schema
from tests.training.conftest import open_toy


def config(out: Path, **changes: object) -> RenderConfig:
    plain = RenderConfig(out=out, engine="toy", count=72, size=64, seed=5, per_shard=32, workers=1)
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "words"), [(Brighter, "the average face is drawn otherwise"), (Nearer, "drawn otherwise")]
)
def test_light_and_zoom_are_in_the_fingerprint(other: type[ToyEngine], words: str) -> None:
    assert words in difference(take_fingerprint(ToyEngine()), take_fingerprint(other()))


def test_another_graphics_card_is_no_other_engine() -> None:
    assert difference(take_fingerprint(ToyEngine()), take_fingerprint(Rounding())) == ""


def test_a_finished_folder_refuses_an_engine_whose_light_changed(toy_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(toy_data, folder)
    assert read_manifest(folder).fingerprint == take_fingerprint(ToyEngine())
    with pytest.raises(TrainingError, match="was rendered by another engine: the average face is drawn otherwise"):
        render(config(folder), open_brighter)
    other = tmp_path / "other"
    render(config(other, count=8, seed=6), open_brighter)
    with pytest.raises(TrainingError, match=r"other was drawn by another engine than .*data"):
        Renders([folder, other])


def test_a_folder_that_is_being_written_is_refused(tmp_path: Path) -> None:
    program = f"""
        import sys, time
        from pathlib import Path
        from imitator_training.data.folder_lock import folder_lock
        with folder_lock(Path({str(tmp_path)!r})):
            print("held", flush=True)
            sys.stdin.read()
    """
    held = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert held.stdin is not None
    assert held.stdout is not None
    assert held.stdout.readline() == "held\n"
    with pytest.raises(TrainingError, match=rf"Another process \(number {held.pid}\) writes to"):
        render(config(tmp_path), open_toy)
    held.kill()
    held.communicate()
    with folder_lock(tmp_path):
        pass


def test_a_killed_process_is_replaced_and_loses_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes die in the middle of one shard: the set is the one of an unbroken run."""
    monkeypatch.setenv("LIVES", str(tmp_path / "lives"))
    (tmp_path / "lives").mkdir()
    for life in "12":
        (tmp_path / "lives" / life).touch()
    whole = {"count": 3 * PART, "per_shard": 3 * PART}
    broken = render(config(tmp_path / "broken", **whole), open_mortal)
    unbroken = render(config(tmp_path / "unbroken", **whole), open_toy)
    assert not list((tmp_path / "lives").iterdir())
    assert broken.shards == unbroken.shards
    assert not list((tmp_path / "broken").glob("*.begun"))


def test_more_shards_than_open_files(tmp_path: Path) -> None:
    """A million samples are a thousand shards: here as many small ones, and few files that may be open."""
    schema, count, each = toy_schema(), 300, 3
    shards = []
    for number in range(count):
        x = np.full((each, schema.size), number, np.float32)
        arrays = {
            "images": np.zeros((each, 8, 8, 3), np.uint8),
            "labels": np.zeros((each, 8, 8), np.uint8),
            "x": x,
            "view": np.zeros((each, 3), np.float32),
        }
        name = f"{number:06d}.tar"
        shards.append(Shard(name, each, write_shard(tmp_path / name, arrays)))
    manifest = Manifest("toy", schema.hash, 1, 8, count * each, each, {}, ((0.5, 0.5),) * 5, shards=tuple(shards))
    write_manifest(tmp_path, manifest, schema)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 120, before[1]))
    try:
        data = Renders([tmp_path])
        every = np.arange(count * each)
        np.testing.assert_array_equal(data.gather("x", every)[:, 0], every // each)
        some = np.random.default_rng(0).permutation(count * each)[:400]
        np.testing.assert_array_equal(data.gather("x", some)[:, 0], some // each)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_pictures_of_an_engine_without_label_maps_are_labelled_by_the_shipped_parser(tmp_path: Path) -> None:
    render(config(tmp_path, count=6, size=128, per_shard=4), open_blind)
    data = Renders([tmp_path])
    found, engine = data.gather("labels", np.arange(len(data))), SketchEngine()
    for number, labels in enumerate(found):
        values = engine.schema.decode(data.gather("x", [number])[0])
        drawn = engine.render(values, 128).labels
        skin, both = drawn == index("skin"), (drawn == index("skin")) & (labels == index("skin"))
        assert both.sum() > 0.6 * skin.sum()
        assert (labels[:8] == index("background")).mean() > 0.5


def test_a_folder_from_before_there_were_fingerprints_goes_on(toy_data: Path, tmp_path: Path) -> None:
    shutil.copytree(toy_data, tmp_path / "old")
    path = tmp_path / "old" / "manifest.json"
    content = json.loads(path.read_text())
    del content["fingerprint"], content["target"]
    path.write_text(json.dumps(content))
    render(config(tmp_path / "old"), open_toy)
    assert read_manifest(tmp_path / "old") == read_manifest(toy_data)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_million_samples_in_small_shards_train_with_1024_open_files(toy_data: Path, tmp_path: Path) -> None:
    """10,000 shards of 100 samples, which are links to few files, so that they take no space."""
    each, count = 100, 10_000
    few = Renders([toy_data])
    rows = np.arange(each) % len(few)
    manifest, schema = read_manifest(toy_data), toy_schema()
    first = tmp_path / "first.tar"
    digest = write_shard(first, {name: few.gather(name, rows) for name in ("images", "labels", "x", "view")})
    folder = tmp_path / "data"
    folder.mkdir()
    shards = [Shard(f"{number:06d}.tar", each, digest) for number in range(count)]
    for shard in shards:
        os.link(first, folder / shard.name)
    write_manifest(folder, replace(manifest, count=each * count, per_shard=each, shards=tuple(shards)), schema)
    words = "train imitator --arch modulated --channels 16 16 8 --size 64 --steps 12 --batch 32 --holdout 1000"
    program = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024));"
    program += "from imitator_training.cli import main; raise SystemExit(main())"
    told = subprocess.run(
        [sys.executable, "-c", program, *words.split(), "--data", str(folder), "--out", str(tmp_path / "run")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr[-2000:]
    assert list((tmp_path / "run" / "checkpoints").glob("*"))
    assert len(Renders([folder])) == 1_000_000
