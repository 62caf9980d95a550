"""Files on disk: read no further than a limit, written whole or not at all, with typed errors."""

import errno
import os
import secrets
import tempfile
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from f2p.errors import ParameterError, PhotoMissing, PhotoTooLarge
from f2p.limits import MAX_PHOTO_BYTES, MIB

__all__ = ["FileTooLarge", "check_writable", "read_bounded", "read_photo_file", "shown", "write_files"]


class FileTooLarge(OSError):
    """A file of `size` bytes, or of at least as many, where fewer are read."""

    def __init__(self, size: int, max_bytes: int) -> None:
        super().__init__(errno.EFBIG, f"it has more than {max_bytes / MIB:.3g} MiB")
        self.size = size


def shown(path: str | PathLike[str]) -> str:
    """A path as it can be printed and stored: bytes of its name that are no UTF-8 stand as `\\xe9`."""
    return os.fspath(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def read_bounded(path: str | PathLike[str], max_bytes: int) -> bytes:
    """The bytes of a file of at most `max_bytes`; of a larger one nothing is read.

    Raises:
        OSError: it cannot be read.
        FileTooLarge: it is larger.
    """
    try:
        with Path(path).open("rb") as stream:
            # Pipes and devices have no size: one byte more than may be is enough to know.
            size = os.fstat(stream.fileno()).st_size
            data = b"" if size > max_bytes else stream.read(max_bytes + 1)
    except ValueError as error:
        # A name with a NUL.
        raise OSError(errno.EINVAL, str(error)) from None
    if max(size, len(data)) > max_bytes:
        raise FileTooLarge(max(size, len(data)), max_bytes)
    return data


def read_photo_file(path: str | PathLike[str], max_bytes: int = MAX_PHOTO_BYTES) -> bytes:
    """The bytes of a photo's file; its size is looked at before they are read.

    Raises:
        PhotoMissing: there is no such file, or it cannot be read.
        PhotoTooLarge: it has more than `max_bytes`.
    """
    try:
        return read_bounded(path, max_bytes)
    except FileNotFoundError:
        raise PhotoMissing(f"There is no file {shown(path)}.", "Check the path.") from None
    except FileTooLarge as error:
        raise PhotoTooLarge(
            f"The photo {shown(path)} has {error.size / MIB:.0f} MiB.",
            f"At most {max_bytes // MIB} MiB are accepted: save it smaller or with more compression.",
            bytes=error.size,
            max_bytes=max_bytes,
        ) from None
    except OSError as error:
        raise PhotoMissing(f"{shown(path)} cannot be read: {error.strerror}.", "Give a photo file.") from None


def write_files(contents: Mapping[Path, bytes]) -> None:
    """Write files, each whole or not at all: all of them under other names first, then renamed in the order given.

    Raises:
        OSError: they cannot be written; files of these names are as they were before, or all but the last are new.
    """
    written: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            written[path] = path.with_name(f".{secrets.token_hex(8)}.part")
            with written[path].open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        for path, part in written.items():
            os.replace(part, path)
    finally:
        for part in written.values():
            part.unlink(missing_ok=True)


def check_writable(folder: Path) -> None:
    """Try whether files can be written to a folder, or where it is not there, into the nearest one above it.

    Raises:
        ParameterError: they cannot.
    """
    try:
        there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
        if not there.is_dir():
            raise FileExistsError
        with tempfile.NamedTemporaryFile(dir=there, prefix=".f2p-") as probe:
            probe.write(bytes(4096))
            probe.flush()
    except OSError as error:
        reason = "a file stands in its place" if isinstance(error, FileExistsError) else error.strerror
        raise ParameterError(
            f"The results cannot be written to {shown(folder)}: {reason}.", "Choose another --out."
        ) from None
