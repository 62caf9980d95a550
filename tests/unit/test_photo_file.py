"""A file's size is looked at before its bytes."""

import os
import tracemalloc
from pathlib import Path

import pytest

from f2p.errors import PhotoMissing, PhotoTooLarge
from f2p.limits import MAX_PHOTO_BYTES
from f2p.photo_file import read_photo_file


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "photo").write_bytes(b"picture")
    assert read_photo_file(tmp_path / "photo") == b"picture"
    with pytest.raises(PhotoTooLarge):
        read_photo_file(tmp_path / "photo", max_bytes=6)


def test_sixty_gigabytes_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "film").touch()
    os.truncate(tmp_path / "film", 60 * 10**9)
    tracemalloc.start()
    with pytest.raises(PhotoTooLarge) as raised:
        read_photo_file(tmp_path / "film")
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()
    assert raised.value.details == {"bytes": 60 * 10**9, "max_bytes": MAX_PHOTO_BYTES}


def test_a_device_without_end_is_not_read_to_its_end() -> None:
    with pytest.raises(PhotoTooLarge):
        read_photo_file("/dev/zero", max_bytes=1000)


@pytest.mark.parametrize("name", ["none.jpg", ".", "zero\0byte"])
def test_what_cannot_be_read_is_missing(tmp_path: Path, name: str) -> None:
    with pytest.raises(PhotoMissing):
        read_photo_file(f"{tmp_path}/{name}")
