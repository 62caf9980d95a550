"""Wishes and candidates on the wire: read from options, written into the answer, refused where they are wrong."""

from dataclasses import replace

import numpy as np
import pytest

from f2p.bundle import Bundle
from f2p.character.character import Candidate, Character, Images
from f2p.client import values
from f2p.client.messages import Wanted
from f2p.errors import CharacterError, ParameterError
from f2p.fitting.styling import Styling
from f2p.serving.worker import requests
from f2p.serving.worker.responses import character_message
from f2p.v1 import character_pb2 as messages
from f2p.wire.characters import to_saved


@pytest.fixture(scope="module")
def character(bundle: Bundle) -> Character:
    picture = np.full((8, 8, 3), 90, np.uint8)
    own = bundle.schema.decode(bundle.schema.average())
    images = Images(aligned=picture, drawing=picture, render=picture)
    return Character(
        schema=bundle.schema,
        values=own,
        bundle_name=bundle.name,
        bundle_version=bundle.version,
        preset="default",
        seed=0,
        losses={"total": 2.0, "identity": 0.1},
        images=images,
        candidates=(Candidate(values={**own, "hair": "long"}, changed=("hair",), cost=0.25, images=images),),
    )


def test_options_without_wishes_are_the_likeness() -> None:
    assert requests.styling(messages.CreateOptions()) == Styling()


def test_a_clients_wishes_arrive() -> None:
    wanted = Wanted(strength=0.0, flatter=0.5, remove_glasses=True, keep_expression=True, candidates=3)
    options = messages.CreateOptions.FromString(wanted.options(None).SerializeToString())
    expected = Styling(strength=0.0, flatter=0.5, remove_glasses=True, keep_expression=True)
    assert requests.styling(options) == expected
    assert options.candidate_count == 3


def test_a_strength_that_is_not_chosen_is_refused() -> None:
    with pytest.raises(ParameterError, match="choose_strength"):
        requests.styling(messages.CreateOptions(strength=0.5))


def test_a_strength_out_of_range_is_refused() -> None:
    with pytest.raises(ParameterError, match="strength is 3"):
        requests.styling(messages.CreateOptions(choose_strength=True, strength=3.0))


def test_candidates_are_whole_characters(character: Character) -> None:
    answer = character_message(character, pictures=True)
    (candidate,) = answer.candidates
    assert len(candidate.continuous) == len(answer.continuous)
    assert [item.option for item in candidate.discrete] == ["long"]
    assert list(candidate.changed) == ["hair"]
    assert candidate.cost == pytest.approx(0.25)
    assert candidate.pictures.drawing_png
    assert not candidate.pictures.aligned_png
    assert answer.pictures.aligned_png
    assert not character_message(character, pictures=False).candidates[0].pictures.drawing_png


def test_older_readers_see_the_answer_alone(character: Character) -> None:
    answer = character_message(character, pictures=False)
    assert to_saved(answer) == to_saved(character_message(replace(character, candidates=()), pictures=False))
    assert values(answer)["hair"] == character.values["hair"]


def test_a_chosen_candidate_is_a_character(character: Character) -> None:
    chosen = character.choose(0)
    assert chosen.values["hair"] == "long"
    assert chosen.losses == {"total": 2.25}
    assert chosen.candidates == ()
    assert Character.from_json(chosen.to_json(), chosen.schema).values == chosen.values
    with pytest.raises(CharacterError, match="no candidate 1"):
        character.choose(1)
