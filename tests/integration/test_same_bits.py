"""One photo gives one character: run after run, by library and command line, on one core and on two."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from skimage import data

from f2p import CharacterCreator, load_bundle
from f2p.numerics import ENVIRONMENT

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "default_solve.json"
SEARCH = """
import sys, torch
from f2p import CharacterCreator, load_bundle
creator = CharacterCreator(load_bundle(), preset="instant", render=False)
for threads in sys.argv[2:]:
    if threads != "default":
        torch.set_num_threads(int(threads))
    x = []
    values = creator.create(sys.argv[1], progress=lambda step: x.append(step.x.numpy().tobytes().hex())).values
    print(hash((tuple(x), tuple(values.items()))))
    kept = bytearray(4000 + 16)  # the next arrays lie elsewhere
"""


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("photo") / "sample.png"
    Image.fromarray(data.astronaut()).save(file)
    return file


def test_runs_processes_and_cores_do_not_matter(photo: Path) -> None:
    plain = {name: value for name, value in os.environ.items() if name not in (*ENVIRONMENT, "OMP_NUM_THREADS")}
    found = []
    for threads in (("default", "default", "1", "2"), ("default",)):
        done = subprocess.run(
            [sys.executable, "-c", SEARCH, str(photo), *threads],
            env={**plain, "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            check=True,
            timeout=240,
        )
        found += done.stdout.split()
    assert len(found) == 5
    assert len(set(found)) == 1


def test_the_default_solve_goes_the_golden_way(photo: Path) -> None:
    """On another processor sums differ in their last bits, and so do steps, a little: see docs/reproducibility.md."""
    golden = json.loads(GOLDEN.read_text("utf-8"))
    steps: list[dict[str, Any]] = []
    with CharacterCreator(load_bundle(), render=False) as creator:
        character = creator.create(photo, progress=lambda step: steps.append({"total": step.total, **step.losses}))
    assert len(steps) == len(golden["steps"])
    first, last = steps[0], steps[-1]
    assert first == pytest.approx(golden["steps"][0], rel=1e-3, abs=1e-3)
    # The sum is what the search makes small; its terms are traded for each other.
    assert last["total"] == pytest.approx(golden["steps"][-1]["total"], rel=0.05)
    assert last == pytest.approx(golden["steps"][-1], rel=0.3, abs=0.03)
    options = {name: value for name, value in golden["values"].items() if isinstance(value, str)}
    # Two brow styles are a tie on this photo, which other sums break otherwise.
    assert sum(character.values[name] != option for name, option in options.items()) <= 1
    moves = [abs(float(character.values[n]) - v) for n, v in golden["values"].items() if n not in options]
    # What belongs to another brow style moves further with it.
    assert sum(moves) / len(moves) < 0.02
    assert sorted(moves)[-3] < 0.1
    assert sum(moves) / len(moves) < 0.015


@pytest.mark.skipif(not torch.backends.mkl.is_available(), reason="this build of torch has no MKL")
def test_mkl_keeps_to_one_code_path() -> None:
    program = "import f2p, torch; from f2p.numerics import mkl_is_repeatable; torch.ones(9, 9) @ torch.ones(9, 9)"
    program += "; print(mkl_is_repeatable())"
    plain = {name: value for name, value in os.environ.items() if name != "MKL_CBWR"}
    done = subprocess.run([sys.executable, "-c", program], env=plain, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
    late = "import torch; torch.ones(9, 9) @ torch.ones(9, 9); import f2p; f2p.load_bundle()"
    done = subprocess.run([sys.executable, "-W", "error", "-c", late], env=plain, capture_output=True, text=True)
    assert done.returncode == 1
    assert "import f2p before the first torch operation" in done.stderr


def test_without_torch_nothing_is_known_of_mkl() -> None:
    program = "import f2p; from f2p.numerics import mkl_is_repeatable; print(mkl_is_repeatable())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "None"
