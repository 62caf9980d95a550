"""Fit linear 3D landmarks to 2D ones: sliders within their ranges, a weak prior, the head's pose; many faces at once.

Least squares of ``residue / NOISE`` and of the sliders' z-scores (expressions: their value over EXPRESSION_SPREAD), by
Gauss-Newton steps on the parameters that are not held at a bound.  Residues are in inter-ocular distances: the
distance between the means of the two eyes' six points.  Jaw points slide along the outline: of their residue only the
part across the outline counts in the figures, and along it SLIDE of it in the fit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.landmark_baseline.mesh import BROW_SLIDERS, EXPRESSIONS, YAWS, Landmarks
from benchmarks.landmark_baseline.model import Array
from f2p.schema import Schema

CAMERA_DISTANCE = 14.0  # dm, of the reference engine
NOISE = 0.01  # inter-ocular distances that count as much as one spread of a slider
EXPRESSION_SPREAD = 0.3
SLIDE = 0.25
STEPS = 25
POSE = 6  # yaw, pitch, roll in radians, log scale, shift x, y in inter-ocular distances


@dataclass(frozen=True)
class Sliders:
    """The P fitted parameters: names, and in their own units average, spread, low and high (P,)."""

    names: tuple[str, ...]
    average: Array
    spread: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Fit:
    """``values`` (N, P) in own units, ``z`` (N, P) in spreads, ``points`` (N, 68, 2) of the mesh and ``residue``
    (N, 68, 2) photo less mesh (y up), both in inter-ocular distances; ``bias`` (N, 68, 2) the part of it that counts
    (jaw: across the outline), ``across`` (N, 68) its length, ``pose`` (N, 6)."""

    values: Array
    z: Array
    points: Array
    residue: Array
    bias: Array
    across: Array
    pose: Array


def sliders_of(schema: Schema, landmarks: Landmarks, expressions: bool) -> Sliders:
    """Identity sliders with a shape, the painted brows' places and, if asked for, expression units."""
    rows: list[tuple[str, float, float, float, float]] = []
    for p in schema.continuous:
        if p.name not in landmarks.names or (p.role == "expression" and not (expressions and p.name in EXPRESSIONS)):
            continue
        reach = p.high - p.low if p.name not in BROW_SLIDERS else 1.0
        low = p.low if p.name not in BROW_SLIDERS else 0.0
        spread = p.spread * reach if p.spread else EXPRESSION_SPREAD
        rows.append((p.name, low + p.average * reach, spread, low, low + reach))
    table = np.array([row[1:] for row in rows])
    return Sliders(tuple(row[0] for row in rows), *table.T)


def eye_distance(points: Array) -> Array:
    """Inter-ocular distances (N,) of points (N, 68, 2)."""
    return np.linalg.norm(points[:, 36:42].mean(axis=1) - points[:, 42:48].mean(axis=1), axis=-1)


def normalise(points: Array) -> Array:
    """Points (N, 68, 2), y down, in inter-ocular distances from between the eyes, y up."""
    centre = (points[:, 36:42].mean(axis=1) + points[:, 42:48].mean(axis=1))[:, None] / 2
    return (points - centre) / eye_distance(points)[:, None, None] * np.array([1.0, -1.0])


def _turns(pose: Array) -> Array:
    """(N, 3, 3) for row vectors: yaw to the viewer's right, pitch up, roll."""
    cos, sin = np.cos(pose[:, :3]), np.sin(pose[:, :3])
    one, zero = np.ones(len(pose)), np.zeros(len(pose))

    def matrix(*cells: Array) -> Array:
        return np.stack(cells, axis=-1).reshape(-1, 3, 3)

    y, p, r = (cos[:, 0], sin[:, 0]), (cos[:, 1], sin[:, 1]), (cos[:, 2], sin[:, 2])
    yaw = matrix(y[0], zero, -y[1], zero, one, zero, y[1], zero, y[0])
    pitch = matrix(one, zero, zero, zero, p[0], -p[1], zero, p[1], p[0])
    roll = matrix(r[0], r[1], zero, -r[1], r[0], zero, zero, zero, one)
    return yaw @ pitch @ roll


def project(points: Array, pose: Array) -> Array:
    """Points (N, 68, 3) in dm as a camera at the engine's distance sees them: (N, 68, 2), y up."""
    seen = points @ _turns(pose)
    scale = np.exp(pose[:, 3])[:, None, None]
    return scale * seen[..., :2] / (1 - seen[..., 2:] / CAMERA_DISTANCE) + pose[:, None, 4:6]


def _directions(target: Array) -> Array:
    """(N, 68, 2, 2) rows that a residue is measured along: for the jaw across the outline, and along it by SLIDE."""
    along = np.gradient(target[:, :17], axis=1)
    along /= np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-9)
    rows = np.tile(np.eye(2), (*target.shape[:2], 1, 1))
    rows[:, :17, 0] = np.stack([-along[..., 1], along[..., 0]], axis=-1)
    rows[:, :17, 1] = along * SLIDE
    return rows


def fit(landmarks: Landmarks, sliders: Sliders, points: Array, noise: float = NOISE) -> Fit:
    """Fit N faces' landmarks (N, 68, 2) in px, y down."""
    target = normalise(points)
    rows = _directions(target)
    mesh = landmarks.only(sliders.names)
    count, size = len(target), len(sliders.names)
    low, high = ((b - sliders.average) / sliders.spread for b in (sliders.low, sliders.high))
    pose = np.zeros((count, POSE))
    pose[:, 3] = -np.log(np.linalg.norm(mesh.mean[2, 36:42].mean(axis=0) - mesh.mean[2, 42:48].mean(axis=0)))
    z = np.zeros((count, size))
    number = np.arange(count)
    shown = target

    def place(z: Array, pose: Array) -> tuple[Array, Array, Array]:
        nearest = np.abs(np.degrees(pose[:, :1]) - np.array(YAWS)).argmin(axis=1)
        basis = mesh.basis[nearest]
        shape = mesh.mean[nearest] + np.einsum("np,npkd->nkd", sliders.average + z * sliders.spread, basis)
        return shape, basis, project(shape, pose)

    for step in range(STEPS):
        shape, basis, shown = place(z, pose)
        gap = np.einsum("nkij,nkj->nki", rows, target - shown).reshape(count, -1) / noise
        turned = basis @ _turns(pose)[:, None] * sliders.spread[None, :, None, None]
        seen = shape @ _turns(pose)
        depth = 1 - seen[..., 2] / CAMERA_DISTANCE
        scale = np.exp(pose[:, 3])[:, None, None, None]
        slope = scale * (
            turned[..., :2] / depth[:, None, :, None]
            + (seen[..., :2] / depth[..., None] ** 2)[:, None] * turned[..., 2:] / CAMERA_DISTANCE
        )
        tilt = []
        for axis in range(POSE):
            moved = pose.copy()
            moved[:, axis] += 1e-4
            tilt.append((project(shape, moved) - shown) / 1e-4)
        jacobian = np.concatenate([slope, np.stack(tilt, axis=1)], axis=1)
        jacobian = np.einsum("nkij,npkj->nkip", rows, jacobian).reshape(count, -1, size + POSE) / noise
        normal = jacobian.transpose(0, 2, 1) @ jacobian
        right = np.einsum("nrp,nr->np", jacobian, gap)
        diagonal = np.concatenate([np.ones(size), np.full(POSE, 1e-3)])
        normal += np.diag(diagonal)
        right[:, :size] -= z
        held = np.zeros((count, size + POSE), bool)
        held[:, :size] = ((z <= low + 1e-9) & (right[:, :size] < 0)) | ((z >= high - 1e-9) & (right[:, :size] > 0))
        normal[held] = 0
        normal.transpose(0, 2, 1)[held] = 0
        normal[number[:, None], np.arange(size + POSE), np.arange(size + POSE)] += held
        move = np.linalg.solve(normal, np.where(held, 0, right)[..., None])[..., 0]
        share = 0.6 if step < 4 else 1.0 if step < STEPS - 8 else 0.7
        z = np.clip(z + share * move[:, :size], low, high)
        pose = pose + share * np.clip(move[:, size:], -0.2, 0.2)
    shape, _, shown = place(z, pose)
    residue = target - shown
    counted = residue.copy()
    outward = rows[:, :17, 0]
    counted[:, :17] = (outward * residue[:, :17]).sum(axis=-1, keepdims=True) * outward
    values = sliders.average + z * sliders.spread
    return Fit(values, z, shown, residue, counted, np.linalg.norm(counted, axis=-1), pose)


def at_bounds(sliders: Sliders, values: npt.NDArray[np.float64]) -> Array:
    """Share (P,) of faces whose slider stands at an end of its range."""
    edge = 1e-3 * (sliders.high - sliders.low)
    return ((values <= sliders.low + edge) | (values >= sliders.high - edge)).mean(axis=0)
