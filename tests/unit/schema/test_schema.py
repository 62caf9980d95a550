from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from f2p.errors import ParameterError, SchemaError
from f2p.schema import Continuous, Discrete, Schema, dump_schema, load_schema, parse_schema

TEXT = """\
schema: 1
name: toy
version: "1"
continuous:
  - {name: nose_width, label: Nose width, group: nose, role: identity, average: 0.5, range: [-1.0, 1.0],
     unit: weight, spread: 0.12, frontal: true}
  - {name: skin_tone, label: Skin tone, group: skin, role: appearance, average: 0.3, range: [0, 10],
     unit: shade, spread: 0, frontal: true}
discrete:
  - {name: hair, label: Hair, group: hair, role: appearance, options: [bald, off, short], default: short,
     weights: [0.1, 0.2, 0.7], frontal: true}
"""


def paper_schema(sizes: tuple[int, ...]) -> Schema:
    """F2P's parameters (arXiv 1909.01064): 208 sliders, and choices with the given numbers of options."""
    parts = {"brow": 24, "eye": 51, "nose": 30, "mouth": 42, "face": 61}
    sliders = tuple(
        Continuous(f"{part}_{n}", f"{part} {n}", part, "identity", 0.5, -15.0, 15.0, "degrees", 0.15, True)
        for part, count in parts.items()
        for n in range(count)
    )
    choices = tuple(
        Discrete(
            f"choice_{n}",
            f"Choice {n}",
            "style",
            "appearance",
            tuple(f"style_{i}" for i in range(size)),
            "style_0",
            (1 / size,) * size,
            True,
        )
        for n, size in enumerate(sizes)
    )
    return Schema("paper", "1", sliders, choices)


@pytest.mark.parametrize(("sizes", "total"), [((22, 8, 19, 7), 264), ((23, 26, 19, 25, 9), 310)])
def test_the_papers_schemas_fit(sizes: tuple[int, ...], total: int) -> None:
    schema = paper_schema(sizes)
    assert (schema.size, schema.continuous_size) == (total, 208)
    again = parse_schema(dump_schema(schema))
    assert again == schema
    assert again.hash == schema.hash
    x = np.random.default_rng(0).random(total, dtype=np.float32)
    values = schema.decode(x)
    encoded = schema.encode(values)
    np.testing.assert_array_equal(encoded[:208], x[:208])
    for choice in schema.discrete:
        where = schema.slices[choice.name]
        assert encoded[where].argmax() == x[where].argmax()
        assert encoded[where].sum() == 1


def test_vector_form() -> None:
    schema = parse_schema(TEXT)
    assert schema.names == ("nose_width", "skin_tone", "hair")
    assert schema.groups == ("nose", "skin", "hair")
    assert schema.slices == {"nose_width": slice(0, 1), "skin_tone": slice(1, 2), "hair": slice(2, 5)}
    np.testing.assert_allclose(schema.average(), [0.5, 0.3, 0, 0, 1])
    np.testing.assert_allclose(schema.spread(), [0.12, 0, 0, 0, 0])
    assert schema.average().dtype == schema.spread().dtype == np.float32
    assert schema.decode([0.25, 1.0, 0.2, 0.5, 0.3]) == {"nose_width": 0.25, "skin_tone": 1.0, "hair": "off"}


def test_engine_units_and_back() -> None:
    schema = parse_schema(TEXT)
    values = {"nose_width": 0.25, "skin_tone": 0.5, "hair": "bald"}
    engine = schema.to_engine(values)
    assert engine == {"nose_width": -0.5, "skin_tone": 5.0, "hair": "bald"}
    assert schema.from_engine(engine) == values
    with pytest.raises(ParameterError, match=r"'skin_tone' is 11 shade.*\[0, 10\]"):
        schema.from_engine({"skin_tone": 11})


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"nose_widht": 0.5}, "Did you mean nose_width"),
        ({"nose_width": 1.2}, r"lie in \[0, 1\]"),
        ({"nose_width": float("nan")}, r"lie in \[0, 1\]"),
        ({"nose_width": "wide"}, "not a number"),
        ({"nose_width": True}, "not a number"),
        ({"hair": "long"}, "bald, off, short"),
        ({"hair": 1}, "no option 1"),
    ],
)
def test_bad_values_are_refused(values: dict[str, float | str], reason: str) -> None:
    with pytest.raises(ParameterError, match=reason):
        parse_schema(TEXT).encode(values)


def test_bad_vectors_are_refused() -> None:
    schema = parse_schema(TEXT)
    with pytest.raises(ParameterError, match=r"needs \(5,\)"):
        schema.decode(np.zeros(4))
    with pytest.raises(ParameterError, match="nose_width"):
        schema.decode([1.5, 0, 1, 0, 0])
    with pytest.raises(ParameterError, match="not finite"):
        schema.decode([0.5, 0, np.nan, 0, 0])


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("schema: 1\n", "", 1, "lacks schema"),
        ("schema: 1\n", "schema: 2\n", 1, "format '2' is unknown"),
        ("version:", "author:", 3, "Key 'author' is unknown"),
        ("group: nose, ", "", 5, "lacks group"),
        ("frontal: true}\n  - {name: skin", "frontal: true, colour: 1}\n  - {name: skin", 6, "'colour' is unknown"),
        ("unit: weight", "unit: weight, unit: m", 6, "'unit' stands twice"),
        ("name: skin_tone", "name: nose_width", 7, "stands twice; first on line 5"),
        ("name: hair", "name: skin_tone", 10, "stands twice; first on line 7"),
        ("name: hair", "name: 2hair", 10, "begins with a letter"),
        ("label: Hair", "label: ''", 10, "label is empty"),
        ("role: identity", "role: person", 5, "role 'person' is not one of"),
        ("average: 0.5", "average: 1.5", 5, r"average 1.5 is outside \[0, 1\]"),
        ("average: 0.5", "average: high", 5, "must be a finite number"),
        ("average: 0.5", "average: .nan", 5, "must be a finite number"),
        ("average: 0.5", "average: '0.5'", 5, "must be a finite number"),
        ("range: [-1.0, 1.0]", "range: [1.0, -1.0]", 5, "the lower first"),
        ("range: [-1.0, 1.0]", "range: [1.0]", 5, "low, high"),
        ("range: [-1.0, 1.0]", "range: 1", 5, "must be a list"),
        ("spread: 0.12", "spread: -1", 6, "spread"),
        ("frontal: true}\ndiscrete", "frontal: 1}\ndiscrete", 8, "true or false"),
        ("default: short", "default: long", 9, "default 'long' is not one"),
        ("[bald, off, short]", "[bald, bald, short]", 9, "'bald' stands twice"),
        ("[bald, off, short]", "[short]", 9, "at least two"),
        ("[0.1, 0.2, 0.7]", "[0.1, 0.2]", 10, "2 weights for 3 options"),
        ("[0.1, 0.2, 0.7]", "[0.1, 0.2, 0.6]", 10, "sum to 0.9"),
        ("[0.1, 0.2, 0.7]", "[-0.1, 0.4, 0.7]", 10, "probability"),
        ("continuous:\n", "continuous: 3\nother:\n", 5, "'other' is unknown"),
        ("- {name: nose", "- {{name: nose", 6, "not YAML"),
        ("name: toy", "name: [toy", 4, "not YAML"),
        ("name: toy", "name: null", 2, "must be a text"),
    ],
)
def test_a_bad_schema_is_refused_with_line_and_reason(old: str, new: str, line: int, reason: str) -> None:
    assert TEXT.count(old) >= 1
    with pytest.raises(SchemaError, match=reason) as caught:
        parse_schema(TEXT.replace(old, new, 1), "toy.yaml")
    assert caught.value.path == "toy.yaml"
    # A parameter here spans two lines: a fault is told on the line of its own key or of its parameter.
    assert line - 1 <= caught.value.line <= line + 1
    assert str(caught.value).startswith(f"toy.yaml:{caught.value.line}: ")


@pytest.mark.parametrize("text", ["", "- 1\n", "just a text", "a: &a [*a]", "\x00", "[" * 5000, "schema: 1\n---\nb: 2"])
def test_what_is_no_schema_at_all_is_refused(text: str) -> None:
    with pytest.raises(SchemaError):
        parse_schema(text)


def test_exact_line_of_a_bad_field() -> None:
    with pytest.raises(SchemaError) as caught:
        parse_schema(TEXT.replace("spread: 0.12", "spread: 12"))
    assert caught.value.line == 6


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "schema.yaml"
    with pytest.raises(SchemaError, match="cannot be read"):
        load_schema(path)
    path.write_bytes(b"\xff\xfe\x80")
    with pytest.raises(SchemaError, match="UTF-8"):
        load_schema(path)
    path.write_text(TEXT, encoding="utf-8")
    assert load_schema(path) == parse_schema(TEXT)


def test_hash_ignores_form() -> None:
    schema = parse_schema(TEXT)
    content = yaml.safe_load(TEXT.replace("off", "'off'"))
    shuffled = {key: content[key] for key in random.Random(0).sample(list(content), len(content))}
    shuffled["continuous"] = [dict(reversed(entry.items())) for entry in content["continuous"]]
    assert parse_schema(yaml.safe_dump(shuffled, sort_keys=False)).hash == schema.hash
    assert parse_schema(TEXT.replace("range: [0, 10]", "range: [-0.0, 1.0e+1]")).hash == schema.hash
    assert parse_schema(TEXT.replace("Nose width", "Nasenbreite")).hash == schema.hash
    assert len(schema.hash) == 64


CHANGES: list[Callable[[Schema], Schema]] = [
    lambda s: replace(s, name="other"),
    lambda s: replace(s, version="2"),
    lambda s: replace(s, continuous=s.continuous[::-1]),
    lambda s: replace(s, discrete=()),
    *(
        lambda s, change=change: replace(s, continuous=(replace(s.continuous[0], **change), *s.continuous[1:]))
        for change in (
            {"name": "other"},
            {"group": "other"},
            {"role": "expression"},
            {"average": 0.51},
            {"low": -2.0},
            {"high": 2.0},
            {"unit": "m"},
            {"spread": 0.13},
            {"frontal": False},
        )
    ),
    *(
        lambda s, change=change: replace(s, discrete=(replace(s.discrete[0], **change),))
        for change in (
            {"name": "other"},
            {"options": ("off", "bald", "short")},
            {"default": "bald"},
            {"weights": (0.2, 0.1, 0.7)},
        )
    ),
]


@pytest.mark.parametrize("change", CHANGES)
def test_hash_follows_meaning(change: Callable[[Schema], Schema]) -> None:
    schema = parse_schema(TEXT)
    assert change(schema).hash != schema.hash


def test_the_option_that_adds_nothing_is_the_schemas_to_name() -> None:
    schema = parse_schema(TEXT)
    (choice, *_) = schema.discrete
    assert choice.none_index is None
    named = replace(choice, none=choice.options[1])
    assert named.none_index == 1
    assert replace(choice, options=(*choice.options[:-1], "none"), default="none").none_index == len(choice.options) - 1
    with pytest.raises(SchemaError, match="not one of its options"):
        replace(choice, none="nothing")
    # Weights trained before somebody said so stay valid, and the text keeps it.
    telling = replace(schema, discrete=(named, *schema.discrete[1:]))
    assert telling.hash == schema.hash
    assert parse_schema(dump_schema(telling)) == telling
    assert "none:" not in dump_schema(schema)


def test_weights_off_by_rounding_are_mended() -> None:
    schema = parse_schema(TEXT.replace("[0.1, 0.2, 0.7]", "[0.333, 0.333, 0.333]").replace("0.333]", "0.3335]"))
    weights = schema.discrete[0].weights
    assert np.random.default_rng(0).choice(3, p=weights) in (0, 1, 2)
    assert parse_schema(dump_schema(schema)).hash == schema.hash


def test_schemas_made_in_code_are_checked_too() -> None:
    with pytest.raises(SchemaError, match="no parameters"):
        Schema("empty", "1", (), ())
    slider = parse_schema(TEXT).continuous[0]
    with pytest.raises(SchemaError, match="stands twice"):
        Schema("double", "1", (slider, slider), ())


names = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True)
words = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=12).filter(lambda t: t.strip())
unit = st.floats(0, 1)


@st.composite
def schemas(draw: st.DrawFn) -> Schema:
    every = draw(st.lists(names, min_size=1, max_size=6, unique=True))
    cut = draw(st.integers(0, len(every)))
    common = st.tuples(words, names, st.sampled_from(("identity", "expression", "appearance")))
    sliders = tuple(
        Continuous(name, *draw(common), draw(unit), low, low + draw(st.floats(0.5, 100)), draw(words), draw(unit), True)
        for name in every[:cut]
        for low in [draw(st.floats(-100, 100))]
    )
    choices = tuple(
        Discrete(name, *draw(common), options, options[-1], (1 / len(options),) * len(options), False)
        for name in every[cut:]
        for options in [tuple(draw(st.lists(words, min_size=2, max_size=5, unique=True)))]
    )
    return Schema(draw(words), draw(words), sliders, choices)


@settings(max_examples=60, deadline=None)
@given(schema=schemas())
def test_any_schema_survives_its_text(schema: Schema) -> None:
    again = parse_schema(dump_schema(schema))
    assert again == schema
    assert again.hash == schema.hash
    values = schema.decode(schema.average())
    np.testing.assert_array_equal(schema.encode(values), schema.average())
    assert schema.from_engine(schema.to_engine(values)).keys() == values.keys()


@given(st.floats(0, 1), st.sampled_from([None, "bald", "off"]))
def test_complete_says_what_decode_makes_of_encode(width: float, hair: str | None) -> None:
    schema = parse_schema(TEXT)
    values: dict[str, float | str] = {"nose_width": width} | ({"hair": hair} if hair else {})
    assert schema.complete(values) == schema.decode(schema.encode(values))


@pytest.mark.parametrize("values", [{"nose": 0.1}, {"nose_width": 1.5}, {"nose_width": "wide"}, {"hair": "long"}])
def test_complete_refuses_what_encode_refuses(values: dict[str, float | str]) -> None:
    with pytest.raises(ParameterError):
        parse_schema(TEXT).complete(values)
