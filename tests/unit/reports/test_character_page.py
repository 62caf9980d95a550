"""The pages: complete, self-contained and safe."""

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from f2p.character.character import Character, Images
from f2p.imaging.encode import jpeg_bytes, png_bytes
from f2p.reports.character_page import character_page
from tests.helpers.toy_engine import ToyEngine, toy_schema

VOID = {"meta", "img", "br", "link", "polyline"}


class _Balance(HTMLParser):
    """Collects tags that are closed in the wrong order, and pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.pictures: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.pictures.append(dict(attrs)["src"] or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


def _parsed(page: str) -> _Balance:
    parser = _Balance()
    parser.feed(page)
    assert not parser.faults
    assert not parser.open
    return parser


@pytest.fixture
def character() -> Character:
    schema = toy_schema()
    values = schema.decode(schema.average()) | {"face_width": 0.75, "hair": "long"}
    image = ToyEngine().render(values, size=64).image
    history = tuple({"identity": 1 - i / 10, "maps": 0.5, "total": 2 - i / 5} for i in range(10))
    return Character(
        schema=schema,
        values=values,
        bundle_name="tiny",
        bundle_version="1",
        preset="default",
        seed=3,
        losses={"identity": 0.1, "total": 0.2},
        history=history,
        warnings=("FACE_SMALL: come closer",),
        render_source="engine",
        images=Images(aligned=image, drawing=image, render=image),
        seconds=1.25,
    )


def test_the_report_is_complete(character: Character) -> None:
    photo = np.full((700, 900, 3), 99, np.uint8)
    page = character_page(character, photo, title="me.jpg")
    parsed = _parsed(page)
    assert len(parsed.pictures) == 4
    sizes = [Image.open(io.BytesIO(base64.b64decode(source.split(",")[1]))).size for source in parsed.pictures]
    assert sizes == [(512, 398), (64, 64), (64, 64), (64, 64)]
    assert page.count("<polyline") == 3, "a curve for each term"
    for parameter in (*character.schema.continuous, *character.schema.discrete):
        assert parameter.label in page
    assert "FACE_SMALL: come closer" in page
    assert character.schema.hash in page
    # face_width: average 0.5, value 0.75, at the engine 0.5 of [-1, 1]
    assert re.search(r"left:50\.00%;width:25\.00%.*?>0\.50 weight<", page)


def test_the_report_needs_nothing_from_elsewhere(character: Character) -> None:
    page = character_page(character)
    assert not re.search(r"""(src|href)=["'](?!data:)""", page)
    assert "@import" not in page
    assert "url(" not in page


def test_text_of_others_is_escaped(character: Character) -> None:
    hostile = replace(character, warnings=("<script>alert(1)</script>",))
    page = character_page(hostile, title='"><script>alert(2)</script>')
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_character_without_pictures_or_history_has_a_page_too(character: Character) -> None:
    page = character_page(replace(character, images=None, history=(), warnings=(), losses={}))
    assert _parsed(page).pictures == []
    assert "<polyline" not in page


def test_the_imitators_picture_is_not_sold_as_the_engines(character: Character) -> None:
    assert "Engine&#39;s render" in character_page(character)
    page = character_page(replace(character, render_source="imitator"))
    assert "Engine&#39;s render" not in page
    assert "no engine" in page


def test_pictures_survive_their_files() -> None:
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    assert (np.asarray(Image.open(io.BytesIO(png_bytes(image)))) == image).all()
    assert Image.open(io.BytesIO(jpeg_bytes(image))).size == (30, 20)
