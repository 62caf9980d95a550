"""All checks of an engine, in order: what goes wrong in one does not keep the others from being tried."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

from engine_bridge.check import contract, people, pictures, sliders
from engine_bridge.check.session import Result, Session, Stopped
from engine_bridge.process import isolated
from f2p.engines.protocol import Engine
from f2p.engines.registry import open_engine, read_address
from f2p.errors import EngineTimeout, F2PError
from f2p.findings import Finding

__all__ = ["check_engine", "check_target", "run_checks"]

Check = Callable[[Session], Result]

CHECKS: dict[str, Check] = {
    "schema": contract.schema,
    "speed": people.speed,
    "frames": contract.frames,
    "refusals": contract.refusals,
    "same bytes": contract.same_bytes,
    "processes": contract.processes,
    "labels": pictures.labels,
    "label edges": pictures.label_edges,
    "colours": pictures.colours,
    "views": pictures.views,
    "backdrop": pictures.backdrop,
    "ranges": sliders.ranges,
    "sliders": sliders.sliders,
    "small steps": sliders.fineness,
    "places": sliders.places,
    "sides": sliders.sides,
    "options": people.options,
    "samples": people.samples,
    "memory": people.memory,
}
OWN_PROCESS = ("exec", "folder", "grpc")
"""Schemes of addresses whose engines run elsewhere, so that their time limits hold without a process of ours."""


def check_engine(engine: Engine) -> Iterator[Finding]:
    """Yield a finding for each part of the contract that an open engine must keep."""
    yield from (result.finding for result in run_checks(Session(engine)))


def check_target(target: str, seconds: float = 300.0, slowest: float = 0.5) -> Iterator[Result]:
    """Open the engine of a name or address, in processes apart, and yield what each check finds.

    Args:
        target: name or address.
        seconds: after which no further check begins.
        slowest: seconds that a picture of 128 px may take, the fastest of some.
    """
    address = read_address(target)
    apart = address is not None and address.scheme in OWN_PROCESS
    opened: Callable[[], Engine] = (lambda: open_engine(target)) if apart else (lambda: isolated(target))
    try:
        engine = opened()
    except F2PError as error:
        yield Result(Finding("start", False, f"{error.reason}: {error.message}", error.remedy))
        return
    # One that was started by hand, or on another machine, has no second process that we could start.
    second = opened if getattr(engine, "pid", None) is not None or not apart else None
    with suppress(F2PError), closing(engine):
        yield from run_checks(Session(engine, second, seconds, slowest))


def run_checks(session: Session) -> Iterator[Result]:
    """Yield the results of all checks, until one says that there is no point in going on, or time is over."""
    left_out: list[str] = []
    why = ""
    for subject, check in CHECKS.items():
        if why or session.left <= 0:
            left_out.append(subject)
            continue
        try:
            yield check(session)
        except Stopped as error:
            why = str(error)
            yield _failed(subject, error)
        except Exception as error:  # of the engine, whatever it is: the check goes on
            yield _failed(subject, error)
    with suppress(F2PError):
        yield people.crashed(session)
    if left_out:
        reason = why or f"{session.seconds:g} s are over"
        remedy = "Mend what is named above, and check again; or allow more: --seconds."
        yield Result(Finding("left out", False, f"{', '.join(left_out)}: {reason}", remedy))


def _failed(subject: str, error: Exception) -> Result:
    cause = error.__cause__ if isinstance(error, Stopped) else error
    if isinstance(cause, EngineTimeout):
        detail = f"hangs: {cause.message}"
        return Result(Finding(subject, False, detail, cause.remedy))
    if isinstance(error, F2PError):
        return Result(Finding(subject, False, f"{error.reason}: {error.message}", error.remedy))
    if isinstance(error, Stopped):
        remedy = "The engine's own output, above, may say why; a slow engine may need more: --seconds."
        return Result(Finding(subject, False, f"not finished: {error}", remedy))
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{place.filename}:{place.lineno}"
    return Result(Finding(subject, False, f"{type(error).__name__}: {error} ({where})", "See f2p/engines/protocol.py."))
