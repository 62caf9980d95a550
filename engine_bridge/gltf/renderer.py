"""One picture of a head from a file: shape, light, paint, resolve; with the reference engine's camera and lights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine_bridge.gltf import kernels
from engine_bridge.gltf.kernels import (
    BLENDED,
    COLOUR,
    COLUMNS,
    KEY_SEEN,
    LIGHT,
    NORMAL,
    POSITION,
    RIM_SEEN,
    SKY_SEEN,
    UV,
    Surfaces,
)
from engine_bridge.gltf.model import Model, edges
from engine_bridge.gltf.scene import Floats, Ints, Material
from engine_bridge.gltf.textures import label_pool, pool
from engine_bridge.makehuman import palette
from engine_bridge.makehuman.canvas import blank
from engine_bridge.makehuman.core import mesh, paint, shadow
from engine_bridge.makehuman.core.camera import PIVOT, project
from engine_bridge.makehuman.core.pose import turning
from engine_bridge.makehuman.core.raster import SAMPLE, rasterise
from engine_bridge.makehuman.light import light_setup
from f2p.engines.protocol import Frame, View

SCATTER, ROUNDS = np.array([0.055, 0.026, 0.017]), 3  # dm that red, green and blue travel through skin
BACKDROP = ((132, 139, 147), (92, 98, 106))
STEPS = 16384
MEMORY = 48  # combinations of visible parts whose meshes are kept

Label = str | NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class _Visible:
    """The mesh of some parts: vertices of the model, and triangles in three kinds: with a front, without, cut out;
    ``scatter`` edges along which light spreads between the ``first`` (V,) vertices at each place."""

    rows: Ints
    triangles: tuple[Ints, Ints, Ints]
    joined: Ints
    part: Ints
    first: Ints
    scatter: Ints


class Drawing:
    """Draws a model.  Holds what does not depend on the character: textures, labels, meshes of what is visible.

    Args:
        model: the head.
        materials: those that its parts name by number.
        regions: of each part its region, or a picture (H, W) of regions over its texture coordinates.
        skin: for each part whether light spreads below its surface.
        exposure: factor on the light.
    """

    def __init__(
        self,
        model: Model,
        materials: Sequence[Material],
        regions: Sequence[int | NDArray[np.uint8]],
        skin: Sequence[bool],
        exposure: float = 1.0,
    ) -> None:
        self.model = model
        self._exposure = exposure
        self._curve = paint.encoding(STEPS)
        self._skin = np.array(skin)
        pictures: list[NDArray[np.uint8]] = []
        texture = np.full(len(materials), -1, np.int32)
        for m, material in enumerate(materials):
            if material.texture is not None:
                same = [k for k, picture in enumerate(pictures) if picture is material.texture]
                texture[m] = same[0] if same else len(pictures)
                if not same:
                    pictures.append(material.texture)
        painted = [r for r in regions if not isinstance(r, int)]
        number = np.cumsum([not isinstance(r, int) for r in regions]) - 1
        self._surfaces = Surfaces(
            np.stack([m.factor[:3] for m in materials]),
            texture,
            np.array([m.factor[3] for m in materials]),
            np.array([BLENDED if m.alpha == "BLEND" else m.cutoff for m in materials]),
            np.array([m.metallic for m in materials]),
            np.array([m.rough for m in materials]),
            pool(pictures),
            np.array([p.material for p in model.parts], np.int32),
            np.array([r if isinstance(r, int) else -1 for r in regions], np.int32),
            np.maximum(number, 0).astype(np.int32),
            label_pool(painted),
        )
        self._kind = np.array(
            [
                2 if m.alpha != "OPAQUE" else (1 if m.double_sided else 0)
                for m in (materials[p.material] for p in model.parts)
            ]
        )
        self._visible = lru_cache(MEMORY)(self._mesh_of)
        self._backdrops: dict[int, Floats] = {}

    def draw(
        self,
        weights: Mapping[str, float],
        shown: Sequence[bool],
        albedos: Mapping[int, NDArray[np.float64]],
        size: int,
        view: View,
    ) -> Frame:
        """A picture: ``weights`` of targets by name, ``shown`` for each part whether it is there, ``albedos`` (3,) in
        place of the factors of some materials."""
        return self.draw_deep(weights, shown, albedos, size, view)[0]

    def draw_deep(
        self,
        weights: Mapping[str, float],
        shown: Sequence[bool],
        albedos: Mapping[int, NDArray[np.float64]],
        size: int,
        view: View,
    ) -> tuple[Frame, Floats]:
        """As `draw`; besides the nearness (2 S, 2 S) of what each cell shows, see `camera.project`."""
        model, light = self.model, light_setup(view.light)
        visible = self._visible(tuple(bool(s) for s in shown))
        turn, pivot = turning(view.yaw, view.pitch, view.roll), np.array(PIVOT)
        head = model.shape(weights)
        normals = kernels.triangle_normals(head, model.triangles, model.corner, model.corners)[visible.rows]
        table = np.empty((len(visible.rows), COLUMNS), np.float32)
        points = mesh.turned(head[visible.rows], turn, pivot)
        normals = mesh.turned(normals, turn, np.zeros(3))
        table[:, POSITION : POSITION + 3], table[:, NORMAL : NORMAL + 3] = points, normals
        table[:, UV : UV + 2], table[:, COLOUR : COLOUR + 3] = model.uv[visible.rows], model.colours[visible.rows]
        lit = shadow.illuminate(points, normals, visible.joined, light.directions, light.colours, light.groups)
        spread = np.ascontiguousarray(lit[:, :3])
        shadow.diffuse(spread, points, visible.scatter, SCATTER, ROUNDS)
        table[:, LIGHT : LIGHT + 3] = spread[visible.first]
        table[:, [KEY_SEEN, SKY_SEEN, RIM_SEEN]] = lit[:, 3:6]
        surfaces = self._surfaces
        if albedos:
            own = surfaces.albedo.copy()
            for m, colour in albedos.items():
                own[m] = colour
            surfaces = surfaces._replace(albedo=own)
        canvas = blank(size)
        canvas.rgb[...] = self._behind(size)
        corners = project(points, canvas.width)
        ids = np.full(canvas.depth.shape, -1, np.int32)
        front, both, cut = visible.triangles
        rasterise(front, corners, canvas.depth, ids, 0, False, SAMPLE)
        rasterise(both, corners, canvas.depth, ids, len(front), True, SAMPLE)
        solid = len(front) + len(both)
        kernels.rasterise_cutouts(
            cut, visible.part[solid:], corners, table[:, UV : UV + 2], surfaces, canvas.depth, ids, solid
        )
        kernels.paint(ids, visible.joined, visible.part, corners, table, surfaces, light, canvas.rgb, canvas.labels)
        canvas.through[ids < 0] = 1  # there is nothing through which a part of the backdrop is seen
        fields = canvas.rgb, canvas.labels, canvas.cover, canvas.through, self._behind(size)
        return Frame(*paint.resolve(*fields, self._exposure, self._curve)), canvas.depth

    def _behind(self, size: int) -> Floats:
        if size not in self._backdrops:
            rgb = np.empty((2 * size, 2 * size, 3), np.float32)
            paint.backdrop(rgb, *(palette.linear(c) for c in BACKDROP))
            self._backdrops = {size: rgb}
        return self._backdrops[size]

    def _mesh_of(self, shown: tuple[bool, ...]) -> _Visible:
        model, there = self.model, np.array(shown)
        chosen = [np.flatnonzero(there[model.part] & (self._kind[model.part] == kind)) for kind in range(3)]
        order = np.concatenate(chosen)
        rows, joined = np.unique(model.triangles[order], return_inverse=True)
        corners: Ints = np.ascontiguousarray(joined.reshape(-1, 3), np.int32)
        splits = np.cumsum([len(c) for c in chosen])[:-1]
        part = model.part[order]
        front, both, cut = (np.ascontiguousarray(t) for t in np.split(corners, splits))
        _, leader, group = np.unique(model.corner[rows], return_index=True, return_inverse=True)
        first = leader[group.reshape(-1)].astype(np.int32)
        flesh = edges(first[corners[self._skin[part]]])
        return _Visible(rows.astype(np.int32), (front, both, cut), corners, part, first, flesh)
