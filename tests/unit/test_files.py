"""Files read within limits and written whole or not at all."""

import errno
import os
import resource
import signal
from pathlib import Path

import pytest

from f2p import errors
from f2p.files import check_writable, read_bounded, read_photo_file, shown, write_files


def sparse(path: Path, size: int) -> Path:
    with path.open("wb") as stream:
        stream.truncate(size)
    return path


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    huge = sparse(tmp_path / "huge.jpg", 60 * 2**30)
    with pytest.raises(errors.PhotoTooLarge, match=r"huge\.jpg has 61440 MiB"):
        read_photo_file(huge, 64 * 2**20)
    with pytest.raises(OSError, match="it has more than") as caught:
        read_bounded("/dev/zero", 1000)
    assert caught.value.errno == errno.EFBIG


def test_the_limit_itself_is_allowed(tmp_path: Path) -> None:
    assert len(read_bounded(sparse(tmp_path / "a", 1000), 1000)) == 1000
    with pytest.raises(OSError, match="it has more than"):
        read_bounded(sparse(tmp_path / "b", 1001), 1000)


@pytest.mark.parametrize("name", ["missing.jpg", ".", "nul\0.jpg", "x" * 300])
def test_what_is_no_file_is_a_missing_photo(tmp_path: Path, name: str) -> None:
    with pytest.raises(errors.PhotoMissing):
        read_photo_file(os.fspath(tmp_path) + "/" + name, 1000)


def test_names_that_are_no_utf8_can_be_printed() -> None:
    assert shown(os.fsdecode(b"caf\xe9.jpg")) == "caf\\xe9.jpg"
    assert shown(Path("café.jpg")) == "café.jpg"


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk."""
    first, second = tmp_path / "report.html", tmp_path / "character.json"
    write_files({first: b"old", second: b"old"})
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_files({first: b"new", second: bytes(100_000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {
        "report.html": b"old",
        "character.json": b"old",
    }


def test_written_files_have_ordinary_permissions(tmp_path: Path) -> None:
    write_files({tmp_path / "ours": b"x"})
    (tmp_path / "theirs").write_bytes(b"x")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "theirs").stat().st_mode


def test_a_folder_is_tried_before_it_is_needed(tmp_path: Path) -> None:
    check_writable(tmp_path / "new" / "folder")
    assert list(tmp_path.iterdir()) == [], "nothing is made"
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nowhere")):
        with pytest.raises(errors.ParameterError, match="cannot be written to"):
            check_writable(place)
