"""Reading of photo files, for all commands."""

from pathlib import Path

from f2p.errors import PhotoMissing

__all__ = ["read_file"]


def read_file(path: Path) -> bytes:
    """The bytes of a photo's file. Raises PhotoMissing where it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise PhotoMissing(f"There is no file {path}.", "Check the path.") from None
    except OSError as error:
        raise PhotoMissing(f"{path} cannot be read: {error.strerror}.", "Give a photo file.") from None
