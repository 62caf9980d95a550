"""The door of plain Python: a class or function that gives an engine, in this very process.

Address: ``python:module:callable``, or ``python:FILE.py:callable`` for a file that is no installed module.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

from f2p.engines.protocol import Engine
from f2p.errors import EngineFailed, EngineMissing, ParameterError

__all__ = ["open_engine"]


def open_engine(rest: str) -> Engine:
    """Make the engine that the callable gives.

    Raises:
        ParameterError: the address has another form.
        EngineMissing: there is no such module or callable.
        EngineFailed: it raises, or gives no engine.
    """
    module, colon, name = rest.rpartition(":")
    if not colon or not module or not name:
        raise ParameterError(f"The address 'python:{rest}' names no callable.", "Write python:MODULE:CALLABLE.")
    make = getattr(_module(module), name, None)
    if make is None:
        raise EngineMissing(f"'{module}' has no '{name}'.", "Correct the address.", engine=f"python:{rest}")
    engine: Engine = make()
    lacking = [part for part in ("name", "schema", "render", "close") if not hasattr(engine, part)]
    if lacking:
        raise EngineFailed(
            f"What '{rest}' gives is no engine: it has no {', '.join(lacking)}.", "See f2p/engines/protocol.py."
        )
    return engine


def _module(name: str) -> Any:
    if not name.endswith(".py"):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
                raise  # the module is there, and what it imports is not
            raise EngineMissing(
                f"There is no module '{name}'.", "Correct the address, or give PYTHONPATH its folder.", engine=name
            ) from None
    path = Path(name).resolve()
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise EngineMissing(f"There is no file {path}.", "Correct the address.", engine=name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module
