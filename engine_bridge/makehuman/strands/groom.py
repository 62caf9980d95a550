"""All hair of one picture: grown, cast as a veil before the lights, and drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.camera import AIM, DISTANCE
from engine_bridge.makehuman.strands import cloth, ribbons, veil
from engine_bridge.makehuman.strands.lobes import shade
from engine_bridge.makehuman.strands.strand import BEARD, Strands

Floats = NDArray[np.float32]
SKY = np.array([0.049, 0.834, 0.550])  # where most of the ambient light comes from, in view space
KINDS = 4
CLOTH_MASS = 25.0  # optical depth of a dm of cloth in a cell of the veil
SCATTERED = 0.65  # 1 / the largest depth of hair before skin
BROW = 2  # the label
BROW_SHOWS = 0.35  # coverage from which skin is labelled brow


@dataclass
class Groom:
    """The strands of one character.

    ``sets`` of strands in head space; ``hides_ears``; ``scalp`` and ``beard`` (V,): how much of the skin's paint is
    hair-coloured below them, with their colours (3,), linear.
    """

    sets: list[Strands]
    hides_ears: bool
    scalp: Floats
    beard: Floats
    scalp_colour: NDArray[np.float64]
    beard_colour: NDArray[np.float64]
    shaped: Any
    cloth: list[Floats] = field(default_factory=list)
    cloth_colour: NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))
    _sheets: list[Floats] = field(default_factory=list)
    _view: dict[int, tuple[Floats, Floats]] = field(default_factory=dict)
    _grids: list[Floats] = field(default_factory=list)

    def _in_view(self, k: int) -> tuple[Floats, Floats]:
        if k not in self._view:
            s = self.sets[k]
            flat = self.shaped.view(s.points.reshape(-1, 3)).reshape(s.points.shape)
            self._view[k] = flat, self.shaped.turn_vectors(s.away.reshape(-1, 3)).reshape(s.away.shape)
        return self._view[k]

    def _cloth(self) -> list[Floats]:
        if not self._sheets:
            for sheet in self.cloth:
                self._sheets.append(self.shaped.view(sheet.reshape(-1, 3)).reshape(sheet.shape))
        return self._sheets

    def _cast(self, light: Any) -> None:
        if self._grids:
            return
        for direction in (np.asarray(light.key, np.float64), SKY):
            total = None
            for sheet in self._cloth():
                grid = veil.cast(sheet, np.ones(sheet.shape[:2], np.float32), CLOTH_MASS, direction, 1)
                total = grid if total is None else total + grid
            for k, s in enumerate(self.sets):
                if s.mass > 0:
                    grid = veil.cast(self._in_view(k)[0], s.alpha, s.mass, direction, _stride(s.points.shape[1]))
                    total = grid if total is None else total + grid
            if total is not None:
                self._grids.append(total)

    def shadow(self, light: Any, points: Floats) -> Floats:
        """Optical depth (2, N) of the hair from view-space points (N, 3) of skin towards the key and the sky: less than
        `_depth` where that is large, since light scatters on through hair and comes in beside it."""
        depth = self._depth(light, points)
        return np.asarray(depth / (1 + np.float32(SCATTERED) * depth))

    def _depth(self, light: Any, points: Floats) -> Floats:
        """Optical depth (2, N) of the hair from view-space points (N, 3) towards the key and the sky."""
        self._cast(light)
        if not self._grids:
            return np.zeros((2, len(points)), np.float32)
        key = np.asarray(light.key, np.float64)
        return np.stack([veil.through(g, d, points) for g, d in zip(self._grids, (key, SKY), strict=True)])

    def draw(self, canvas: Any, light: Any) -> None:
        """Blend everything into ``canvas``: its rgb and cover (W, W) of hair; brows are labelled."""
        width = canvas.width
        lights, ambient = _lights(light)
        sheets = [
            (view, own, self._depth(light, view.reshape(-1, 3)))
            for view, own in zip(self._cloth(), self.cloth, strict=True)
        ]
        cloth.draw(canvas, sheets, self.cloth_colour, lights, ambient)
        total = sum(s.alpha.size for s in self.sets)
        screen, tint = np.empty((total, 3), np.float32), np.empty((total, 3), np.float32)
        opacity, breadth, kinds = np.empty(total, np.float32), np.empty(total, np.float32), np.empty(total, np.uint8)
        at = 0
        bias = np.zeros(KINDS + 1)
        for k, s in enumerate(self.sets):
            points, away = self._in_view(k)
            if s.mass > 0:
                self._cast(light)
                pair = zip(self._grids, (np.asarray(light.key, np.float64), SKY), strict=True)
                stride = _stride(points.shape[1])
                tau = np.stack([veil.along(grid, direction, points, stride) for grid, direction in pair])
            else:  # as deep as the skin that it grows on, and a little deeper for its own sake
                tau = np.repeat(self._depth(light, points[:, 0]), points.shape[1], axis=1).reshape(2, *s.alpha.shape)
                tau += np.array(s.depth, np.float32)[:, None, None]
            lit = shade(
                points,
                away,
                *s.tints,
                tau,
                lights,
                ambient,
                np.array([AIM, DISTANCE], np.float32),
                s.rough,
                s.shine,
                s.root_dark,
                s.tilt,
            )
            ribbons.flatten(points, lit, s.alpha, s.width, s.kind, at, screen, tint, opacity, breadth, kinds, width)
            bias[s.kind] = s.bias
            at += s.alpha.size
        segments = ribbons.order(screen, opacity, kinds)
        gathered, cover = np.zeros((width, width, 4), np.float32), np.zeros((BEARD + 1, width, width), np.float32)
        ribbons.blend(segments, screen, tint, opacity, breadth, kinds, bias, canvas.depth, gathered, cover)
        ribbons.settle(canvas.rgb, gathered, canvas.depth, canvas.through)
        ribbons.mark(canvas.labels, canvas.cover, cover, BROW, BROW_SHOWS)


def _stride(steps: int) -> int:
    """Of how many points of a strand one is looked at by the veil."""
    return max(steps // 5, 2) if steps > 4 else 1


def _lights(light: Any) -> tuple[Floats, Floats]:
    """Rows for `lobes.shade`: key, fill and rims, and sky and ground."""
    pi = 3.141592653589793
    rows = [
        [*light.key, *(np.asarray(light.key_colour) * pi), 1.0, 0.0, -0.35, 0.25],
        [*light.fill, *(np.asarray(light.fill_colour) * pi), 0.0, 0.7, -0.35, 0.25],
        *([*rim, *(np.asarray(light.rim_colour) * pi), 0.0, 0.8, -0.6, 0.1] for rim in light.rims),
    ]
    return np.array(rows, np.float32), np.stack([light.sky, light.ground]).astype(np.float32)
