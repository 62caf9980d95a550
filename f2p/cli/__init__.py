"""The command line: `f2p create | refit | check | schema | compare | doctor | serve`.

Starting is cheap: a command imports what it needs when it runs. Exit codes: 0 done, 1 failed with one line
`error REASON: ...` on stderr, 2 wrong command line, 130 interrupted.
"""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from f2p.errors import F2PError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit. F2P_TRACEBACK=1 shows the traceback of a fault of ours."""
    # Before torch is loaded, or it has no effect: spinning threads make a solve on busy cores many times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # A search keeps a second core busy itself; more threads within one operation only get in its way, and the service
    # has one as well: with as many, the same photo gives the same bits.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    code = _run(sys.argv[1:] if arguments is None else list(arguments))
    _drop_what_cannot_be_written()
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    try:
        import tyro

        from f2p.cli import check, compare, create, doctor, refit, schema, serve
    except ImportError as error:
        remedy = "Run: pip install 'face-to-parameter[solve]'"
        print(f"error MISSING_PACKAGE: {error.name} is not installed. {remedy}", file=sys.stderr)
        return 1

    commands: dict[str, Callable[..., Any]] = {
        "create": create.create,
        "refit": refit.refit,
        "check": check.check,
        "schema": schema.schema,
        "compare": compare.compare,
        "doctor": doctor.doctor,
        "serve": serve.serve,
    }
    from f2p.cli.console import print_error

    try:
        # None stands for a command that has nothing to report.
        return tyro.extras.subcommand_cli_from_dict(commands, args=arguments, description=_DESCRIPTION) or 0
    except F2PError as error:
        print_error(error)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output left (`f2p schema | head`): Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if os.environ.get("F2P_TRACEBACK"):
            raise
        text = " ".join(f"{type(error).__name__}: {error}".split())
        print(f"error INTERNAL: {text} (set F2P_TRACEBACK=1 for more, and please report it)", file=sys.stderr)
        return 1


def _drop_what_cannot_be_written() -> None:
    """On a full disk Python would end with 120 because of a line that is still in a stream's buffer."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


_DESCRIPTION = "A photo of a face becomes the values of a game engine's character sliders."
