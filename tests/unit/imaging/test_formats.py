"""What people send: every format named, read or refused by name, and shown as a viewer shows it."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms

from f2p.errors import PhotoTooLarge, PhotoTruncated, PhotoUnreadable
from f2p.imaging.decode import read_photo
from f2p.imaging.formats import FORMATS, accepted_formats
from tests.unit.imaging.test_decode import CORNERS, encode, mean_error

ROOT = Path(__file__).resolve().parents[3]
Pixels = npt.NDArray[np.uint8]


@pytest.mark.parametrize("page", ["docs/errors.md", "docs/protocol.md", "proto/f2p/v1/character_service.proto"])
def test_pages_list_the_accepted_formats(page: str) -> None:
    assert accepted_formats().replace(" and ", " or ") in (ROOT / page).read_text("utf-8")


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"data:image/jpeg;base64,/9j/4AAQ", "data: URI"),
        (b"/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQ", "base64 text"),
        (b"\x00\x00\x00\x18ftypisom", "film"),
        (b"\x00\x00\x00\x14ftypqt  ", "film"),
        (b"\x1aE\xdf\xa3", "film"),
        (b"8BPS\x00\x01", "Photoshop"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"\xff\x0a", "JPEG XL"),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">', "SVG"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x00\x00\x01\x00\x01\x00\x10\x10", "icon"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"Dear Sir, ", "not a picture"),
    ],
)
def test_others_are_refused_by_name(start: bytes, kind: str) -> None:
    with pytest.raises(PhotoUnreadable, match=kind) as raised:
        read_photo(start + bytes(100))
    assert raised.value.remedy == f"Accepted are {accepted_formats()}."
    assert all(known.name in raised.value.remedy for known in FORMATS)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 8}])
@pytest.mark.parametrize("lost", [1, 2])
def test_a_jpeg_that_lacks_its_end_marker_is_whole(astronaut: Pixels, options: dict[str, object], lost: int) -> None:
    data = encode(astronaut, "JPEG", **options)
    assert np.array_equal(read_photo(data[:-lost]).pixels, read_photo(data).pixels)
    with pytest.raises(PhotoTruncated):
        read_photo(data[: -len(data) // 50])


def test_the_first_frame_of_a_moving_gif(astronaut: Pixels) -> None:
    frames = [Image.fromarray(picture).quantize(256) for picture in (astronaut, 255 - astronaut)]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert mean_error(read_photo(data).pixels, np.array(frames[0].convert("RGB"))) < 1


def test_the_largest_page_of_a_tiff() -> None:
    large = Image.fromarray(CORNERS)
    pages = [large.resize((90, 64)).convert("L"), large, large.resize((70, 70))]
    data = encode(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert np.array_equal(read_photo(data).pixels, CORNERS)


def test_libtiff_says_nothing_itself(astronaut: Pixels, capfd: pytest.CaptureFixture[str]) -> None:
    data = bytearray(encode(astronaut, "TIFF", compression="tiff_lzw"))
    data[len(data) // 3 :: 97] = bytes(len(data[len(data) // 3 :: 97]))
    with pytest.raises(PhotoTruncated):
        read_photo(bytes(data))
    assert capfd.readouterr() == ("", "")


def with_jpeg_size(data: bytes, width: int, height: int) -> bytes:
    """The JPEG with another size in its frame header."""
    place = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    return data[: place + 5] + struct.pack(">HH", height, width) + data[place + 9 :]


def test_photos_of_108_megapixels_are_read_at_a_reduced_scale() -> None:
    data = encode(Image.fromarray(CORNERS[..., 0]).resize((12000, 9000), Image.Resampling.NEAREST), "JPEG")
    photo = read_photo(data)
    assert photo.pixels.shape == (1200, 1600, 3)
    assert photo.scale == pytest.approx(1600 / 12000)
    assert photo.full is not None
    assert photo.full().shape == (4500, 6000, 3)


def test_progressive_photos_of_108_megapixels_are_refused() -> None:
    with pytest.raises(PhotoTooLarge, match="64 megapixels"):
        read_photo(with_jpeg_size(encode(CORNERS, "JPEG", progressive=True), 12000, 9000))
    with pytest.raises(PhotoTooLarge, match="150 megapixels"):
        read_photo(with_jpeg_size(encode(CORNERS, "JPEG"), 13000, 12000))


def profile(matrix: npt.ArrayLike, gamma: float) -> bytes:
    """An ICC v2 profile of three primaries (columns, XYZ of D50) and a power curve."""

    def fixed(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    columns = np.asarray(matrix, float).T
    tags = {b"wtpt": b"XYZ " + bytes(4) + fixed(0.9642, 1.0, 0.8249)}
    tags |= {
        name: b"XYZ " + bytes(4) + fixed(*xyz) for name, xyz in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)
    }
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(body), len(content))
        body += content
    header = bytearray(128)
    header[0:4] = struct.pack(">I", 128 + len(table) + len(body))
    header[8:12], header[12:24] = b"\x02\x10\x00\x00", b"mntrRGB XYZ "
    header[36:40], header[68:80] = b"acsp", fixed(0.9642, 1.0, 0.8249)
    return bytes(header) + table + body


# Primaries as XYZ of D50 (ICC profiles of the same names).
SRGB = [(0.43607, 0.38515, 0.14307), (0.22249, 0.71687, 0.06061), (0.01392, 0.09708, 0.71410)]
P3 = [(0.51512, 0.29198, 0.15710), (0.24120, 0.69225, 0.06657), (-0.00105, 0.04189, 0.78407)]
PROPHOTO = [(0.79767, 0.13519, 0.03134), (0.28804, 0.71188, 0.00009), (0.0, 0.0, 0.82491)]


@pytest.mark.parametrize(
    ("kind", "primaries", "gamma"),
    [
        pytest.param("PNG", SRGB, 1.0, id="PNG-linear"),
        pytest.param("PNG", P3, 2.2, id="PNG-P3"),
        pytest.param("PNG", PROPHOTO, 1.8, id="PNG-ProPhoto"),
        pytest.param("TIFF", SRGB, 1.0, id="TIFF-linear"),
        pytest.param("TIFF", PROPHOTO, 1.8, id="TIFF-ProPhoto"),
        pytest.param("AVIF", P3, 2.2, id="AVIF-P3"),
    ],
)
def test_profiles_are_applied(astronaut: Pixels, primaries: npt.ArrayLike, gamma: float, kind: str) -> None:
    encoded = astronaut / 255.0
    linear = np.where(encoded > 0.04045, ((encoded + 0.055) / 1.055) ** 2.4, encoded / 12.92)
    other = np.linalg.solve(np.asarray(primaries), np.asarray(SRGB) @ linear.reshape(-1, 3).T).T.reshape(linear.shape)
    stored = (other.clip(0, 1) ** (1 / gamma) * 255).round().astype(np.uint8)
    options = {"quality": 95, "subsampling": "4:4:4"} if kind == "AVIF" else {}
    plain, with_profile = (
        read_photo(encode(stored, kind, icc_profile=icc, **options)).pixels for icc in (None, profile(primaries, gamma))
    )
    # Eight bits of linear light have few levels in the shadows.
    assert mean_error(with_profile, astronaut) < (4 if gamma == 1 or kind == "AVIF" else 2)
    assert mean_error(plain, astronaut) > 1.3 * mean_error(with_profile, astronaut) + 1.5


def test_a_profile_of_srgb_changes_nothing(astronaut: Pixels) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert np.array_equal(read_photo(encode(astronaut, icc_profile=srgb)).pixels, astronaut)


@pytest.mark.parametrize("broken", [b"no profile" * 40, profile(SRGB, 1.0)[:200], b"\xff" * 600])
def test_broken_profiles_are_ignored(astronaut: Pixels, broken: bytes) -> None:
    assert np.array_equal(read_photo(encode(astronaut, icc_profile=broken)).pixels, astronaut)


def test_a_profile_of_another_colour_model_is_ignored(astronaut: Pixels) -> None:
    grey = Image.fromarray(astronaut).convert("L")
    data = io.BytesIO()
    grey.save(data, "JPEG", icc_profile=profile(PROPHOTO, 1.8))
    assert read_photo(data.getvalue()).grey
