"""What is worn on the head: glasses, and the cloth of a cap or a hijab."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman import palette
from engine_bridge.makehuman.core.mesh import normals as quad_normals
from engine_bridge.makehuman.core.spectacles import ROUND
from engine_bridge.makehuman.export.glb import Glb
from engine_bridge.makehuman.export.lashes import grid
from engine_bridge.makehuman.export.sitter import Atelier, Sitter
from engine_bridge.makehuman.export.skeleton import Made, head_share, pulls
from engine_bridge.makehuman.face.glasses import COLOURS, GREY
from engine_bridge.makehuman.face.head import Floats

IN_FOLDS = 0.75  # how bright cloth is with its folds, whose shade no viewer draws


def _rgba(colour: NDArray[np.float64], opacity: float = 1.0) -> list[float]:
    return [round(float(c), 4) for c in np.clip(colour, 0, 1)] + [round(opacity, 4)]


def glasses(glb: Glb, atelier: Atelier, sitter: Sitter) -> list[Made]:
    """Frame and lenses; nothing where none are worn."""
    worn = sitter.worn
    if worn is None:
        return []
    t = sitter.who["glasses_colour"]
    colour = palette.along([palette.linear(c) for c in COLOURS], t)
    spots = max(1 - abs(t - 0.2) / 0.14, 0.0)  # of tortoise-shell, whose mean is darker
    metal = max(0.9 * worn.style.metal, min(max((t - 0.62) / 0.15, 0.0), 1.0) * 0.9)
    frame = glb.add(
        "materials",
        name="glasses",
        pbrMetallicRoughness={
            "baseColorFactor": _rgba(colour * (1 - 0.4 * spots)),
            "metallicFactor": round(float(metal), 4),
            "roughnessFactor": 0.3,
        },
        doubleSided=True,
    )
    tint = 0.92 * sitter.who["lens_tint"]
    lens = glb.add(
        "materials",
        name="lenses",
        alphaMode="BLEND",
        pbrMetallicRoughness={
            "baseColorFactor": _rgba(GREY, 0.06 + 0.9 * tint),
            "metallicFactor": 0.0,
            "roughnessFactor": 0.05,
        },
        doubleSided=True,
    )
    ahead = np.tile(np.array([[0.0, -0.1, 1.0]], np.float32), (len(worn.lenses), 1))
    k = np.arange(len(worn.lenses)) % (ROUND + 1)
    out = []
    for points, normals, triangles, material in (
        (worn.points, worn.normals, atelier.optician.triangles, frame),
        (worn.lenses, ahead + 0.16 * _bulge(worn.lenses, k), atelier.optician.fans, lens),
    ):
        out.append(Made(points, normals, triangles, material, pulls(np.ones(len(points), np.float32))))
    return out


def _bulge(lenses: Floats, k: NDArray[np.int64]) -> Floats:
    """How far to the side (N, 3) the normal of a lens leans at its edge: it is part of a sphere."""
    out = np.zeros_like(lenses)
    for rows in np.split(np.arange(len(lenses)), np.flatnonzero(k == ROUND)[:-1] + 1):
        middle = lenses[rows[-1]]
        out[rows, :2] = (lenses[rows] - middle)[:, :2] / 0.2
    return out


def cloth(glb: Glb, sitter: Sitter) -> list[Made]:
    """The cloth over the head; nothing where there is none."""
    if not sitter.groom.cloth:
        return []
    material = glb.add(
        "materials",
        name="cloth",
        pbrMetallicRoughness={
            "baseColorFactor": _rgba(sitter.groom.cloth_colour * IN_FOLDS),
            "metallicFactor": 0.0,
            "roughnessFactor": 0.95,
        },
        doubleSided=True,
    )
    out = []
    for sheet in sitter.groom.cloth:
        rows, columns, _ = sheet.shape
        points = np.ascontiguousarray(sheet.reshape(-1, 3))
        triangles = grid(rows, columns)
        quads = np.ascontiguousarray(triangles.reshape(-1, 6)[:, [0, 1, 2, 5]])
        normals = quad_normals(points, quads)
        middle = points.mean(axis=0)
        if ((points - middle) * normals).sum() < 0:
            normals, triangles = -normals, np.ascontiguousarray(triangles[:, ::-1])
        out.append(Made(points, normals, triangles, material, pulls(head_share(points))))
    return out
