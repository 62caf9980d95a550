"""Expressions of the faces in photos, over the wire and back: the library's numbers, and wrong ones refused."""

import json
from typing import Any

import pytest

from f2p import errors
from f2p.bundle import Bundle
from f2p.character.character import Character
from f2p.character.records import FaceExpression, PhotoContribution
from f2p.client import expressions, values
from f2p.client.messages import Wanted, refit_request
from f2p.serving.worker import requests
from f2p.serving.worker.responses import character_message
from f2p.v1 import character_pb2 as messages
from f2p.v1 import character_service_pb2 as calls

FACES = (
    FaceExpression(photo=0, units={"smile": 0.734567}, yaw=-12.345678, pitch=3.21, roll=-0.04),
    FaceExpression(photo=2, units={"smile": 0.0}, yaw=0.0, pitch=-7.5, roll=178.9),
)
PHOTOS = [b"one", b"two", b"three"]


@pytest.fixture(scope="module")
def character(bundle: Bundle) -> Character:
    """Of three photos, of which the second was left out."""
    return Character(
        schema=bundle.schema,
        values=bundle.schema.decode(bundle.schema.average()),
        bundle_name=bundle.name,
        bundle_version=bundle.version,
        preset="default",
        seed=0,
        photos=tuple(
            PhotoContribution(number=number, weight=weight, quality=0.5, likeness=0.5, reason="USED", note="Used.")
            for number, weight in enumerate((0.5, 0.0, 0.5))
        ),
        expressions=FACES,
    )


@pytest.fixture(scope="module")
def answer(character: Character) -> messages.Character:
    """As a client gets it."""
    return messages.Character.FromString(character_message(character, pictures=False).SerializeToString())


def same(found: tuple[FaceExpression, ...], expected: tuple[FaceExpression, ...]) -> None:
    assert [face.photo for face in found] == [face.photo for face in expected]
    for one, other in zip(found, (face.rounded() for face in expected), strict=True):
        assert one.units == pytest.approx(dict(other.units), rel=1e-7)
        assert (one.yaw, one.pitch, one.roll) == pytest.approx((other.yaw, other.pitch, other.roll), rel=1e-6)


def test_a_client_has_what_the_library_has(answer: messages.Character, character: Character) -> None:
    found = expressions(answer)
    same(found, FACES)
    written = json.loads(character.to_json())["expressions"]
    assert [face.to_json() for face in found] == written
    assert [face.words() for face in found] == [face.rounded().words() for face in FACES]


def test_a_refit_begins_with_them(bundle: Bundle, answer: messages.Character) -> None:
    request = refit_request(answer, PHOTOS, None, [], {}, Wanted())
    same(requests.refit(bundle, request).character.expressions, FACES)


@pytest.mark.parametrize("photos", [b"one", PHOTOS[:2]])
def test_of_other_photos_it_begins_neutral(bundle: Bundle, answer: messages.Character, photos: Any) -> None:
    assert not refit_request(answer, photos, None, [], {}, Wanted()).expressions


def test_of_values_by_name_it_begins_neutral(answer: messages.Character) -> None:
    assert not refit_request(values(answer), PHOTOS, None, [], {}, Wanted()).expressions


def test_they_may_come_in_any_order(bundle: Bundle, answer: messages.Character) -> None:
    request = refit_request(answer, PHOTOS, None, [], {}, Wanted())
    first, second = list(request.expressions)
    del request.expressions[:]
    request.expressions.extend([second, first])
    same(requests.refit(bundle, request).character.expressions, FACES)


def smile(weight: float, name: str = "smile") -> dict[str, Any]:
    return {"name": name, "weight": weight}


@pytest.mark.parametrize(
    ("faces", "said"),
    [
        ([{"photo_index": 3}], "photo 3"),
        ([{"photo_index": -1}], "photo -1"),
        ([{"photo_index": 1}, {"photo_index": 1}], "photo 1"),
        ([{"yaw_degrees": float("nan")}], "nan"),
        ([{"pitch_degrees": float("inf")}], "inf"),
        ([{"roll_degrees": 180.5}], "180.5"),
        ([{"units": [smile(float("nan"))]}], "nan"),
        ([{"units": [smile(1.5)]}], "1.5"),
        ([{"units": [smile(-0.5)]}], "-0.5"),
        ([{"units": [smile(0.5, "smirk")]}], "smirk"),
        ([{"units": [smile(0.5, "x" * 5000)]}], "xxx"),
        ([{"units": [smile(0.5, "hair")]}], "role expression"),
        ([{"units": [smile(0.5, "eye_size")]}], "role expression"),
        ([{"units": [smile(0.5), smile(0.5)]}], "twice"),
    ],
)
def test_what_no_face_does_is_refused_by_name(
    bundle: Bundle, answer: messages.Character, faces: list[Any], said: str
) -> None:
    request: Any = calls.RefitCharacterRequest(photo=b"one", more_photos=[{}, {}], expressions=faces)
    request.values.extend(refit_request(answer, PHOTOS, None, [], {}, Wanted()).values)
    with pytest.raises(errors.ParameterError) as caught:
        requests.refit(bundle, request)
    assert said in caught.value.message
    assert len(caught.value.message) < 500
