"""The benchmark's landmark fit, on landmarks that the mesh itself drew (no photos, no landmark model)."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.landmark_baseline.fit import POSE, fit, project, sliders_of
from benchmarks.landmark_baseline.mesh import BROW_SLIDERS, EXPRESSIONS, MIRROR, YAWS, Landmarks
from benchmarks.landmark_baseline.model import Array
from benchmarks.landmark_baseline.reference import reference
from engine_bridge.makehuman.engine import reference_schema

PEOPLE = 6


@pytest.fixture(scope="module")
def landmarks() -> Landmarks:
    """68 skin vertices in the places of landmarks, roughly: what matters is that sliders move them."""
    head = reference()
    names = tuple(p.name for p in reference_schema().continuous if p.unit == "weight")
    outline = np.linspace(-np.pi, 0, 17)
    wanted = np.stack([0.65 * np.cos(outline), -0.2 + 0.9 * np.sin(outline)], axis=1)
    wanted = np.concatenate([wanted, np.random.default_rng(3).uniform((-0.4, -0.8), (0.4, 0.3), (51, 2))])
    wanted[36:42, 0], wanted[42:48, 0] = -0.31, 0.31
    wanted[36:48, 1] = np.linspace(-0.05, 0.05, 12)
    front = np.flatnonzero(head.vertices[:, 2] > -0.5)
    gap = np.linalg.norm(head.vertices[front, None, :2] - wanted[None], axis=-1)
    chosen = front[gap.argmin(axis=0)]
    rows = [head.names[name] for name in names]
    mean = np.tile(head.vertices[chosen].astype(np.float64), (len(YAWS), 1, 1))
    basis = np.tile(head.basis[np.ix_(rows, chosen)].astype(np.float64), (len(YAWS), 1, 1, 1))
    return Landmarks(names, mean, basis)


def drawn(landmarks: Landmarks, z: Array, pose: Array) -> Array:
    """Landmarks (N, 68, 2) in px, y down, of faces with these z-scores and poses, as a photo would show them."""
    sliders = sliders_of(reference_schema(), landmarks, expressions=False)
    mesh = landmarks.only(sliders.names)
    shape = mesh.mean[2] + np.einsum("np,pkd->nkd", sliders.average + z * sliders.spread, mesh.basis[2])
    return project(shape, pose) * np.array([1.0, -1.0]) * 150 + 300


def people(landmarks: Landmarks) -> tuple[Array, Array]:
    rng = np.random.default_rng(1)
    sliders = sliders_of(reference_schema(), landmarks, expressions=False)
    pose = np.zeros((PEOPLE, POSE))
    pose[:, :3] = rng.normal(0, 0.1, (PEOPLE, 3))
    return rng.normal(0, 1, (PEOPLE, len(sliders.names))), pose


def test_fit_recovers_what_the_mesh_drew(landmarks: Landmarks) -> None:
    z, pose = people(landmarks)
    sliders = sliders_of(reference_schema(), landmarks, expressions=False)
    fitted = fit(landmarks, sliders, drawn(landmarks, z, pose))
    still = fit(landmarks, sliders, drawn(landmarks, 0 * z, pose))
    assert fitted.across.mean() < 0.004
    assert still.across.mean() < 0.002
    assert np.abs(still.z.mean(axis=0)).max() < 0.25
    assert np.abs(still.pose[:, :3] - pose[:, :3]).max() < np.radians(2)
    # Sliders can't all be told apart; the seen ones follow, and the rest stays at the average.
    assert np.corrcoef(fitted.z.ravel(), z.ravel())[0, 1] > 0.4


def test_sliders_stay_in_their_ranges_and_report_what_they_cannot_reach(landmarks: Landmarks) -> None:
    z, pose = people(landmarks)
    sliders = sliders_of(reference_schema(), landmarks, expressions=False)
    fitted = fit(landmarks, sliders, drawn(landmarks, 12 * z, pose))
    assert (fitted.values >= sliders.low - 1e-6).all()
    assert (fitted.values <= sliders.high + 1e-6).all()
    assert fitted.across.mean() > 0.02


def test_size_and_place_in_the_photo_do_not_matter(landmarks: Landmarks) -> None:
    z, pose = people(landmarks)
    sliders = sliders_of(reference_schema(), landmarks, expressions=False)
    points = drawn(landmarks, z, pose)
    here, there = fit(landmarks, sliders, points), fit(landmarks, sliders, points * 0.3 + np.array([40.0, -7.0]))
    np.testing.assert_allclose(here.z, there.z, atol=1e-6)


def test_expressions_are_fitted_only_if_asked_for(landmarks: Landmarks) -> None:
    still = sliders_of(reference_schema(), landmarks, expressions=False)
    moving = sliders_of(reference_schema(), landmarks, expressions=True)
    assert set(moving.names) - set(still.names) == set(EXPRESSIONS)
    assert not set(BROW_SLIDERS) & set(still.names), "these test landmarks have no painted brow"


def test_mirror_image_of_the_mirror_image_is_the_face() -> None:
    assert (MIRROR[MIRROR] == np.arange(68)).all()
