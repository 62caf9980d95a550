"""The limits that the documents name are those of the code."""

from pathlib import Path

from f2p import limits

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text("utf-8")


def test_the_table_of_limits_is_current() -> None:
    photo, photos = limits.MAX_SERVED_PHOTO_BYTES // limits.MIB, limits.MAX_SERVED_PHOTOS_BYTES // limits.MIB
    assert f"| a photo | {photo} MiB, {limits.MAX_PHOTO_PIXELS // 10**6} megapixels;" in PAGE
    assert f"| photos of one request | {limits.MAX_PHOTOS}, together {photos} MiB |" in PAGE
    assert f"| a message | {limits.MAX_MESSAGE_BYTES // limits.MIB} MiB;" in PAGE


def test_limits_contain_one_another() -> None:
    assert limits.MAX_SERVED_PHOTO_BYTES <= limits.MAX_PHOTO_BYTES
    assert limits.MAX_SERVED_PHOTO_BYTES < limits.MAX_SERVED_PHOTOS_BYTES < limits.MAX_MESSAGE_BYTES
