"""Command line of every benchmark: `python -m benchmarks.<room>[.<name>]`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn

import tyro

from f2p.errors import F2PError

__all__ = ["run_command"]


def run_command(main: Callable[..., int]) -> NoReturn:
    """Exit with the code that `main` returns for the command line; an error of f2p is one sentence on stderr."""
    spec = sys.modules["__main__"].__spec__
    name = spec.name.removesuffix(".__main__") if spec else main.__module__
    try:
        code = tyro.cli(main, prog=f"python -m {name}")
    except F2PError as error:
        sys.exit(str(error))
    sys.exit(code)
