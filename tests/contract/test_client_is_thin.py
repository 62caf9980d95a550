"""`pip install face-to-parameter-client` alone is the client: it must not pull the heavy packages in."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "numpy", "PIL", "dlib", "yaml", "tyro", "rich", "jinja2")


@pytest.mark.parametrize("module", ["f2p", "f2p.client", "f2p.errors"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    program = f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_help_starts_without_torch() -> None:
    program = (
        "import sys, contextlib, io\n"
        "from f2p.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        "    code = main(['create', '--help'])\n"
        "print(code, [name for name in ('torch', 'dlib', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "0 []"
