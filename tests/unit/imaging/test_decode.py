from __future__ import annotations

import contextlib
import io
import struct
import time
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pillow_heif import register_heif_opener

from f2p.errors import PhotoEmpty, PhotoError, PhotoTooLarge, PhotoTooSmall, PhotoTruncated, PhotoUnreadable
from f2p.imaging.decode import read_photo
from f2p.limits import MAX_PHOTO_BYTES

# Only the tests write HEIC; f2p reads it with pi-heif.
register_heif_opener()

# A picture that tells its corners apart: red, green / blue, white; 120 x 80 px.
CORNERS = np.kron(
    np.array([[(255, 0, 0), (0, 255, 0)], [(0, 0, 255), (255, 255, 255)]], np.uint8), np.ones((40, 60, 1))
)
CORNERS = CORNERS.astype(np.uint8)


def encode(picture: Image.Image | np.ndarray, kind: str = "PNG", **options: object) -> bytes:
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def mean_error(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(float) - b.astype(float)).mean())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "BMP", "TIFF"])
def test_formats(astronaut: np.ndarray, kind: str) -> None:
    photo = read_photo(encode(astronaut, kind))
    assert photo.pixels.shape == (512, 512, 3)
    assert photo.pixels.dtype == np.uint8
    assert mean_error(photo.pixels, astronaut) < 4
    assert not photo.grey


TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(orientation: int, kind: str) -> None:
    stored = Image.fromarray(CORNERS)
    if orientation > 1:
        stored = stored.transpose(TURNS[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = read_photo(encode(stored, kind, exif=exif))
    assert mean_error(photo.pixels, CORNERS) < 6


def test_transparency_shows_grey() -> None:
    rgba = np.zeros((80, 80, 4), np.uint8)
    rgba[..., 0] = 255
    rgba[:40, :, 3] = 255
    photo = read_photo(encode(rgba))
    assert photo.pixels[10, 10].tolist() == [255, 0, 0]
    assert photo.pixels[70, 10].tolist() == [128, 128, 128]
    palette = Image.fromarray(rgba[..., :3]).quantize(4)
    assert read_photo(encode(palette, transparency=0)).pixels[10, 10].tolist() == [128, 128, 128]


def test_sixteen_bits_keep_their_tones(astronaut: np.ndarray) -> None:
    grey = astronaut[..., 1]
    photo = read_photo(encode(Image.fromarray(grey.astype(np.uint16) * 257)))
    assert np.array_equal(photo.pixels[..., 0], grey)
    assert photo.grey
    assert np.array_equal(read_photo(encode(Image.fromarray(grey.astype(np.int32) * 257), "TIFF")).pixels[..., 0], grey)
    unit = Image.fromarray(grey.astype(np.float32) / 255)
    assert mean_error(read_photo(encode(unit, "TIFF")).pixels[..., 0], grey) < 1


@pytest.mark.parametrize("mode", ["CMYK", "L", "YCbCr"])
def test_colour_models(astronaut: np.ndarray, mode: str) -> None:
    photo = read_photo(encode(Image.fromarray(astronaut).convert(mode), "JPEG", quality=95))
    wanted = np.array(Image.fromarray(astronaut).convert(mode).convert("RGB"))
    assert mean_error(photo.pixels, wanted) < 4
    assert photo.grey == (mode == "L")


@pytest.mark.parametrize("mode", ["P", "1", "LA"])
def test_other_png_modes(astronaut: np.ndarray, mode: str) -> None:
    image = Image.fromarray(astronaut).convert(mode)
    photo = read_photo(encode(image))
    assert mean_error(photo.pixels, np.array(image.convert("RGB"))) < 2
    assert photo.grey == (mode != "P")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_huge_photos_are_shrunk(kind: str) -> None:
    large = Image.fromarray(CORNERS).resize((6000, 4000))
    photo = read_photo(encode(large, kind))
    assert photo.pixels.shape == (1067, 1600, 3)
    small = np.array(Image.fromarray(photo.pixels).resize((120, 80), Image.Resampling.BOX))
    assert mean_error(small, np.array(large.resize((120, 80), Image.Resampling.BOX))) < 3
    assert read_photo(encode(large, kind), max_side=300).pixels.shape == (200, 300, 3)


def test_animation_gives_its_first_frame(astronaut: np.ndarray) -> None:
    frames = [Image.fromarray(astronaut), Image.fromarray(255 - astronaut)]
    data = encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert mean_error(read_photo(data).pixels, astronaut) < 1


def test_faint_colour_noise_is_grey() -> None:
    noise = np.random.default_rng(0).integers(0, 6, (100, 100, 3), dtype=np.uint8) + 100
    assert read_photo(encode(noise)).grey
    noise[:30, :30, 0] += 60
    assert not read_photo(encode(noise)).grey


def png_of(width: int, height: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [9_000, 12_000, 20_000, 2**31 - 1])
def test_bombs_are_refused_without_being_decoded(side: int) -> None:
    data = png_of(side, side, zlib.compress(bytes(1000)))
    tracemalloc.start()
    with pytest.raises(PhotoTooLarge, match="megapixels are accepted"):
        read_photo(data)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


@pytest.mark.timing
def test_a_bomb_is_refused_within_half_a_second() -> None:
    data = png_of(20_000, 20_000, zlib.compress(bytes(1000)))
    start = time.perf_counter()
    with pytest.raises(PhotoTooLarge):
        read_photo(data)
    assert time.perf_counter() - start < 0.5


def test_too_many_bytes() -> None:
    with pytest.raises(PhotoTooLarge, match="MiB"):
        read_photo(bytes(MAX_PHOTO_BYTES + 1))


@pytest.mark.parametrize(("width", "height"), [(10, 10), (500, 20), (63, 64)])
def test_too_small(width: int, height: int) -> None:
    with pytest.raises(PhotoTooSmall, match=f"{width} x {height}"):
        read_photo(encode(np.zeros((height, width, 3), np.uint8)))


def test_a_banner_is_too_small_once_it_fits() -> None:
    with pytest.raises(PhotoTooSmall, match="needs at least 128"):
        read_photo(encode(np.zeros((100, 3200, 3), np.uint8)))


def test_empty() -> None:
    with pytest.raises(PhotoEmpty):
        read_photo(b"")


@pytest.mark.parametrize(
    "data",
    [
        b"a",
        b"Dear Sir, this is a letter. " * 40,
        bytes(range(256)) * 40,
        b"<svg></svg>",
        b"%PDF-1.7\n",
    ],
)
def test_not_a_photo(data: bytes) -> None:
    with pytest.raises(PhotoUnreadable, match="Accepted are JPEG, PNG"):
        read_photo(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "TIFF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.95])
def test_cut_off(astronaut: np.ndarray, kind: str, share: float) -> None:
    data = encode(astronaut, kind)
    with pytest.raises(PhotoTruncated):
        read_photo(data[: int(share * len(data))])


def test_broken_orientation_is_no_reason_to_refuse(astronaut: np.ndarray) -> None:
    data = encode(astronaut, "JPEG", exif=b"Exif\x00\x00II*\x00" + b"\xff" * 40)
    assert read_photo(data).pixels.shape == (512, 512, 3)


SEEDS = [encode(CORNERS, kind) for kind in ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "BMP", "TIFF")]


@settings(max_examples=150, deadline=None)
@given(
    seed=st.sampled_from(SEEDS),
    spots=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=12),
    cut=st.floats(0, 1),
)
def test_damaged_bytes_give_pixels_or_a_photo_error(seed: bytes, spots: list[tuple[float, int]], cut: float) -> None:
    data = bytearray(seed)
    for place, value in spots:
        data[int(place * len(data))] = value
    # Anything else that is raised fails the test by itself.
    with contextlib.suppress(PhotoError):
        assert read_photo(bytes(data[: int(cut * len(data)) + 1])).pixels.ndim == 3
