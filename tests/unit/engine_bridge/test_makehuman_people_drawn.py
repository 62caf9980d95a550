"""Random people of the reference engine as they are drawn: each has one face, and at rest their lips meet."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.ndimage import binary_erosion, gaussian_filter

from engine_bridge.makehuman.engine import MakeHumanEngine
from engine_bridge.makehuman.person import OLD, YOUNG
from engine_bridge.makehuman.sampling import Bounds, draw
from f2p.face.detection import find_faces
from f2p.regions import index

# Compiling the kernels takes minutes on a busy machine.
pytestmark = pytest.mark.timeout(1200)


@pytest.fixture(scope="module")
def engine() -> MakeHumanEngine:
    return MakeHumanEngine()


def test_dlib_finds_one_face_in_usual_and_wide_people(engine: MakeHumanEngine) -> None:
    bounds = Bounds(engine.schema, engine.renderer.head)
    people = [draw(engine.schema, bounds, seed, wide) for wide in (False, True) for seed in range(8)]
    counts = [len(find_faces(engine.render(c.values, 256).image)) for c in people]
    assert counts == [1] * len(people)


def test_the_average_face_is_at_rest(engine: MakeHumanEngine) -> None:
    labels = engine.render({}, 256).labels
    assert np.isin(labels, [index("inner_mouth"), index("teeth")]).sum() < 12
    upper, lower = ((labels == index(name)).sum() for name in ("upper_lip", "lower_lip"))
    assert 0.3 < upper / lower < 1.2
    brows = [np.nonzero(half == index("brows"))[0].mean() for half in (labels[:, :128], labels[:, 128:])]
    assert abs(brows[0] - brows[1]) < 3


@pytest.mark.parametrize(("name", "value"), [("freckles", 1.0), ("moles", 1.0), ("blush", 1.0), ("eye_circles", 1.0)])
def test_marks_of_the_skin_can_be_seen(engine: MakeHumanEngine, name: str, value: float) -> None:
    bare, marked = (engine.render({"hair_style": "bald", name: v}, 256).image.astype(int) for v in (0.0, value))
    assert (np.abs(bare - marked).max(axis=2) > 10).sum() > 20


def test_age_shows_in_the_skin_from_the_forties_on(engine: MakeHumanEngine) -> None:
    """What is finer than a 16th of the face, folds above all, grows with every fifteen years from 40 on."""
    age = next(p for p in engine.schema.continuous if p.name == "age")
    contrasts = []
    for years in (40, 55, 70, 85):
        frame = engine.render({"hair_style": "bald", "age": age.from_engine((years - YOUNG) / (OLD - YOUNG))}, 128)
        grey = frame.image.mean(axis=2)
        skin = binary_erosion(frame.labels == index("skin"), iterations=3)
        contrasts.append((grey - gaussian_filter(grey, 4))[skin].std())
    assert all(later > 1.03 * earlier for earlier, later in pairwise(contrasts)), contrasts
    assert contrasts[-1] > 1.35 * contrasts[0]
