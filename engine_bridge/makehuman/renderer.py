"""One picture: shape, light, paint, strands, resolve."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine_bridge.makehuman import palette
from engine_bridge.makehuman.canvas import Canvas, blank, keep_memory
from engine_bridge.makehuman.core import attributes, edges, paint, shadow, visible
from engine_bridge.makehuman.core.camera import project
from engine_bridge.makehuman.core.garment import collar_of
from engine_bridge.makehuman.core.raster import SAMPLE, rasterise
from engine_bridge.makehuman.core.scene import COLUMNS, EAR, LID, LIP, MOUTH, NEUTRAL, Light
from engine_bridge.makehuman.face import features
from engine_bridge.makehuman.face.complexion import Complexion, blotches, unevenness
from engine_bridge.makehuman.face.features import face_of, skin_colour
from engine_bridge.makehuman.face.glasses import Optician
from engine_bridge.makehuman.face.head import MOUTH as LINING
from engine_bridge.makehuman.face.head import SKIN, TONGUE, Floats, Head, Ints, load_head
from engine_bridge.makehuman.face.lines import Lines
from engine_bridge.makehuman.face.shape import Shaped, shaped
from engine_bridge.makehuman.light import light_setup
from engine_bridge.makehuman.palette import Colour
from engine_bridge.makehuman.person import Person, aged, person
from engine_bridge.makehuman.strands import Groom, Hairdresser
from f2p.engines.protocol import Frame, View

EXPOSURE = 1.0
SCATTER = np.array([0.055, 0.026, 0.017])  # dm that red, green and blue travel through skin
ROUNDS = 3
RECESS = 0.06  # dm deeper than it lies is the lining of the mouth drawn: it would come through the chin under thin lips
STEPS = 16384


class Renderer:
    """Draws characters.  Holds what does not depend on them: mesh, topology, tables."""

    def __init__(self, backdrop: tuple[palette.RGB, palette.RGB] = ((172, 176, 180), (122, 128, 136))) -> None:
        keep_memory()
        self.head: Head = load_head()
        self._backdrop = tuple(palette.linear(c) for c in backdrop)
        self._curve = paint.encoding(STEPS)
        head = self.head
        self._hairdresser = Hairdresser(head)
        self._optician = Optician(head)
        self._complexion, self._lines = Complexion(head.cage, head.cage_fields), Lines(head.cage)
        self._pigment = blotches(head.fine)
        self._backdrops: dict[int, Floats] = {}
        self._no_shadow = np.ones((1, 1), np.float32)
        solid = np.isin(head.cage_part, (SKIN, 1, 2))
        ear = (head.cage_part == SKIN) & (head.cage_fields["ear"][head.cage_triangles].max(axis=1) > -0.004)
        self._blockers = {
            flag: np.ascontiguousarray(head.cage_triangles[solid & ~(ear & flag)]) for flag in (False, True)
        }
        part = head.triangle_part
        near = (np.abs(head.fields["lip"]) < 0.045) | (head.fields["lid"] < 0.09) | (head.fields["mouth"] < 0.05)
        near |= np.abs(collar_of(head.fine)) < 0.03
        fine = (part != SKIN) | near[head.triangles].any(axis=1)
        ear = (part == SKIN) & (head.fields["ear"][head.triangles].max(axis=1) > -0.004)
        self._forms = {
            flag: tuple(np.ascontiguousarray(a[~(ear & flag)]) for a in (head.triangles, part, fine))
            for flag in (False, True)
        }
        self._edges = {flag: edges.edges_of(form[0]) for flag, form in self._forms.items()}
        inner = np.unique(head.triangles[part == LINING])
        outer = np.unique(head.triangles[(part != LINING) & (part < TONGUE)])
        self._lining = np.setdiff1d(inner, outer)
        self._table = np.zeros((len(head.fine), COLUMNS), np.float32)
        self._table[:, NEUTRAL : NEUTRAL + 3] = head.fine
        for column, name in ((LIP, "lip"), (MOUTH, "mouth"), (LID, "lid"), (EAR, "ear")):
            self._table[:, column] = head.fields[name]

    def render(self, weights: Mapping[str, float], look: Mapping[str, float | str], size: int, view: View) -> Frame:
        """``weights``: morph weights by name; ``look``: appearance sliders in 0..1 and options."""
        head, who, light = self.head, person(weights, look), light_setup(view.light)
        posed = shaped(head, aged(weights, who), view)
        canvas = blank(size)
        canvas.rgb[...] = self._behind(size)
        base = skin_colour(who)
        groom = self._hairdresser.groom(posed, look, size, 2 * who.male - 1, who.years)
        cage, points = posed.view(posed.cage), posed.view(posed.fine)
        corners, ids = self._rasterise(points, canvas, groom.hides_ears)
        table = self._attributes(posed, cage, points, ids, who, light, base, weights, groom)
        worn = self._optician.fit(posed, who, groom.hides_ears)
        rims = self._no_shadow if worn is None else worn.shadow
        face = face_of(head, posed, cage, who, canvas.width, base, rims)
        form, outlines = self._forms[groom.hides_ears], self._edges[groom.hides_ears]
        paint.paint(ids, canvas.depth, *form, corners, table, face, light, canvas.rgb, canvas.labels)
        if worn is not None:
            self._optician.draw_frame(worn, who, light, canvas)
        groom.draw(canvas, light)
        edges.soften(form[0], outlines, corners, canvas.depth, canvas.rgb, canvas.through)
        if worn is not None:
            self._optician.draw_lenses(worn, posed, who, light, canvas)
        fields = canvas.rgb, canvas.labels, canvas.cover, canvas.through, self._behind(size)
        return Frame(*paint.resolve(*fields, EXPOSURE, self._curve))

    def _behind(self, size: int) -> Floats:
        if size not in self._backdrops:
            rgb = np.empty((2 * size, 2 * size, 3), np.float32)
            paint.backdrop(rgb, *self._backdrop)
            self._backdrops = {size: rgb}
        return self._backdrops[size]

    def _rasterise(self, points: Floats, canvas: Canvas, earless: bool) -> tuple[Floats, Ints]:
        """Corners (F, 3) on the picture of the fine mesh's ``points`` (F, 3), and the triangle of each cell (W, W);
        fills the canvas's depth."""
        corners: Floats = project(points, canvas.width)
        corners[self._lining, 2] = 1 / (1 / corners[self._lining, 2] + np.float32(RECESS))
        ids = np.full(canvas.depth.shape, -1, np.int32)
        rasterise(self._forms[earless][0], corners, canvas.depth, ids, 0, False, SAMPLE)
        return corners, ids

    def _attributes(
        self,
        posed: Shaped,
        cage: Floats,
        points: Floats,
        ids: Ints,
        who: Person,
        light: Light,
        base: Colour,
        weights: Mapping[str, float],
        groom: Groom,
    ) -> Floats:
        """The table (F, COLUMNS) of what the shading kernels interpolate, in the rows of what ``ids`` (W, W) shows."""
        head, table = self.head, self._table
        normals = posed.turn_vectors(posed.normals)
        count = len(cage)
        rows, limits, place = visible.shown(ids, self._forms[groom.hides_ears][0], head.links, ROUNDS)
        lit = shadow.illuminate(
            cage,
            normals[:count],
            self._blockers[groom.hides_ears],
            light.directions,
            light.colours,
            light.groups,
            shadow.AWAY,
            visible.asked(rows, head.stencils, count),
        )
        own = self._complexion.paint(base, features.shadow_colour(who, base), features.complexion_numbers(who, base))
        lines = self._lines.depths(who["skin_lines"], who.years, who.male, weights)
        shadow.tinted(own, groom.scalp, groom.scalp_colour)
        shadow.tinted(own, groom.beard, groom.beard_colour)
        fine = visible.mixed(attributes.joined(lit, own, lines, groom.scalp, groom.beard), head.stencils, rows)
        shadow.veil(fine, groom.shadow(light, points[rows]))
        light_in, hollow = visible.spread(fine, points, normals, rows, limits, place, head.links, SCATTER)
        uneven = unevenness(who.aged)
        seen = rows[: limits[0]]
        attributes.fill_seen(table, seen, points, normals, light_in, fine, hollow, self._pigment, *uneven)
        return table
