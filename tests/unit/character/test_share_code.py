"""Share codes: every value there and back, and nothing opens that is damaged or of other sliders."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from f2p.bundle import Bundle, load_bundle
from f2p.character.character import Character, rounded
from f2p.character.migration import migrate
from f2p.character.saved import SavedCharacter
from f2p.character.share_code import read_share_code, share_code
from f2p.cli import main
from f2p.errors import CharacterError
from f2p.schema import Schema
from tests.helpers.toy_engine import toy_schema

RELEASED = Path(__file__).parents[2] / "contract" / "saved" / "0.1-character.json"
SCHEMA = toy_schema()
STEP = 1 / 1023


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_bundle()


@pytest.fixture(scope="module")
def released(bundle: Bundle) -> Character:
    """A character of a photo, carried over to the sliders that ship."""
    saved = SavedCharacter.from_json(RELEASED.read_bytes())
    return migrate(saved, bundle.schema, bundle.name, bundle.version).character


def someone(schema: Schema, seed: int) -> Character:
    rng = np.random.default_rng(seed)
    values: dict[str, float | str] = {slider.name: float(rng.random()) for slider in schema.continuous}
    values |= {schema.continuous[0].name: 0.0, schema.continuous[1].name: 1.0}
    values |= {choice.name: choice.options[seed % len(choice.options)] for choice in schema.discrete}
    return Character(
        schema=schema, values=rounded(values), bundle_name="toy", bundle_version="1", preset="default", seed=0
    )


@pytest.mark.parametrize("seed", range(30))
def test_all_values_come_back_to_a_thousandth(seed: int) -> None:
    before = someone(SCHEMA, seed)
    code = share_code(before)
    after = read_share_code(code).values(SCHEMA)
    assert list(after) == list(before.values)
    for name, value in before.values.items():
        if isinstance(value, str):
            assert after[name] == value
        else:
            assert abs(float(after[name]) - value) <= STEP / 2 + 1e-6
    # A code of what came back is the same code: passing it on changes nothing.
    assert share_code(replace(before, values=after)) == code


def test_it_fits_a_chat_and_a_retrained_bundle_reads_it(released: Character) -> None:
    schema = released.schema
    code = share_code(released)
    assert re.fullmatch("[A-Z2-7]+", code)
    assert len(code) < 420
    sliders = tuple(replace(slider, average=0.4, spread=0.2) for slider in schema.continuous)
    retrained = replace(schema, version="9", continuous=sliders[::-1])
    spoiled = f"  {code[:100].lower()}\n{code[100:]} "
    assert read_share_code(spoiled).values(retrained) == read_share_code(code).values(schema)


def test_what_it_leaves_out_cannot_be_seen(bundle: Bundle, released: Character) -> None:
    after = read_share_code(share_code(released)).values(bundle.schema)
    x = np.stack([bundle.schema.encode(released.values), bundle.schema.encode(after)])
    with torch.no_grad():
        first, second = bundle.imitator(torch.from_numpy(x)).image * 255
    assert float((first - second).abs().max()) < 3
    assert float((first - second).abs().mean()) < 0.2


def test_every_wrong_letter_is_noticed() -> None:
    code = share_code(someone(SCHEMA, 3))
    for place in range(len(code) - 1):
        wrong = code[:place] + ("A" if code[place] != "A" else "B") + code[place + 1 :]
        with pytest.raises(CharacterError, match="damaged"):
            read_share_code(wrong)


@pytest.mark.parametrize("code", ["", "A", "not a code!", "0189", "F" * 100_000, "MFRGG"])
def test_what_is_no_code(code: str) -> None:
    with pytest.raises(CharacterError, match="no share code"):
        read_share_code(code)


def test_a_code_of_other_sliders_is_refused_by_name() -> None:
    code = read_share_code(share_code(someone(SCHEMA, 1)))
    with pytest.raises(CharacterError, match=f"'{SCHEMA.name}'.*f2p migrate"):
        code.values(replace(SCHEMA, continuous=(replace(SCHEMA.continuous[0], high=9.0), *SCHEMA.continuous[1:])))
    with pytest.raises(CharacterError, match="'other'"):
        code.values(replace(SCHEMA, name="other"))


def test_the_commands_and_the_picture(released: Character, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "character.json").write_text(released.to_json())
    assert main(["share", f"{tmp_path}/character.json", "--qr", str(tmp_path / "me.png")]) == 0
    code = capsys.readouterr().out.strip()
    picture = Image.open(io.BytesIO((tmp_path / "me.png").read_bytes()))
    # The quiet zone, then the finder pattern's corner.
    assert picture.convert("L").getpixel((2, 2)) == 255
    assert picture.convert("L").getpixel((4 * 6 + 2, 4 * 6 + 2)) == 0
    assert main(["receive", code, "--out", str(tmp_path / "new" / "me.json")]) == 0
    received = Character.from_json((tmp_path / "new" / "me.json").read_bytes(), released.schema)
    assert share_code(received) == code
    capsys.readouterr()
    assert main(["receive", code[:-8], "--out", str(tmp_path / "other.json")]) == 1
    assert capsys.readouterr().err.startswith("error CHARACTER_INVALID: ")
    assert main(["share", f"{tmp_path}/character.json", "--qr", str(tmp_path / "me.gif")]) == 1
    assert "neither .png nor .svg" in capsys.readouterr().err
