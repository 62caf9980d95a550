"""One photo gives one character: run after run, by library and command line, on one core and on two."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image
from skimage import data

from f2p.numerics import ENVIRONMENT

SEARCH = """
import sys, torch
from f2p import CharacterCreator, load_bundle
from f2p.numerics import mkl_is_repeatable
creator = CharacterCreator(load_bundle(), preset="instant", render=False)
for threads in sys.argv[2:]:
    if threads != "default":
        torch.set_num_threads(int(threads))
    x = []
    values = creator.create(sys.argv[1], progress=lambda step: x.append(step.x.numpy().tobytes().hex())).values
    print(hash((tuple(x), tuple(values.items()))))
    kept = bytearray(4000 + 16)  # the next arrays lie elsewhere
print(mkl_is_repeatable())
"""


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("photo") / "sample.png"
    Image.fromarray(data.astronaut()).save(file)
    return file


def test_runs_processes_and_cores_do_not_matter(photo: Path) -> None:
    """MKL, where torch has one, keeps to one code path."""
    plain = {name: value for name, value in os.environ.items() if name not in (*ENVIRONMENT, "OMP_NUM_THREADS")}
    found = []
    for threads in (("1", "2"), ("default",)):
        done = subprocess.run(
            [sys.executable, "-c", SEARCH, str(photo), *threads],
            env={**plain, "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            check=True,
            timeout=240,
        )
        *solved, mkl = done.stdout.split()
        assert mkl == ("True" if torch.backends.mkl.is_available() else "None")
        found += solved
    assert len(found) == 3
    assert len(set(found)) == 1


@pytest.mark.skipif(not torch.backends.mkl.is_available(), reason="this build of torch has no MKL")
def test_it_is_said_when_mkl_was_in_use_before() -> None:
    plain = {name: value for name, value in os.environ.items() if name != "MKL_CBWR"}
    late = "import torch; torch.ones(9, 9) @ torch.ones(9, 9); import f2p; f2p.load_bundle()"
    done = subprocess.run([sys.executable, "-W", "error", "-c", late], env=plain, capture_output=True, text=True)
    assert done.returncode == 1
    assert "import f2p before the first torch operation" in done.stderr


def test_without_torch_nothing_is_known_of_mkl() -> None:
    program = "import f2p; from f2p.numerics import mkl_is_repeatable; print(mkl_is_repeatable())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "None"
