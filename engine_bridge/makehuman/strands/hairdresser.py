"""The hairdresser: knows the head, and grooms it as the sliders say."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.face.head import mean_point
from engine_bridge.makehuman.strands import beards, colour, covers, skull
from engine_bridge.makehuman.strands.beards import grow_beard
from engine_bridge.makehuman.strands.brows import grow_brows
from engine_bridge.makehuman.strands.cloth import cloth_colour
from engine_bridge.makehuman.strands.facemap import face_map
from engine_bridge.makehuman.strands.groom import Groom
from engine_bridge.makehuman.strands.hair import ROOTS, cut_of, grow_hair
from engine_bridge.makehuman.strands.lashes import grow_lashes
from engine_bridge.makehuman.strands.roots import nearest, sow
from engine_bridge.makehuman.strands.scalp import known, paint, scalp_of
from engine_bridge.makehuman.strands.strand import Strands
from engine_bridge.makehuman.strands.styles import STYLES
from engine_bridge.makehuman.strands.zones import ZONES, grows

Floats = NDArray[np.float32]
SKIN = 0
SEED = 77


class Hairdresser:
    """Roots and skull of the neutral head, made once; about half a second."""

    def __init__(self, head: Any) -> None:
        self._head = head
        skin = head.triangles[head.triangle_part == SKIN]
        middle = head.fine[skin].astype(np.float64)
        middle = (middle[:, 0] + middle[:, 1] + middle[:, 2]) / 3
        free = head.fields["ear"][skin].max(axis=1) < -0.03
        _, y, z = middle.T
        scalp = free & (y > -0.75) & ((y > 0.40) | (z < -0.30) | ((y > 0.10) & (z < -0.02)))
        self._scalp = scalp_of(sow(head.fine, np.ascontiguousarray(skin[scalp]), ROOTS, SEED))
        lip = head.fields["lip"][skin].min(axis=1) < 0.02
        face = free & lip & (y < 0.15) & (y > -1.45) & (z > -0.72) & ((y < -0.42) | (z < -0.05))
        self._face = sow(head.fine, np.ascontiguousarray(skin[face]), beards.ROOTS, SEED + 1)
        corners, shares = self._face.corners, self._face.shares
        lips = head.fields["lip"][corners]
        lips = lips[:, 0] * shares[:, 0] + lips[:, 1] * shares[:, 1] + lips[:, 2] * shares[:, 2]
        self._tufts = nearest(self._face.points, beards.CLUMPS)[0]
        self._grows = [grows(k, self._face.points, lips) for k in range(len(ZONES))]
        self._bearded = [grows(k, head.cage, head.cage_fields["lip"]) for k in range(len(ZONES))]
        self._map = face_map(head.fine, np.ascontiguousarray(skin))
        self._skull = skull.build(head.cage, head.cage_triangles[head.cage_part == SKIN], head.cage_fields["ear"])
        below = head.cage_triangles[head.cage_part == SKIN]
        self._covered = np.unique(below[head.cage_fields["ear"][below].max(axis=1) < -0.005]).astype(np.int32)
        self._place = known(head.cage)

    def _cloth(self, worn: str, cage: Floats) -> list[Floats]:
        """Grids of cloth, in head space, of what is worn on the head."""
        if worn == "none":
            return []
        field = covers.envelope(cage, self._covered)
        return [covers.hijab(field), covers.wrap(field)] if worn == "hijab" else list(covers.cap(field))

    def groom(self, shaped: Any, look: colour.Look, size: int, sex: float = 0.0, age: float = 30.0) -> Groom:
        """All hair of a ``shaped`` head with a ``look`` (slider or option by name), for a picture of ``size`` px;
        ``sex`` -1 (woman) to 1 (man), ``age`` in years."""
        sets: list[Strands] = []
        radius = self._skull.radius(shaped.cage)
        style = STYLES[str(look["hair_style"])]
        worn = str(look.get("head_cover", "none"))
        if worn == "hijab":
            style = None
        cloth = self._cloth(worn, shaped.cage)
        scalp = np.zeros(len(shaped.cage), np.float32)
        if style is not None:
            sets.extend(grow_hair(style, look, self._scalp, radius, shaped.fine, shaped.normals, size))
            scalp = paint(cut_of(style, look), self._place, self._head.cage, self._head.cage_fields["ear"])
        sets.append(grow_brows(look, self._map, shaped.fine, shaped.normals, size, sex))
        left, right = self._head.eyes
        eyes = mean_point(shaped.cage, left), mean_point(shaped.cage, right)
        sets.append(grow_lashes(look, shaped.cage, eyes, self._head.lid_rims, size, sex, age))
        beard = np.zeros(len(shaped.cage), np.float32)
        name = str(look["beard_style"])
        grown = beards.STYLES[name]
        if grown is not None:
            zone = ZONES.index(name)
            hairs = grow_beard(look, self._face, self._grows[zone], self._tufts, shaped.fine, shaped.normals, size)
            sets.extend([hairs] if hairs is not None else [])
            strength = grown.cover * (0.30 + 0.38 * float(look["beard_density"]))
            beard = self._bearded[zone] * self._bearded[zone] * np.float32(strength)  # paler where hairs are few
        hides = worn == "hijab" or (style is not None and style.hides_ears)
        own, chin = colour.mean(look), beards.beard_colour(look)
        return Groom(
            sets,
            hides,
            scalp,
            beard,
            own * (0.55 - 0.20 * colour.white_share(look)),  # between white hairs it is dark, or they would not show
            chin * np.array([0.52, 0.43, 0.36]),
            shaped,
            cloth,
            cloth_colour(float(look.get("cover_colour", 0.5))),
        )
