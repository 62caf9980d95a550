"""One character ready for export: its shape, its hair and the attributes of its skin, in the engine's own terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine_bridge.makehuman.core import attributes, mesh, shadow
from engine_bridge.makehuman.core.scene import COLUMNS, EAR, KEY_SEEN, LID, LIP, MOUTH, NEUTRAL, RIM_SEEN, Face
from engine_bridge.makehuman.face import features
from engine_bridge.makehuman.face.complexion import Complexion, blotches, unevenness
from engine_bridge.makehuman.face.glasses import Optician, Worn
from engine_bridge.makehuman.face.head import SKIN, Floats, Head, load_head
from engine_bridge.makehuman.face.lines import Lines
from engine_bridge.makehuman.face.shape import Shaped, shaped
from engine_bridge.makehuman.face.wrinkles import level_for, relief
from engine_bridge.makehuman.light import STUDIO
from engine_bridge.makehuman.person import Person, aged, person
from engine_bridge.makehuman.sliders import ARKIT
from engine_bridge.makehuman.strands import Groom, Hairdresser
from f2p.engines.protocol import FRONTAL

FINE = 1024  # px of the pictures whose hair is taken: the fullest
UNDER_HAIR = 0.5  # how bright the scalp is painted below hair, which shades it less than strands would
Look = Mapping[str, float | str]


@dataclass(frozen=True)
class Sitter:
    """``who``, ``look`` and ``weights`` (with what age adds, without expressions) as the engine draws them; ``shaped``
    the head at rest, ``groom`` its hair, ``resting`` (kinds of strands on the neutral head, for painting), ``worn``
    glasses or None, ``table`` (F, COLUMNS) of what the shaders read, ``face`` its constants at a texel of ``cell`` dm,
    ``units`` the weights of the expression."""

    who: Person
    look: Look
    weights: dict[str, float]
    units: dict[str, float]
    shaped: Shaped
    groom: Groom
    resting: Groom
    worn: Worn | None
    table: Floats
    face: Face


class Atelier:
    """Holds what does not depend on a character; about a second to make."""

    def __init__(self) -> None:
        self.head: Head = load_head()
        head = self.head
        self.hairdresser = Hairdresser(head)
        self.optician = Optician(head)
        self._complexion, self._lines = Complexion(head.cage, head.cage_fields), Lines(head.cage)
        self._pigment = blotches(head.fine)
        self._blockers = np.ascontiguousarray(head.cage_triangles[np.isin(head.cage_part, (SKIN, 1, 2))])

    def seat(self, weights: Mapping[str, float], look: Look, cell: float) -> Sitter:
        """The character of morph weights and look, for texels of ``cell`` dm."""
        head, who = self.head, person(weights, look)
        units = {u: float(weights.get(u, 0.0)) for u in ARKIT}
        still = {name: w for name, w in aged(weights, who).items() if name not in units}
        rest = shaped(head, still, FRONTAL)
        sex = 2 * who.male - 1
        groom = self.hairdresser.groom(rest, look, FINE, sex, who.years)
        neutral = Shaped(head.cage, head.fine, mesh.normals(head.fine, head.fine_quads), rest.turn)
        bare = self.hairdresser.groom(
            neutral, {**look, "hair_style": "bald", "head_cover": "none"}, FINE, sex, who.years
        )
        base = features.skin_colour(who)
        face = features.face_of(head, rest, rest.cage, who, 512, base, np.ones((1, 1), np.float32))
        face = face._replace(cell=cell, relief=relief(level_for(cell)))
        table = self._attributes(rest, who, still, groom)
        return Sitter(
            who, look, still, units, rest, groom, bare, self.optician.fit(rest, who, groom.hides_ears), table, face
        )

    def _attributes(self, rest: Shaped, who: Person, weights: Mapping[str, float], groom: Groom) -> Floats:
        """The table (F, COLUMNS) as `renderer.Renderer` makes it, with the sky's share of light instead of light."""
        head, light = self.head, STUDIO
        table = np.zeros((len(head.fine), COLUMNS), np.float32)
        table[:, NEUTRAL : NEUTRAL + 3] = head.fine
        for column, name in ((LIP, "lip"), (MOUTH, "mouth"), (LID, "lid"), (EAR, "ear")):
            table[:, column] = head.fields[name]
        hollow = mesh.hollows(rest.fine, rest.normals, head.fine_edges)
        seen = shadow.illuminate(
            rest.cage,
            rest.normals[: len(rest.cage)],
            self._blockers,
            light.directions,
            light.colours,
            light.groups,
            -2.0,
        )
        base = features.skin_colour(who)
        own = self._complexion.paint(base, features.shadow_colour(who, base), features.complexion_numbers(who, base))
        lines = self._lines.depths(who["skin_lines"], who.years, who.male, weights)
        shadow.tinted(own, groom.scalp, groom.scalp_colour * UNDER_HAIR)
        shadow.tinted(own, groom.beard, groom.beard_colour)
        fine = head.subdivide(attributes.joined(seen, own, lines, groom.scalp, groom.beard))
        shadow.veil(fine, groom.shadow(light, rest.fine))
        dark = np.zeros_like(rest.fine)
        attributes.fill(table, rest.fine, rest.normals, dark, fine, hollow, self._pigment, *unevenness(who.aged))
        table[:, [KEY_SEEN, RIM_SEEN]] = 0
        return table
