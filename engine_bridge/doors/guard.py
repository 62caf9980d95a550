"""Runs a command that must not outlive us: `python guard.py LIFELINE COMMAND...`.

LIFELINE is the number of a pipe's reading end whose writing end the parent holds. However the parent ends, the pipe
closes, and the command is killed with all processes that it started. The command's exit status is handed on; 128 + n
stands for signal n. Standard streams pass through untouched. Imports nothing of ours, so that it starts at once.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading


def _kill_group(number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(number, signal.SIGKILL)


def _watch(lifeline: int, group: int) -> None:
    while os.read(lifeline, 1):
        pass
    _kill_group(group)
    os._exit(128 + signal.SIGKILL)


def main(lifeline: int, command: list[str]) -> int:
    """Run the command to its end; its exit status. 127 where it cannot be started."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends Ctrl-C to all; the parent ends us
    try:
        child = subprocess.Popen(command, start_new_session=True)
    except OSError as error:
        print(f"{command[0]} cannot be run: {error.strerror}", file=sys.stderr, flush=True)
        return 127
    # The child has its own copies: it must see the end of its input when the parent closes it.
    for stream in (0, 1):
        os.close(stream)
    threading.Thread(target=_watch, args=(lifeline, child.pid), daemon=True).start()
    status = child.wait()
    _kill_group(child.pid)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    os._exit(main(int(sys.argv[1]), sys.argv[2:]))
