"""The bones: neck, head and eyes.  The head turns on the neck over shoulders that stay, the eyes turn in the head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.camera import PIVOT
from engine_bridge.makehuman.export.glb import Glb
from engine_bridge.makehuman.face.head import Floats

METRES = 0.1  # a decimetre
FLOOR = 2.2  # dm from the middle between the eyes of the mean head down to the ground that the bust stands on
NECK = (0.0, -1.55, -0.95)
JOINTS = ("Neck", "Head", "LeftEye", "RightEye")
PARENTS = (-1, 0, 1, 1)


def metres(points: Floats) -> Floats:
    """Points (N, 3) of the head, dm from between the eyes, in metres above the ground."""
    return np.asarray((points + np.array([0.0, FLOOR, 0.0], np.float32)) * np.float32(METRES))


@dataclass(frozen=True)
class Skeleton:
    """``joints`` numbers of the nodes in the order of JOINTS, ``skin`` of the skin, ``root`` of the top node."""

    joints: tuple[int, ...]
    skin: int
    root: int


def add_skeleton(glb: Glb, eyes: tuple[Floats, Floats]) -> Skeleton:
    """Add the bones of a head whose eyeballs have their middles at ``eyes``, (3,) each in dm."""
    places = metres(np.array([NECK, PIVOT, *eyes], np.float32)).astype(np.float64)
    nodes = []
    for k, name in enumerate(JOINTS):
        offset = places[k] - (places[PARENTS[k]] if PARENTS[k] >= 0 else 0.0)
        nodes.append(glb.add("nodes", name=name, translation=[round(float(c), 6) for c in offset]))
    for k, parent in enumerate(PARENTS):
        if parent >= 0:
            glb.json["nodes"][nodes[parent]].setdefault("children", []).append(nodes[k])
    inverse = np.tile(np.eye(4, dtype=np.float32), (len(JOINTS), 1, 1))
    for k in range(len(JOINTS)):
        at = sum((np.array(glb.json["nodes"][n]["translation"]) for n in _chain(nodes, k)), np.zeros(3))
        inverse[k, 3, :3] = -at  # column by column
    matrices = glb.matrices(inverse.reshape(len(JOINTS), 16))
    skin = glb.add("skins", name="Head", joints=nodes, inverseBindMatrices=matrices, skeleton=nodes[0])
    return Skeleton(tuple(nodes), skin, nodes[0])


def _chain(nodes: list[int], k: int) -> list[int]:
    out = []
    while k >= 0:
        out.append(nodes[k])
        k = PARENTS[k]
    return out


def _soft(t: Floats) -> Floats:
    t = np.clip(t, 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def head_share(neutral: Floats) -> Floats:
    """How far (N,) points (N, 3) of the neutral head go with the head rather than with the neck."""
    y, z = neutral[:, 1], neutral[:, 2]
    jaw = -1.075 + 0.80 * np.clip(0.27 - z, 0.0, 1.0) ** 1.15  # where the neck begins, see `core.skin.skin_region`
    return _soft(1.0 + (y - jaw) / np.maximum(jaw + 1.62, 0.2) * 0.9)


def pulls(share: Floats, eye: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Joints (N, 4) and weights (N, 4), bytes, of vertices that go with the head by ``share`` (N,), or with an ``eye``
    (0 left, 1 right) wholly."""
    joints, weights = np.zeros((len(share), 4), np.uint8), np.zeros((len(share), 4), np.uint8)
    if eye is not None:
        joints[:, 0], weights[:, 0] = 2 + eye, 255
        return joints, weights
    head = np.round(255 * share).astype(np.uint8)
    joints[:, 0], weights[:, 0] = 1, head
    joints[:, 1], weights[:, 1] = 0, 255 - head
    joints[weights == 0] = 0
    swap = weights[:, 0] == 0
    weights[swap] = weights[swap][:, [1, 0, 2, 3]]
    return joints, weights


@dataclass(frozen=True)
class Made:
    """A mesh without pictures that is ready: ``points`` and ``normals`` (N, 3) in dm, ``triangles`` (T, 3), the number
    of its ``material``, and its ``rig``, joints and weights (N, 4)."""

    points: Floats
    normals: Floats
    triangles: NDArray[np.int32]
    material: int
    rig: tuple[np.ndarray, np.ndarray]
