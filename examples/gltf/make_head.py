"""Sculpts a head that stems from nobody's scan and no other model, and writes it as head.glb: morph targets, hair,
beards, glasses, brows as nodes of their own, painted textures.

    python examples/gltf/make_head.py --out head.glb

It stands for the head that an artist brings. All of it is made by this script, whose output is CC0.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from dress import beards, brows, glasses, hairs, lashes, shirt
from glb import Writer
from numpy.typing import NDArray
from paint import beard_picture, brow_picture, hair_picture, iris_picture, skin_picture
from sculpt import BALL, EYE, MOUTH, Grid, Shape, grid, sheet

Array = NDArray[np.float64]
DM, PLACE = 0.1, (0.0, 1.62, 0.04)  # metres, and where the head stands: at a person's height

# Morph targets: their names as an artist might have chosen them, and what they change in the shape.
TARGETS: dict[str, dict[str, float]] = {
    "headWide": {"head_width": 0.06}, "headNarrow": {"head_width": -0.06},
    "headTall": {"head_height": 0.10}, "headFlat": {"head_height": -0.09},
    "faceWide": {"face_width": 0.07}, "faceNarrow": {"face_width": -0.07},
    "foreheadForward": {"forehead": 0.05}, "foreheadBack": {"forehead": -0.05},
    "browRidgeStrong": {"ridge": 0.035}, "browRidgeWeak": {"ridge": -0.03},
    "cheekbonesHeavy": {"cheekbone": 0.035}, "cheekbonesLight": {"cheekbone": -0.035},
    "cheekFull_L": {"cheek_left": 0.055}, "cheekFull_R": {"cheek_right": 0.055},
    "cheekThin_L": {"cheek_left": -0.05}, "cheekThin_R": {"cheek_right": -0.05},
    "jawWide": {"jaw_width": 0.07}, "jawNarrow": {"jaw_width": -0.06},
    "jawLow": {"jaw_height": -0.07}, "jawHigh": {"jaw_height": 0.07},
    "chinLong": {"chin_length": 0.08}, "chinShort": {"chin_length": -0.07},
    "chinWide": {"chin_width": 0.07}, "chinNarrow": {"chin_width": -0.06},
    "chinForward": {"chin_depth": 0.07}, "chinBack": {"chin_depth": -0.07},
    "eyesIn": {"eye_space": -0.035}, "eyesOut": {"eye_space": 0.035},
    "eyesBig": {"eye_size": 0.16}, "eyesSmall": {"eye_size": -0.16},
    "eyesTiltUp": {"eye_tilt": 0.025}, "eyesTiltDown": {"eye_tilt": -0.025},
    "eyesDeep": {"eye_depth": 0.035}, "eyesShallow": {"eye_depth": -0.025},
    "noseLong": {"nose_length": 0.07}, "noseShort": {"nose_length": -0.07},
    "noseWide": {"nose_width": 0.045}, "noseNarrow": {"nose_width": -0.032},
    "noseForward": {"nose_depth": 0.07}, "noseBack": {"nose_depth": -0.06},
    "noseBridgeWide": {"nose_bridge": 0.024}, "noseBridgeNarrow": {"nose_bridge": -0.020},
    "noseBridgeConvex": {"nose_hump": 0.05}, "noseBridgeConcave": {"nose_hump": -0.04},
    "noseTipUp": {"nose_tip": 0.05}, "noseTipDown": {"nose_tip": -0.04},
    "mouthWide": {"mouth_width": 0.055}, "mouthNarrow": {"mouth_width": -0.05},
    "mouthHigh": {"mouth_height": 0.05}, "mouthLow": {"mouth_height": -0.05},
    "upperLipFull": {"upper_lip": 0.016}, "upperLipThin": {"upper_lip": -0.014},
    "lowerLipFull": {"lower_lip": 0.018}, "lowerLipThin": {"lower_lip": -0.016},
    "earSize": {"ear_size": 0.12},
    "neckThick": {"neck_width": 0.08}, "neckThin": {"neck_width": -0.06},
    "eyeBlink_L": {"blink_left": 1.0}, "eyeBlink_R": {"blink_right": 1.0},
}  # fmt: skip


def bump(p: Array, centre: tuple[float, float], width: float) -> Array:
    """A Gaussian over the face's front (N, 1)."""
    far = (p[:, 0] - centre[0]) ** 2 + (p[:, 1] - centre[1]) ** 2
    return (np.exp(-far / (2 * width * width)) * (p[:, 2] > -0.6))[:, None]


def rise(x: Array, low: float, high: float) -> Array:
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def jaw_open(p: Array, lower: Array) -> Array:
    """Displacements (N, 3) of a jaw that drops by 13 degrees about the ears; ``lower`` (N,) 1 below the lips' line."""
    side = np.abs(p[:, 0])
    share = rise(-p[:, 1], 0.45, 0.80) * rise(p[:, 2], -1.0, -0.55)
    near = rise(0.262 - side, 0.0, 0.05) * rise(p[:, 2], -0.35, -0.1)
    share = share * (1 - near) + lower * near
    share *= rise(p[:, 1], -1.55, -1.10)
    angle = np.radians(13.0) * share
    y, z = p[:, 1] + 0.12, p[:, 2] + 0.78
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([np.zeros_like(y), y * c - z * s - y, y * s + z * c - z], axis=1)


def expressions(p: Array, lower: Array) -> dict[str, Array]:
    """Displacements (N, 3) of ARKit's units that move what is there, whatever part it is of."""
    out = {"jawOpen": jaw_open(p, lower)}
    for side, letter in ((1.0, "L"), (-1.0, "R")):
        corner = bump(p, (side * 0.25, MOUTH), 0.115)
        out[f"mouthSmile_{letter}"] = corner * [side * 0.075, 0.085, -0.05] + bump(p, (side * 0.36, -0.42), 0.13) * [
            0,
            0.03,
            0.03,
        ]
        out[f"mouthFrown_{letter}"] = corner * [side * 0.02, -0.075, -0.02]
        out[f"browDown_{letter}"] = bump(p, (side * 0.28, 0.19), 0.14) * [-side * 0.02, -0.055, 0.01]
        out[f"browOuterUp_{letter}"] = bump(p, (side * 0.46, 0.22), 0.12) * [0.0, 0.06, 0.0]
    out["browInnerUp"] = (bump(p, (0.13, 0.20), 0.13) + bump(p, (-0.13, 0.20), 0.13)) * [0.0, 0.055, 0.0]
    pucker = bump(p, (0.0, MOUTH), 0.20)
    out["mouthPucker"] = pucker * np.stack([-0.45 * p[:, 0], np.zeros(len(p)), np.full(len(p), 0.06)], axis=1)
    return out


class Body:
    """The sheet of skin with the rims of lids and lips and the ears: one mesh whose points follow from a `Shape`."""

    def __init__(self, g: Grid) -> None:
        self.grid = g
        self.rest, self._about = sheet(g, Shape())
        rows, columns = self.rest.shape[:2]
        index = np.arange(rows * columns).reshape(rows, columns)
        self.uv = np.stack(
            np.broadcast_arrays(np.arange(columns)[None] / (columns - 1), 0.95 * np.arange(rows)[:, None] / (rows - 1)),
            axis=-1,
        ).reshape(-1, 2)
        self.cells = np.ones((rows - 1, columns - 1), bool)
        self.cells[[g.eye_row, g.mouth_row]] = False
        x = self.rest[..., 0]
        self._rims = []
        faces = [quads(index, self.cells)]
        at = rows * columns
        slits = [(g.eye_row, np.abs(np.abs(x) - EYE) < 0.18, True), (g.mouth_row, np.abs(x) < 0.26, False)]
        for row, there, eye in slits:
            for r, upper in ((row, True), (row + 1, False)):
                columns_in = np.flatnonzero(there[r] & (self.rest[r, :, 2] > -0.3))
                self._rims.append((r, columns_in, eye))
                for a, b in zip(range(len(columns_in)), range(1, len(columns_in)), strict=False):
                    if columns_in[b] == columns_in[a] + 1:
                        i, j = index[r, columns_in[a]], index[r, columns_in[b]]
                        k, m = at + a, at + b
                        faces.append(np.array([[i, k, m], [i, m, j]] if upper else [[i, m, k], [i, j, m]]))
                at += len(columns_in)
        self._ear, ear_faces, ear_uv = ear()
        for mirrored in (False, True):
            faces.append((ear_faces[:, ::-1] if mirrored else ear_faces) + at)
            at += len(self._ear)
        self.triangles = np.concatenate(faces)
        rim_uv = np.concatenate([self.uv[index[r, c]] for r, c, _ in self._rims])
        self.uv = np.concatenate([self.uv, rim_uv, ear_uv, ear_uv])
        lower = np.zeros((rows, columns))
        lower[g.mouth_row + 1 :] = 1.0
        rim_lower = np.concatenate([lower[r, c] for r, c, _ in self._rims])
        self.lower = np.concatenate([lower.ravel(), rim_lower, np.zeros(2 * len(self._ear))])

    def points(self, s: Shape) -> tuple[Array, Array]:
        """The sheet (R, C, 3) and the whole mesh (V, 3)."""
        p, _ = sheet(self.grid, s, self._about)
        pieces = [p.reshape(-1, 3)]
        for r, columns, eye in self._rims:
            edge = p[r, columns]
            if eye:
                centre = np.array([EYE + s.eye_space, 0, -0.035 - s.eye_depth]) * np.where(
                    edge[:, :1] > 0, [1, 1, 1], [-1, 1, 1]
                )
                way = edge - centre
                way /= np.linalg.norm(way, axis=1, keepdims=True)
                pieces.append(centre + way * BALL * (1 + s.eye_size) * 0.97)
            else:
                pieces.append(edge * [0.96, 1, 1] - [0, 0, 0.13])
        size = 1 + s.ear_size
        where = np.array([0.715 + 0.85 * s.head_width, -0.10, -0.74])
        pieces += [self._ear * size + where, (self._ear * size + where) * [-1, 1, 1]]
        return p, np.concatenate(pieces)


def quads(index: NDArray[np.int64], cells: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Two triangles, counter-clockwise from outside, for each cell of the sheet that is there."""
    a, b, c, d = index[:-1, :-1][cells], index[1:, :-1][cells], index[1:, 1:][cells], index[:-1, 1:][cells]
    return np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])


def ear() -> tuple[Array, NDArray[np.int64], Array]:
    """An ear at the character's left, about its middle: points, triangles, texture coordinates."""
    rings, spokes = 7, 22
    r, t = np.meshgrid(np.linspace(0, 1, rings), np.linspace(0, 2 * np.pi, spokes, endpoint=False), indexing="ij")
    high, wide = 0.31 * np.sin(t) * (1 + 0.08 * np.sin(t)), 0.175 * np.cos(t) * (1 + 0.20 * np.sin(t))
    out = 0.035 + 0.075 * rise(r, 0.45, 0.85) - 0.16 * rise(r, 0.86, 1.0) + 0.05 * (r < 0.3)
    z = r * wide - 0.05 * r * np.sin(t)
    x = out - 0.24 * z * 0.9
    points = np.stack([x, r * high, z], axis=-1).reshape(-1, 3)
    index = np.arange(rings * spokes).reshape(rings, spokes)
    index = np.concatenate([index, index[:, :1]], axis=1)
    uv = np.stack([0.2 + 0.6 * t / (2 * np.pi), 0.965 + 0.03 * r], axis=-1).reshape(-1, 2)
    return points, quads(index, np.ones((rings - 1, spokes), bool))[:, ::-1], uv


def ball(s: Shape, side: float, part: str) -> tuple[Array, NDArray[np.int64], Array]:
    """The white of an eye, or its iris: points, triangles, texture coordinates."""
    begin, end, larger = (0.36, 2.2, 1.0) if part == "white" else (0.0, 0.39, 1.008)
    polar, round_ = np.meshgrid(np.linspace(begin, end, 12), np.linspace(0, 2 * np.pi, 28), indexing="ij")
    way = np.stack([np.sin(polar) * np.cos(round_), np.sin(polar) * np.sin(round_), np.cos(polar)], axis=-1)
    centre = np.array([side * (EYE + s.eye_space), 0, -0.035 - s.eye_depth])
    points = centre + way * BALL * (1 + s.eye_size) * larger
    index = np.arange(12 * 28).reshape(12, 28)
    reach = np.sin(polar) / np.sin(0.39) * 0.5
    uv = np.stack([0.5 + reach * np.cos(round_), 0.5 - reach * np.sin(round_)], axis=-1)
    flat, faces, flat_uv = points.reshape(-1, 3), quads(index, np.ones((11, 27), bool)), uv.reshape(-1, 2)
    if part == "white":  # the corners of the lids reach beyond the ball: what is pink there
        turn = np.linspace(0, 2 * np.pi, 25)[:-1]
        rim = centre + np.stack([0.20 * np.cos(turn), 0.09 * np.sin(turn), np.full(24, 0.02)], axis=1) * (
            1 + s.eye_size
        )
        fan = np.stack(
            [np.full(24, len(flat)), len(flat) + 1 + np.arange(24), len(flat) + 1 + (np.arange(24) + 1) % 24], 1
        )
        flat = np.concatenate([flat, [centre + np.array([0, 0, 0.02])], rim])
        faces, flat_uv = np.concatenate([faces, fan]), np.concatenate([flat_uv, np.zeros((25, 2))])
    return flat, faces, flat_uv


def both_eyes(part: str) -> Callable[[Shape], tuple[Array, NDArray[np.int64], Array]]:
    def build(s: Shape) -> tuple[Array, NDArray[np.int64], Array]:
        (p, f, u), (q, g, v) = ball(s, 1.0, part), ball(s, -1.0, part)
        return np.concatenate([p, q]), np.concatenate([f, g + len(p)]), np.concatenate([u, v])

    return build


def teeth(s: Shape, upper: bool) -> tuple[Array, NDArray[np.int64], Array]:
    """A row of teeth as one curved band."""
    t, v = np.meshgrid(np.linspace(-1.1, 1.1, 25), np.linspace(0, 1, 4), indexing="xy")
    y = MOUTH + s.mouth_height + (0.055 - 0.085 * v if upper else -0.035 - 0.075 * v)
    points = np.stack([0.20 * np.sin(t), y, -0.12 + 0.20 * np.cos(t)], axis=-1).reshape(-1, 3)
    index = np.arange(points.shape[0]).reshape(4, 25)
    return points, quads(index, np.ones((3, 24), bool)), np.zeros((len(points), 2))


def cavity(s: Shape) -> tuple[Array, NDArray[np.int64], Array]:
    """The dark inside of the mouth: a bowl open to the front."""
    polar, round_ = np.meshgrid(np.linspace(0.0, 1.75, 9), np.linspace(0, 2 * np.pi, 22), indexing="ij")
    x, y = 0.27 * np.sin(polar) * np.cos(round_), 0.16 * np.sin(polar) * np.sin(round_)
    points = np.stack([x, MOUTH - 0.05 + s.mouth_height + y, -0.05 - 0.30 * np.cos(polar)], axis=-1).reshape(-1, 3)
    index = np.arange(len(points)).reshape(9, 22)
    return points, quads(index, np.ones((8, 21), bool)), np.zeros((len(points), 2))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=Path("head.glb"))
    options.add_argument("--step", type=float, default=0.04, help="dm between points of the face")
    given = options.parse_args()
    body = Body(grid(given.step))
    shapes = {"": Shape()} | {name: replace(Shape(), **change) for name, change in TARGETS.items()}
    print(f"sculpting {len(shapes)} heads")
    sculpted = {name: body.points(s) for name, s in shapes.items()}
    rest = body.rest
    file = Writer()
    white, black = (1.0, 1.0, 1.0, 1.0), (0.012, 0.010, 0.009, 1.0)
    skin = file.material("Skin", white, skin_picture(rest), 0.55)
    eye = file.material("EyeWhite", (0.62, 0.58, 0.55, 1.0), None, 0.25)
    iris = file.material("Iris", white, iris_picture(), 0.2)
    tooth = file.material("Teeth", (0.70, 0.66, 0.58, 1.0), None, 0.3)
    inside = file.material("MouthInside", (0.10, 0.018, 0.016, 1.0), None, 0.6, both=True)
    lash = file.material("Lashes", black, None, 0.8, both=True)
    hair = file.material("Hair", white, hair_picture(rest), 0.5, "BLEND", both=True)
    cloth = file.material("Shirt", (0.10, 0.13, 0.19, 1.0), None, 0.9, both=True)
    frame = file.material("GlassesFrame", (0.02, 0.017, 0.016, 1.0), None, 0.3)

    def add(
        name: str,
        material: int,
        pieces: Callable[[str], tuple[Array, NDArray[np.int64], Array]],
        lower: Array | None = None,
    ) -> None:
        points, triangles, uv = pieces("")
        targets = {k: pieces(k)[0] - points for k in shapes if k}
        targets |= expressions(points, np.zeros(len(points)) if lower is None else lower)
        put = {k: d * DM for k, d in targets.items()}
        file.node(name, material, points * DM, triangles, uv, put, PLACE)

    def of_shape(
        make: Callable[[Shape], tuple[Array, NDArray[np.int64], Array]],
    ) -> Callable[[str], tuple[Array, NDArray[np.int64], Array]]:
        return lambda k: make(shapes[k])

    add("Head", skin, lambda k: (sculpted[k][1], body.triangles, body.uv), body.lower)
    for name, material, make in (("EyeWhites", eye, both_eyes("white")), ("Irises", iris, both_eyes("iris"))):
        points, triangles, uv = make(Shape())
        moved = {k: (make(s)[0] - points) * DM for k, s in shapes.items() if k}
        file.node(name, material, points * DM, triangles, uv, moved, PLACE)
    for name, upper in (("TeethUpper", True), ("TeethLower", False)):
        count = len(teeth(Shape(), upper)[0])
        add(name, tooth, of_shape(lambda s, u=upper: teeth(s, u)), np.full(count, 0.0 if upper else 1.0))
    count = len(cavity(Shape())[0])
    add("MouthInside", inside, of_shape(cavity), (cavity(Shape())[0][:, 1] < MOUTH - 0.05).astype(float)[:count])
    add("Lashes", lash, lambda k: lashes(body, sculpted[k][0]))
    add("Shirt", cloth, lambda k: shirt(body, sculpted[k][0]))
    for name, style in brows().items():
        material = file.material(name, white, brow_picture(rest, name), 0.8, "BLEND", both=True)
        add(name, material, lambda k, style=style: style(body, sculpted[k][0]))
    for name, style in hairs().items():
        add(name, hair, lambda k, style=style: style(body, sculpted[k][0]))
    for name, style in beards().items():
        material = file.material(name, white, beard_picture(rest, name), 0.8, "BLEND", both=True)
        add(name, material, lambda k, style=style: style(body, sculpted[k][0]))
    for name, style in glasses().items():
        points, triangles = style
        moved = {k: np.broadcast_to([0.0, 0.0, shapes[k].nose_depth * 0.3 * DM], points.shape) for k in shapes if k}
        file.node(name, frame, points * DM, triangles, None, moved, PLACE)
    file.save(given.out)
    print(f"{given.out}: {given.out.stat().st_size / 1e6:.1f} MB, {len(body.triangles)} triangles of skin")


if __name__ == "__main__":
    main()
