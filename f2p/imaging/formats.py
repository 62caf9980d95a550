"""The photo formats that f2p reads, and names for what people send instead. Imports nothing, so that every program can.

Every list of formats (errors, help texts, documents) comes from `FORMATS`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["FORMATS", "PhotoFormat", "accepted_formats", "known_decoder", "refused_kind"]


@dataclass(frozen=True)
class PhotoFormat:
    """A format that photos come in.

    Attributes:
        name: as people know it.
        decoder: Pillow's name of it.
        suffixes: of file names, lower case.
        media_type: of HTTP and data URIs.
    """

    name: str
    decoder: str
    suffixes: tuple[str, ...]
    media_type: str


FORMATS: Final = (
    PhotoFormat("JPEG", "JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), "image/jpeg"),
    PhotoFormat("PNG", "PNG", (".png",), "image/png"),
    PhotoFormat("WebP", "WEBP", (".webp",), "image/webp"),
    PhotoFormat("HEIC", "HEIF", (".heic", ".heif", ".hif"), "image/heic"),
    PhotoFormat("AVIF", "AVIF", (".avif",), "image/avif"),
    PhotoFormat("GIF", "GIF", (".gif",), "image/gif"),
    PhotoFormat("BMP", "BMP", (".bmp", ".dib"), "image/bmp"),
    PhotoFormat("TIFF", "TIFF", (".tif", ".tiff"), "image/tiff"),
)
"""Accepted formats, the commonest first."""

# First bytes, as regular expressions, and what they are. Of ISO media files the brand decides.
_DECODERS: Final = tuple(
    (re.compile(pattern, re.DOTALL), decoder)
    for pattern, decoder in (
        (rb"\xff\xd8\xff", "JPEG"),
        (rb"\x89PNG\r\n\x1a\n", "PNG"),
        (rb"RIFF....WEBP", "WEBP"),
        (rb"....ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)", "HEIF"),
        (rb"....ftyp(avif|avis)", "AVIF"),
        (rb"GIF8[79]a", "GIF"),
        (rb"II\*\x00|MM\x00\*", "TIFF"),
    )
)
_KINDS: Final = tuple(
    (re.compile(pattern, re.DOTALL | re.IGNORECASE), kind)
    for pattern, kind in (
        (rb"\s*data:", "a data: URI, which is text"),
        (rb"\xff\x0a|\x00\x00\x00\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
        (rb"\x00\x00\x00\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51", "a JPEG 2000 picture"),
        (rb"8BP[SB]", "a Photoshop document (PSD)"),
        (rb"%PDF-", "a PDF document"),
        (rb"%!PS", "a PostScript document"),
        (
            rb"(\xef\xbb\xbf)?\s*(<\?xml.{0,400}?)?(<!--.{0,400}?-->\s*)?(<!DOCTYPE svg.{0,400}?)?<svg[\s>]",
            "an SVG drawing",
        ),
        (rb"(\xef\xbb\xbf)?\s*<(!doctype )?html", "a web page"),
        (rb"\x00\x00[\x01\x02]\x00[\x01-\xff]\x00", "an icon (ICO)"),
        (rb"\x1aE\xdf\xa3|RIFF....AVI |\x00\x00\x01[\xb3\xba]|FLV\x01|OggS", "a film"),
        (rb"....(moov|mdat|wide|free|skip)", "a film"),
        (rb"....ftypcrx |FUJIFILMCCD-RAW|....IIRO|IIRS", "a camera's raw file"),
        (rb"....ftyp", "a film"),
        (rb"P[1-7]\s", "a PNM picture"),
        (rb"PK\x03\x04|\x1f\x8b|7z\xbc\xaf|Rar!", "an archive"),
        (rb"(/9j/|iVBORw0KGgo|UklGR|AAAA[A-Z]{2}Z0eXB)[A-Za-z0-9+/=\s]{40}", "base64 text"),
    )
)


def accepted_formats() -> str:
    """The names of `FORMATS` as a phrase: "JPEG, PNG, ... and TIFF"."""
    *first, last = (known.name for known in FORMATS)
    return f"{', '.join(first)} and {last}"


def known_decoder(data: bytes) -> str:
    """`PhotoFormat.decoder` of the format that the first bytes announce; "" where they announce none of `FORMATS`."""
    return next((decoder for pattern, decoder in _DECODERS if pattern.match(data[:16])), "")


def refused_kind(data: bytes) -> str:
    """A name for bytes that no decoder took, with its article: "a film", "a PDF document"; "not a picture" at worst."""
    start = data[:2048]
    return next((kind for pattern, kind in _KINDS if pattern.match(start)), "not a picture")
