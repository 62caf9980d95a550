"""Engines by name or by address, found among the installed packages without importing any of them.

- A name, ``makehuman``: a package offers it under the entry points "f2p.engines", as a factory of no arguments that
  gives an `f2p.engines.protocol.Engine`. F2P_ENGINES="NAME=ADDRESS;..." gives a name to an address, for all programs.
- An address, ``SCHEME:REST`` (``folder:/srv/head``, ``exec:./head --pipe``, ``grpc://host:50061``): a package offers
  the scheme under the entry points "f2p.engine_schemes", as a factory that takes REST and gives an engine.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any, NamedTuple, TypeVar

from f2p.engines.protocol import Engine
from f2p.errors import EngineMissing, F2PError, ParameterError
from f2p.errors.transport import install_command

__all__ = [
    "GROUP",
    "SCHEMES",
    "VARIABLE",
    "Address",
    "engine_names",
    "forkable",
    "is_forkable",
    "open_engine",
    "read_address",
    "scheme_names",
]

GROUP, SCHEMES = "f2p.engines", "f2p.engine_schemes"
VARIABLE = "F2P_ENGINES"
_REMEDIES = {"makehuman": f"Install the package that brings it: {install_command('engine')}."}
Factory = TypeVar("Factory", bound=Callable[..., Engine])
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+-]*):(.*)", re.S)


class Address(NamedTuple):
    """An engine's address: ``SCHEME:REST``; the scheme is in small letters."""

    scheme: str
    rest: str


def read_address(target: str) -> Address | None:
    """The parts of an address; None where the text is a plain name."""
    found = _ADDRESS.fullmatch(target.strip())
    return None if found is None else Address(found[1].lower(), found[2])


def engine_names() -> tuple[str, ...]:
    """The installed engines' names, and those that F2P_ENGINES gives."""
    return tuple(sorted({entry.name for entry in entry_points(group=GROUP)} | _given().keys()))


def scheme_names() -> tuple[str, ...]:
    """The schemes of addresses that installed packages understand."""
    return tuple(sorted({entry.name for entry in entry_points(group=SCHEMES)}))


def forkable(factory: Factory) -> Factory:
    """Mark a factory whose engines hold memory alone, no process, line or thread: forked copies of their process go on
    with them, and share what they have loaded. A decorator."""
    factory.forkable = True  # type: ignore[attr-defined]
    return factory


def is_forkable(target: str) -> bool:
    """Whether the engine of that name or address is of a factory marked by `forkable`; nothing is opened.

    Raises:
        EngineMissing, ParameterError: as `open_engine`.
    """
    address = read_address(_given().get(target, target))
    entry = _named(target) if address is None else _scheme(address)
    try:
        return bool(getattr(entry.load(), "forkable", False))
    except ImportError:
        return False


def open_engine(target: str) -> Engine:
    """Start the engine of that name or address; the caller closes it.

    Raises:
        EngineMissing: no such engine or scheme is installed, or a package that it needs is not.
        ParameterError: F2P_ENGINES is not as described above.
        EngineLibraryMissing, EngineFailed, EngineTimeout: from the engine itself.
    """
    name, target = target, _given().get(target, target)
    address = read_address(target)
    if address is None:
        return _load(_named(target), name)()
    return _load(_scheme(address), name)(address.rest)


def _given() -> dict[str, str]:
    pairs = [part for part in os.environ.get(VARIABLE, "").split(";") if part.strip()]
    found = {}
    for pair in pairs:
        name, equals, target = pair.partition("=")
        if not equals or read_address(target) is None or read_address(name) is not None:
            raise ParameterError(f"{VARIABLE} has the part {pair!r}.", "Write NAME=SCHEME:REST, separated by ';'.")
        found[name.strip()] = target.strip()
    return found


def _named(name: str) -> EntryPoint:
    found = [entry for entry in entry_points(group=GROUP) if entry.name == name]
    if found:
        return found[0]
    raise EngineMissing(
        f"The engine '{name}' is not installed; installed: {', '.join(engine_names()) or 'none'}.",
        _REMEDIES.get(
            name,
            f"Install the package that offers it under the entry points '{GROUP}', or give an address "
            f"({', '.join(f'{scheme}:...' for scheme in scheme_names())}), or name one in {VARIABLE}.",
        ),
        engine=name,
    )


def _scheme(address: Address) -> EntryPoint:
    found = [entry for entry in entry_points(group=SCHEMES) if entry.name == address.scheme]
    if found:
        return found[0]
    known = ", ".join(f"{name}:" for name in scheme_names())
    raise EngineMissing(
        f"Addresses of engines that begin with '{address.scheme}:' are not understood; known: {known or 'none'}.",
        "Correct the address." if known else f"Install the package that brings them: {install_command('engine')}.",
        engine=f"{address.scheme}:{address.rest}",
    )


def _load(entry: EntryPoint, target: str) -> Callable[..., Engine]:
    """The factory, whose failures by a missing package are told as such."""

    def opened(*arguments: Any) -> Engine:
        try:
            engine: Engine = entry.load()(*arguments)
        except F2PError:
            raise
        except ImportError as error:
            raise EngineMissing(
                f"The engine '{target}' needs the package '{error.name}', which is not installed.",
                _REMEDIES.get(target, "Install the engine's package anew, with what it depends on."),
                engine=target,
            ) from error
        return engine

    return opened
