"""What all commands print alike: results on stdout, everything else on stderr."""

import sys
from pathlib import Path

from f2p.errors import F2PError, PhotoMissing

__all__ = ["error_line", "print_error", "read_file"]


def error_line(error: F2PError, subject: str = "") -> str:
    """`error REASON: [subject: ]message remedy`, on one line."""
    text = " ".join(str(error).split())
    return f"error {error.reason}: {subject + ': ' if subject else ''}{text}"


def print_error(error: F2PError, subject: str = "") -> None:
    """Print the error's line on stderr."""
    print(error_line(error, subject), file=sys.stderr)


def read_file(path: Path) -> bytes:
    """A photo file's bytes. Raises PhotoMissing where it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise PhotoMissing(f"There is no file {path}.", "Check the path.") from None
    except OSError as error:
        raise PhotoMissing(f"{path} cannot be read: {error.strerror}.", "Give a photo file.") from None
