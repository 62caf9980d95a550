"""The command-line pattern of the three programs: f2p, imitator-training and engine-bridge.

A program is a table of commands. It loads only the command that is called, lets tyro read its flags, and ends with an
exit code: 0 done; 1 failed, with one line `error REASON: message remedy` on stderr; 2 wrong command line; 130
interrupted.
"""

import errno
import io
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from f2p import __version__
from f2p.errors import F2PError, InternalError, PackageMissing, ParameterError
from f2p.errors.transport import install_command
from f2p.files import shown

__all__ = ["Command", "Program", "as_f2p_error", "error_line", "print_error", "shielded"]

_OWN_PACKAGES = ("f2p", "imitator_training", "engine_bridge")
_OF_THE_FILE_SYSTEM = (
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOENT),
    *(errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.EFBIG),
)
_DONE, _FAILED, _WRONG_USE, _INTERRUPTED = 0, 1, 2, 130


def _read_with_tyro(spec: Any, arguments: Sequence[str], program: str) -> Any:
    import tyro

    return tyro.cli(spec, args=arguments, prog=program)


def _return_code(code: int | None) -> int | None:
    return code


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command of a program.

    Attributes:
        summary: one line for the program's overview.
        load: imports what the command needs; gives what tyro reads (a dataclass, or a function, which it then calls).
        run: called with what tyro returns; its result is the exit code, None for 0.
        read: reads the arguments (what `load` gave, the arguments, the program's name); tyro.cli by default.
        extra: the extra of the distribution that brings the command's packages.
    """

    summary: str
    load: Callable[[], Any]
    extra: str
    run: Callable[[Any], int | None] = _return_code
    read: Callable[[Any, Sequence[str], str], Any] = _read_with_tyro


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program of several commands.

    Attributes:
        name: as it is typed.
        description: one sentence for the overview.
        commands: by their words, such as "create" or "train imitator".
        interrupted: printed on Ctrl-C.
    """

    name: str
    description: str
    commands: Mapping[str, Command]
    interrupted: str = "interrupted"

    def find(self, arguments: Sequence[str]) -> tuple[str, Command] | None:
        """The command that the first words name, and its words; None where there is none."""
        for words, command in self.commands.items():
            if list(arguments[: len(words.split())]) == words.split():
                return words, command
        return None

    def main(self, arguments: Sequence[str] | None = None) -> int:
        """Run one command; the exit code. F2P_TRACEBACK=1 shows the traceback of a fault of ours."""
        given = list(sys.argv[1:] if arguments is None else arguments)
        _let_streams_carry_every_character()
        warnings.showwarning = _print_warning  # type: ignore[assignment]
        found = self.find(given)
        try:
            code = self._overview(given) if found is None else self._guarded(*found, given)
        except BrokenPipeError:
            # The reader of our output left (`f2p schema | head`): Python must not complain at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = _FAILED
        _drop_what_cannot_be_written()
        return code

    def _guarded(self, words: str, command: Command, arguments: Sequence[str]) -> int:
        try:
            read = command.read(command.load(), arguments[len(words.split()) :], f"{self.name} {words}")
            return command.run(read) or _DONE
        except F2PError as error:
            print_error(error)
        except SystemExit as end:
            # Of tyro: --help, or a wrong command line.
            return end.code if isinstance(end.code, int) else _DONE
        except KeyboardInterrupt:
            print(self.interrupted, file=sys.stderr)
            return _INTERRUPTED
        except BrokenPipeError:
            raise
        except Exception as error:
            if os.environ.get("F2P_TRACEBACK"):
                raise
            print_error(as_f2p_error(error, command.extra))
        return _FAILED

    def _overview(self, arguments: Sequence[str]) -> int:
        """Answer --help, --version and shell completion; refuse everything else."""
        asked = arguments[0] if arguments else ""
        if asked == "--version":
            print(f"{self.name} {__version__}")
            return _DONE
        if asked.startswith("--tyro-"):
            return self._complete(arguments)
        wrong = asked not in ("-h", "--help")
        width = max(map(len, self.commands))
        lines = [f"  {words:<{width}}  {command.summary}" for words, command in self.commands.items()]
        usage = f"usage: {self.name} COMMAND [OPTIONS]"
        hint = (
            f"`{self.name} COMMAND --help` lists the options of a command, `{self.name} --version` prints the version."
        )
        print(usage, "", self.description, "", *lines, "", hint, sep="\n", file=sys.stderr if wrong else sys.stdout)
        if asked and wrong:
            known = any(words.split()[0] == asked for words in self.commands)
            wanted = " ".join(arguments[:2] if known else arguments[:1])
            print(f"\nThere is no command '{wanted}'.", file=sys.stderr)
        return _WRONG_USE if wrong else _DONE

    def _complete(self, arguments: Sequence[str]) -> int:
        """Write or print the shell's completion of all commands, as tyro makes it."""
        import tyro

        try:
            specs = {words.replace(" ", "-"): command.load() for words, command in self.commands.items()}
            tyro.extras.subcommand_cli_from_dict(specs, prog=self.name, args=arguments)
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else _DONE
        return _DONE


def error_line(error: F2PError, subject: str = "") -> str:
    """`error REASON: [subject: ]message remedy`, on one line."""
    text = " ".join(str(error).split())
    return f"error {error.reason}: {subject + ': ' if subject else ''}{text}"


def print_error(error: F2PError, subject: str = "") -> None:
    """Print the error's line on stderr."""
    print(error_line(error, subject), file=sys.stderr, flush=True)


def as_f2p_error(error: Exception, extra: str) -> F2PError:
    """What a user can mend, by its name: a missing package, a file or folder; everything else is a fault of ours."""
    package = (error.name or "").partition(".")[0] if isinstance(error, ImportError) else ""
    if package and package not in _OWN_PACKAGES and package not in sys.stdlib_module_names:
        missing = isinstance(error, ModuleNotFoundError)
        return PackageMissing(
            f"The package '{package}' is not installed." if missing else f"A package cannot be loaded: {error}.",
            f"Run: {install_command(extra)}.",
        )
    if isinstance(error, OSError) and error.errno in _OF_THE_FILE_SYSTEM:
        place = shown(error.filename) if isinstance(error.filename, (str, os.PathLike)) else "A file"
        return ParameterError(f"{place} cannot be used: {error.strerror}.", "Choose another file or folder.")
    return InternalError(
        f"{type(error).__name__}: {error}", "Set F2P_TRACEBACK=1 for the traceback, and please report it."
    )


@contextmanager
def shielded() -> Iterator[None]:
    """Start processes that never see Ctrl-C, which a terminal sends to all: this one is told, and ends them.

    One that comes within is answered at the end, unless this process ignores them (a shell's job in the background
    does). Windows has no such mask.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    came: list[int] = []
    handler = None
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if threading.current_thread() is threading.main_thread() and not ignored:
        # The mask is this thread's and its children's: another thread of ours may be told all the same.
        handler = signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if handler is not None:
            signal.signal(signal.SIGINT, handler)
    if came:
        raise KeyboardInterrupt


def _print_warning(message: Warning | str, *_: object) -> None:
    """Tell a warning, of a library or of ours, as everything else is told: in one line, without its place in code."""
    print(f"warning: {' '.join(str(message).split())}", file=sys.stderr)


def _let_streams_carry_every_character() -> None:
    """Write what a terminal's encoding lacks as an escape: an error there would come when the work is done."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _drop_what_cannot_be_written() -> None:
    """Flush both streams. On a full disk Python would end with 120 because of a line that is still in a buffer."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
