"""Reading of a photo's file, for the library, the command line and the client: its size first, then its bytes."""

from __future__ import annotations

import os
from pathlib import Path

from f2p.errors import PhotoMissing, PhotoTooLarge
from f2p.limits import MAX_PHOTO_BYTES, MIB

__all__ = ["read_photo_file"]


def read_photo_file(path: str | os.PathLike[str], max_bytes: int = MAX_PHOTO_BYTES) -> bytes:
    """The bytes of a file; never more than one byte above the limit is read, of pipes and devices neither.

    Args:
        path: of the file.
        max_bytes: the most that is accepted.

    Raises:
        PhotoMissing: there is no such file, or it cannot be read.
        PhotoTooLarge: it has more bytes.
    """
    place = Path(path)
    try:
        with place.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            # A device has no size, and a file may grow.
            data = b"" if size > max_bytes else file.read(max_bytes + 1)
    except FileNotFoundError:
        raise PhotoMissing(f"There is no file {place}.", "Check the path.") from None
    except OSError as error:
        raise PhotoMissing(f"{place} cannot be read: {error.strerror}.", "Give a photo file.") from None
    except ValueError:
        raise PhotoMissing("The photo's path holds a zero byte.", "Give the path of a photo.") from None
    if max(size, len(data)) > max_bytes:
        raise PhotoTooLarge(
            f"The photo {place} has {max(size, len(data)) / MIB:.0f} MiB.",
            f"At most {max_bytes // MIB} MiB are accepted: save it smaller or with more compression.",
            bytes=max(size, len(data)),
            max_bytes=max_bytes,
        )
    return data
