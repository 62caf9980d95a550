"""The program `f2p`: its commands, each in a module of its own that is imported when it is called."""

import os
from collections.abc import Callable, Sequence
from typing import Any

from f2p.command_line import Command, Program

__all__ = ["PROGRAM", "main"]


def _create() -> Callable[..., Any]:
    from f2p.cli.create import create

    return create


def _refit() -> Callable[..., Any]:
    from f2p.cli.refit import refit

    return refit


def _check() -> Callable[..., Any]:
    from f2p.cli.check import check

    return check


def _schema() -> Callable[..., Any]:
    from f2p.cli.schema import schema

    return schema


def _compare() -> Callable[..., Any]:
    from f2p.cli.compare import compare

    return compare


def _migrate() -> Callable[..., Any]:
    from f2p.cli.migrate import migrate

    return migrate


def _golden_record() -> Callable[..., Any]:
    from f2p.cli.golden import record

    return record


def _golden_check() -> Callable[..., Any]:
    from f2p.cli.golden import check

    return check


def _share() -> Callable[..., Any]:
    from f2p.cli.share import share

    return share


def _receive() -> Callable[..., Any]:
    from f2p.cli.share import receive

    return receive


def _export() -> Callable[..., Any]:
    from f2p.cli.export import export

    return export


def _doctor() -> Callable[..., Any]:
    from f2p.cli.doctor import doctor

    return doctor


def _serve() -> type:
    from f2p.cli.serve import ServeArguments

    return ServeArguments


def _read_serve(spec: Any, arguments: Sequence[str], program: str) -> Any:
    from f2p.cli.serve import read_serve

    return read_serve(arguments, program)


def _run_serve(read_config: Any) -> None:
    from f2p.cli.serve import run_serve

    run_serve(read_config)


def _studio() -> type:
    from f2p.cli.serve import StudioArguments

    return StudioArguments


def _read_studio(spec: Any, arguments: Sequence[str], program: str) -> Any:
    from f2p.cli.serve import read_studio

    return read_studio(arguments, program)


def _run_studio(read: Any) -> None:
    from f2p.cli.serve import run_studio

    run_studio(read)


PROGRAM = Program(
    name="f2p",
    description="Turns a photo of a face into the values of a game engine's character sliders.",
    commands={
        "create": Command(summary="turn photos into characters", load=_create, extra="solve"),
        "refit": Command(summary="solve a character again around what was edited", load=_refit, extra="solve"),
        "check": Command(summary="say whether a photo can be used", load=_check, extra="solve"),
        "schema": Command(summary="list a bundle's parameters", load=_schema, extra="solve"),
        "compare": Command(summary="compare characters, or two runs of them", load=_compare, extra="solve"),
        "golden record": Command(summary="keep what this release makes of photos", load=_golden_record, extra="solve"),
        "golden check": Command(
            summary="hold a release against the record, with a gate", load=_golden_check, extra="solve"
        ),
        "migrate": Command(
            summary="carry saved characters over to another bundle's sliders", load=_migrate, extra="solve"
        ),
        "share": Command(summary="print a character as a short code, or as a QR picture", load=_share, extra="solve"),
        "receive": Command(summary="write the character of a share code", load=_receive, extra="solve"),
        "export": Command(summary="write a character as glTF for game engines", load=_export, extra="solve"),
        "doctor": Command(summary="check this machine", load=_doctor, extra="solve"),
        "studio": Command(
            summary="serve, and open the studio in the browser",
            load=_studio,
            extra="serve",
            read=_read_studio,
            run=_run_studio,
        ),
        "serve": Command(
            summary="run the service, over gRPC and HTTP", load=_serve, extra="serve", read=_read_serve, run=_run_serve
        ),
    },
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command of f2p; the exit code."""
    # Before torch is loaded, or it has no effect: spinning threads make a solve on busy cores many times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # A search keeps a second core busy itself; more threads within one operation only get in its way, and the service
    # has one as well: with as many, the same photo gives the same bits.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    return PROGRAM.main(arguments)
