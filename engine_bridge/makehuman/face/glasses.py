"""Glasses: frames fitted to the shaped head (lengths in dm)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman import palette
from engine_bridge.makehuman.canvas import Canvas
from engine_bridge.makehuman.core.camera import project
from engine_bridge.makehuman.core.raster import SAMPLE, rasterise
from engine_bridge.makehuman.core.scene import Light
from engine_bridge.makehuman.core.spectacles import (
    ROUND,
    SIDES,
    TILT,
    WRAP,
    band,
    outline,
    paint_frame,
    paint_lenses,
    shadow_map,
)
from engine_bridge.makehuman.face.head import SKIN, Floats, Head, Ints, mean_point
from engine_bridge.makehuman.face.shape import Shaped
from engine_bridge.makehuman.person import Person

ALONG, BRIDGE = 12, 8  # points along an arm and the bridge
SAMPLES, FINE = 3, 512  # samples a side of a cell of the frame, in pictures of at most so many cells a side
CENTRE = (0.330, -0.030)  # of a lens, in the mean face
# Black, tortoise, burgundy, blue-grey, gold, silver.
COLOURS: list[palette.RGB] = [
    (22, 21, 22),
    (112, 66, 34),
    (104, 26, 34),
    (70, 86, 106),
    (188, 148, 78),
    (186, 190, 196),
]
GREY = np.array([0.10, 0.09, 0.08])  # the colour of tinted lenses


@dataclass(frozen=True)
class Style:
    """``half`` width and height of a lens; ``power`` of its superellipse (2 is round); ``drop`` how much wider it is at
    the top than below; ``lift`` how far its outer upper corner is drawn up; ``top`` and ``bottom`` the widths of the
    rim and ``depth`` its depth; ``arm`` the height of an arm, ``bridge`` of the bridge; ``metal`` frames shine."""

    half: tuple[float, float]
    power: float
    drop: float
    top: float
    bottom: float
    arm: float
    bridge: float
    metal: bool = False
    lift: float = 0.0
    depth: float = 0.026

    @property
    def numbers(self) -> NDArray[np.float64]:
        return np.array([*self.half, self.power, self.drop, self.lift, self.top, self.bottom, self.depth])


STYLES: dict[str, Style | None] = {
    "none": None,
    "round_wire": Style((0.205, 0.198), 2.0, 0.00, 0.017, 0.017, 0.022, 0.018, True),
    "rectangular": Style((0.252, 0.150), 4.5, 0.03, 0.026, 0.022, 0.040, 0.026),
    "horn_rimmed": Style((0.246, 0.185), 3.4, 0.08, 0.058, 0.042, 0.062, 0.052, depth=0.036),
    "browline": Style((0.238, 0.182), 2.8, 0.08, 0.058, 0.014, 0.048, 0.022),
    "aviator": Style((0.268, 0.212), 2.5, 0.22, 0.018, 0.016, 0.022, 0.018, True),
    "thick_round": Style((0.222, 0.212), 2.1, 0.02, 0.050, 0.046, 0.056, 0.048, depth=0.036),
    "thick_square": Style((0.262, 0.192), 5.0, 0.05, 0.062, 0.054, 0.074, 0.056, depth=0.040),
    "cat_eye": Style((0.240, 0.168), 2.6, 0.10, 0.046, 0.026, 0.044, 0.034, lift=0.075, depth=0.030),
    "rimless": Style((0.232, 0.158), 3.2, 0.04, 0.006, 0.006, 0.020, 0.016, True, depth=0.010),
}


@dataclass(frozen=True)
class Worn:
    """Fitted glasses in view space: the frame's ``points`` and ``normals`` (V, 3), the lenses' corners ``lenses``
    (2 (ROUND + 1), 3), and ``shadow`` (MAP, MAP), see `spectacles.shadow_map`."""

    style: Style
    points: Floats
    normals: Floats
    lenses: Floats
    shadow: Floats


def _bands() -> Ints:
    parts, first = [], 0
    for count, closed in ((ROUND, True), (ROUND, True), (ALONG, False), (ALONG, False), (BRIDGE, False)):
        i, j = np.meshgrid(np.arange(count if closed else count - 1), np.arange(SIDES), indexing="ij")
        n, m = (i + 1) % count, (j + 1) % SIDES
        quads = np.stack([i * SIDES + j, n * SIDES + j, n * SIDES + m, i * SIDES + m], axis=-1).reshape(-1, 4)
        parts.append(first + quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3))
        first += count * SIDES
    return np.ascontiguousarray(np.concatenate(parts), np.int32)


def _fans() -> Ints:
    k = np.arange(ROUND)
    fan = np.stack([np.full(ROUND, ROUND), k, (k + 1) % ROUND], axis=1)
    return np.ascontiguousarray(np.concatenate([fan, fan + ROUND + 1]), np.int32)


def _unit(v: NDArray[np.float64]) -> NDArray[np.float64]:
    return v / np.maximum(np.sqrt(v[:, :1] * v[:, :1] + v[:, 1:2] * v[:, 1:2] + v[:, 2:] * v[:, 2:]), 1e-9)


def _across(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    x = a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1]
    y = a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2]
    return _unit(np.stack([x, y, a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]], axis=1))


def _soft(t: NDArray[np.float64]) -> NDArray[np.float64]:
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


class Optician:
    """Places glasses on a shaped head: before the skin round the eyes, on the bridge of the nose, over the ears."""

    def __init__(self, head: Head) -> None:
        v = head.cage
        skin = np.zeros(len(v), bool)
        skin[head.cage_triangles[head.cage_part == SKIN]] = True
        bare = skin & (head.cage_fields["ear"] < -0.01)
        x, y, z = np.abs(v[:, 0]), v[:, 1], v[:, 2]
        self._front = np.flatnonzero(skin & (x < 0.72) & (y > -0.42) & (y < 0.36) & (z > -0.15))
        self._ridge = np.flatnonzero(skin & (x < 0.06) & (y > -0.10) & (y < 0.14) & (z > 0.1))
        self._temples = [
            np.flatnonzero(bare & (np.abs(y - 0.03) < 0.16) & (np.abs(z - d) < 0.09) & (x > 0.3))
            for d in np.linspace(0.05, -0.66, ALONG - 2)
        ]
        ear = np.flatnonzero(head.cage_fields["ear"] > -0.02)
        self._ear_top = ear[(y[ear] > -0.06) & (z[ear] > -0.68)]
        self._wide = float(np.abs(v[self._temples[0], 0]).max())
        self._eyes = head.eyes
        self.triangles, self.fans = _bands(), _fans()

    def fit(self, shaped: Shaped, person: Person, tucked: bool) -> Worn | None:
        """The glasses of a person on a shaped head; None for none.  ``tucked``: the arms run under hair that covers the
        ears."""
        style = STYLES[str(person.look["glasses"])]
        if style is None:
            return None
        raw = shaped.cage.astype(np.float64)
        width = float(np.abs(raw[self._temples[0], 0]).max(initial=0.3)) / self._wide
        size = (0.95 + 0.20 * (person["glasses_size"] - 0.5)) * (0.5 + 0.5 * width)  # in part as wide as the face
        apart = float(mean_point(shaped.cage, self._eyes[0])[0] - mean_point(shaped.cage, self._eyes[1])[0]) / 2
        edge = outline(style.numbers, size)
        u, v, thick = edge.T
        cx = max(CENTRE[0] + 0.7 * (apart - 0.289), style.half[0] * size + 0.07)
        cy = CENTRE[1] - (0.03 if style.drop > 0.1 else 0.0)
        front = self._plane_of(raw, style, size, cx, cy) + style.depth / 2 + 0.009

        def plane(px: NDArray[np.float64], py: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.stack([px, py, front - WRAP * px * px + TILT * (py - cy)], axis=-1)

        paths = []
        lenses = []
        ahead = np.tile(np.array([[0.0, -TILT, 1.0]]), (ROUND, 1))
        for side in (1, -1):
            path = plane(side * (cx + u), cy + v)
            along = np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0)
            paths.append((path, _across(along, ahead), ahead, thick, style.depth))
            lenses += [path, plane(np.array([side * cx]), np.array([cy]))]
        paths += self._arms(raw, style, size, edge, (cx, cy, front), tucked)
        paths.append(self._bridge(raw, style, size, (cx, cy), plane))
        points, normals = (np.empty((SIDES * sum(len(p[0]) for p in paths), 3), np.float32) for _ in range(2))
        at = 0
        for path, up, out, height, depth in paths:
            run = slice(at, at + SIDES * len(path))
            band(path, up, out, height, depth, points[run], normals[run])
            at = run.stop
        return Worn(
            style,
            shaped.view(points),
            shaped.turn_vectors(normals),
            shaped.view(np.concatenate(lenses).astype(np.float32)),
            shadow_map(style.numbers, size, np.array([CENTRE[0], cy])),
        )

    def _plane_of(self, raw: NDArray[np.float64], style: Style, size: float, cx: float, cy: float) -> float:
        """How far ahead (z) the front must lie so that no skin comes through the lenses."""
        x, y, z = raw[self._front].T
        du, dv = (np.abs(x) - cx) / (style.half[0] * size), (y - cy) / (style.half[1] * size)
        # What lies beside a lens counts less the further it is, so that the front moves steadily with the sliders.
        beside = 0.25 * np.maximum(du * du + dv * dv - 1.3, 0) + 4.0 * np.maximum(0.10 - np.abs(x), 0)
        return float((z + WRAP * x * x - TILT * (y - cy) - beside).max(initial=0.16))

    def _arms(  # type: ignore[no-untyped-def]
        self, raw, style: Style, size: float, edge, where: tuple[float, float, float], tucked: bool
    ):
        """Arms from the rim's outer upper edge past the temples to where the ear meets the head."""
        cx, cy, front = where
        hinge = ROUND // 14
        ear_y = float(raw[self._ear_top, 1].max()) if len(self._ear_top) else 0.03
        rim_x, hinge_y = cx + float(edge[hinge, 0]), cy + float(edge[hinge, 1])
        hinge_z = front - WRAP * rim_x * rim_x - 0.005
        t = np.linspace(0, 1, ALONG)
        out = []
        for side in (1, -1):
            depth = np.concatenate([[hinge_z, hinge_z - 0.035], np.linspace(0.05, -0.66, ALONG - 2)])
            depth = np.minimum(depth, hinge_z - 0.06 * np.arange(ALONG) / 2)
            skull = np.array([(side * raw[i, 0]).max(initial=0.3) for i in self._temples])
            if tucked:
                skull = skull + 0.018 - 0.12 * _soft((-0.05 - depth[2:]) / 0.20)
                reach = np.concatenate([[rim_x, rim_x + 0.035], skull])
            else:
                reach = np.concatenate([[rim_x, rim_x + 0.035], np.maximum(skull + 0.028, rim_x + 0.03)])
                reach[1:] = np.maximum(reach[1:], np.minimum(np.maximum.accumulate(reach[1:]), reach[1:] + 0.05))
            path = np.stack([side * reach, hinge_y + (ear_y - hinge_y) * t, depth], axis=1)
            along = np.diff(path, axis=0, append=2 * path[-1:] - path[-2:-1])
            up = np.tile(np.array([[0.0, 1.0, 0.0]]), (ALONG, 1))
            out.append((path, up, _across(up, along) * -side, np.full(ALONG, style.arm * size), 0.022))
        return out

    def _bridge(self, raw, style: Style, size: float, where: tuple[float, float], plane):  # type: ignore[no-untyped-def]
        """The bridge rests over the ridge of the nose."""
        cx, cy = where
        s = np.linspace(-1, 1, BRIDGE)
        path = plane((cx - style.half[0] * size * 0.97) * s, cy + (0.30 + 0.16 * (1 - s * s)) * style.half[1] * size)
        nose = float(raw[self._ridge, 2].max(initial=0.2))
        path[:, 2] = np.maximum(path[:, 2], nose + 0.018 - 0.6 * np.abs(path[:, 0]))
        up, out = (np.tile(np.array([row]), (BRIDGE, 1)) for row in ([0.0, 1.0, 0.0], [0.0, -TILT, 1.0]))
        return path, up, out, np.full(BRIDGE, style.bridge * size), 0.024

    def draw_frame(self, worn: Worn, person: Person, light: Light, canvas: Canvas) -> None:
        """Draw the frame into ``canvas`` and its depth."""
        many = SAMPLES if canvas.width <= FINE else 1
        corners = project(worn.points, many * canvas.width)
        near = np.zeros((many * canvas.width, many * canvas.width), np.float32)
        ids = np.full(near.shape, -1, np.int32)
        rasterise(self.triangles, corners, near, ids, 0, True, SAMPLE)
        t = person["glasses_colour"]
        colour = palette.along([palette.linear(c) for c in COLOURS], t)
        spots = max(1 - abs(t - 0.2) / 0.14, 0.0)
        metal = max(0.9 * worn.style.metal, min(max((t - 0.62) / 0.15, 0.0), 1.0) * 0.9)
        paint_frame(
            ids,
            near,
            self.triangles,
            corners,
            worn.points,
            worn.normals,
            colour,
            spots,
            metal,
            light,
            canvas.rgb,
            canvas.depth,
            canvas.labels,
        )

    def draw_lenses(self, worn: Worn, shaped: Shaped, person: Person, light: Light, canvas: Canvas) -> None:
        """Lay the lenses over the picture."""
        edge = outline(worn.style.numbers, 1.0)
        places = np.zeros((2 * (ROUND + 1), 2))
        for k, side in enumerate((1, -1)):
            rows = slice(k * (ROUND + 1), k * (ROUND + 1) + ROUND)
            places[rows, 0] = side * edge[:, 0] / worn.style.half[0]
            places[rows, 1] = edge[:, 1] / worn.style.half[1]
        tint = person["lens_tint"]
        paint_lenses(
            self.fans,
            project(worn.lenses, canvas.width),
            places,
            worn.lenses,
            canvas.depth,
            shaped.turn,
            light,
            0.92 * tint,
            GREY,
            canvas.rgb,
        )
