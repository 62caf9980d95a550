"""Reading of photo files, for all commands."""

from pathlib import Path

from f2p.photo_file import read_photo_file

__all__ = ["read_file"]


def read_file(path: Path) -> bytes:
    """The bytes of a photo's file. Raises PhotoMissing where it cannot be read, PhotoTooLarge above the limit."""
    return read_photo_file(path)
