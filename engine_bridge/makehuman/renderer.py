"""One picture: shape the head, lay the hair on it, find what each pixel shows, and paint that."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine_bridge.makehuman import glasses, hair, inside, skin
from engine_bridge.makehuman.arrays import Bytes, Flags, Floats
from engine_bridge.makehuman.head import (
    LEFT_EYE,
    LOWER_TEETH,
    MOUTH,
    RIGHT_EYE,
    SKIN,
    TONGUE,
    UPPER_TEETH,
    Head,
    load_head,
)
from engine_bridge.makehuman.light import Light, light_setup
from engine_bridge.makehuman.paint import encode, linear, ramp
from engine_bridge.makehuman.raster import PICTURE, Rasteriser, project
from engine_bridge.makehuman.surface import Sheet, Surface, visible
from f2p.engines.protocol import Frame, View
from f2p.regions import index

BACKDROP = (128, 138, 150)  # sRGB
PIVOT = np.array([0.0, -0.35, -0.70], np.float32)  # the head turns about the top of the neck
SEAM = -0.67  # height (dm) at which the lips of the mean head meet
RECESS = 0.06  # dm deeper than it lies is the lining of the mouth drawn: it would come through the chin under thin lips
SUPERSAMPLING = 2  # samples a side; the folding of pictures and labels below counts on 2


def rotation(view: View) -> Floats:
    """Matrix (3, 3) for row vectors: yaw turns to the viewer's right, pitch up, roll clockwise (degrees)."""
    y, p, r = np.radians([view.yaw, -view.pitch, -view.roll])
    yaw = np.array([[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]])
    pitch = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    roll = np.array([[np.cos(r), np.sin(r), 0], [-np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return (pitch @ yaw @ roll).astype(np.float32)


class Renderer:
    """Draws the reference engine's characters.  One per process (see `Rasteriser`)."""

    def __init__(self) -> None:
        self.backdrop = BACKDROP
        self.head = head = load_head()
        self._raster = Rasteriser()
        bare = ~((head.part == SKIN) & (head.fields["ear"][head.triangles].max(axis=1) > -0.004))
        detailed = _detailed(head)
        everything = np.ones(len(head.triangles), bool)
        self._forms = {
            name: (head.triangles[kept], head.part[kept], detailed[kept])
            for name, kept in (("head", everything), ("earless", bare))
        }
        self._first = {name: self._raster.add(name, len(form[0])) for name, form in self._forms.items()}
        self._first["hair"] = self._raster.add("hair", hair.TRIANGLES)
        self._first["glasses"] = self._raster.add("glasses", glasses.TRIANGLES)
        self._fitter = glasses.Fitter(head)
        self._wig = hair.Wig(head)
        self._neutral = np.concatenate([head.vertices, np.stack(list(head.fields.values()), axis=1)], axis=1)
        x, y, z = head.vertices.T
        rim = np.flatnonzero((head.fields["mouth"] < 1e-3) & (np.abs(x) < 0.03) & (np.abs(y - SEAM) < 0.05) & (z > 0.2))
        lining = head.triangles[head.part == MOUTH]
        self._recess = np.zeros(len(head.vertices), np.float32)
        self._recess[np.setdiff1d(lining, head.triangles[head.part != MOUTH])] = RECESS
        self._lips = rim[np.argmax(head.vertices[rim, 1])], rim[np.argmin(head.vertices[rim, 1])]

    def render(self, weights: Mapping[str, float], look: Mapping[str, float | str], size: int, view: View) -> Frame:
        """``weights``: morph weights by name; ``look``: appearance sliders in 0..1 and options."""
        weights = dict(weights)
        # Alone it tears the mouth.
        weights["mouthClose"] = min(weights.get("mouthClose", 0.0), weights.get("jawOpen", 0.0))
        look = dict(look)
        light = light_setup(view.light)
        raw = self.head.shape(weights)
        turn = rotation(view)
        points = (raw - PIVOT) @ turn + PIVOT
        style = hair.STYLES[str(look["hair_style"])]
        name = "earless" if style is not None and style.hides_ears else "head"
        side = size * SUPERSAMPLING
        triangles, part, detailed = self._forms[name]
        flat, away = project(points)
        self._raster.place(name, flat, away + self._recess, triangles)
        sheet = Sheet(self._first[name], triangles, flat, away, part + 1, detailed)
        canvas = np.tile(linear(self.backdrop), (side * side, 1))
        labels = np.zeros(side * side, np.uint8)
        worn = self._fitter.fit(raw, look, name == "earless")
        solid = (name,) if worn is None else (name, "glasses")
        frame = None if worn is None else self._place_glasses(worn, turn)
        ids = self._raster.draw(solid, side)
        surface = visible(ids, sheet)
        own = hair.colour(look)
        self._paint_head(surface, part, raw, points, look, own, light, canvas, labels)
        if worn is not None and frame is not None:
            self._paint_glasses(worn, frame, visible(ids, frame), turn, look, light, canvas, labels)
        laid = self._wig.lay(look, raw, turn, PIVOT)
        if laid is not None:
            self._paint_hair(solid, laid, look, own, light, size, canvas, labels)
        fine = canvas.reshape(side, side, 3)
        picture = (fine[::2, ::2] + fine[::2, 1::2] + fine[1::2, ::2] + fine[1::2, 1::2]) * np.float32(0.25)
        return Frame(encode(picture), _vote(labels.reshape(side, side)))

    def _paint_head(
        self,
        surface: Surface,
        parts: Bytes,
        raw: Floats,
        points: Floats,
        look: dict[str, float | str],
        own: Floats,
        light: Light,
        canvas: Floats,
        labels: Bytes,
    ) -> None:
        normals = self.head.normals(points)
        cavity = self.head.cavity(points, normals)
        known = np.concatenate([self._neutral, cavity[:, None], normals], axis=1)
        part = parts[surface.triangle]
        openness = float(ramp(np.array([self._gap(raw) - self._gap(self.head.vertices)], np.float32), 0.01, 0.06)[0])

        def part_of(*which: int) -> tuple[Surface, Floats, dict[str, Floats], Floats]:
            wanted = np.zeros(TONGUE + 1, bool)
            wanted[list(which)] = True
            chosen = surface.pick(wanted[part])
            mixed = chosen.at(known)
            n = mixed[:, -3:]
            # What is seen faces the viewer, even in a fold whose normals went astray.
            n[:, 2] = np.maximum(n[:, 2], 0.30)
            fields = np.ascontiguousarray(mixed[:, 3:-3].T)
            return (
                chosen,
                np.ascontiguousarray(mixed[:, :3]),
                dict(zip((*self.head.fields, "cavity"), fields, strict=True)),
                _unit(n),
            )

        face, p, fields, n = part_of(SKIN)
        covered, lit = hair.on_skin(p, look)
        colour, brow = skin.shade(p, n, fields, look, own, covered, light, PICTURE / surface.width)
        face.put(canvas, colour * lit[:, None])
        region = skin.labels(p, fields, brow)
        region[covered > 0.5] = index("hair")
        face.put(labels, region)
        for which, vertices in zip((LEFT_EYE, RIGHT_EYE), self.head.eyes, strict=True):
            eye, p, _, n = part_of(which)
            if len(eye):
                local = p - self.head.vertices[vertices].mean(axis=0)
                eye.put(canvas, inside.shade_eye(local, n, ramp(p[:, 1], -0.05, 0.035), look, light))
                eye.put(labels, index("eyes"))
        mouth, p, _, n = part_of(MOUTH, UPPER_TEETH, LOWER_TEETH, TONGUE)
        if len(mouth):
            kind = parts[mouth.triangle]
            teeth = np.isin(kind, (UPPER_TEETH, LOWER_TEETH))
            out = ramp(mouth.at(raw[:, 2]), 0.22, 0.30)  # a tongue that is put out lies in the light
            dark = inside.SHUT + (1 - inside.SHUT) * np.maximum(openness, out)[:, None]
            mouth.put(canvas, inside.shade_mouth(teeth, kind == TONGUE, p, n, light) * dark)
            mouth.put(labels, np.where(teeth, index("teeth"), index("inner_mouth")).astype(np.uint8))

    def _place_glasses(self, worn: glasses.Worn, turn: Floats) -> Sheet:
        flat, away = project((worn.points - PIVOT) @ turn + PIVOT)
        self._raster.place("glasses", flat, away, worn.triangles)
        kind = np.ones(len(worn.triangles), np.uint8)
        return Sheet(self._first["glasses"], worn.triangles, flat, away, kind, kind > 0)

    def _paint_glasses(
        self,
        worn: glasses.Worn,
        frame: Sheet,
        surface: Surface,
        turn: Floats,
        look: dict[str, float | str],
        light: Light,
        canvas: Floats,
        labels: Bytes,
    ) -> None:
        mixed = surface.at(np.concatenate([worn.points, worn.normals @ turn], axis=1))
        surface.put(canvas, glasses.shade(mixed[:, :3], _unit(mixed[:, 3:]), worn.style, look, light))
        surface.put(labels, index("glasses"))
        behind = (labels != index("glasses")) & (labels != index("background")) & (labels != index("nose"))
        lenses, _ = project((worn.lenses.reshape(-1, 3) - PIVOT) @ turn + PIVOT)
        glasses.glaze(canvas, behind.reshape(surface.width, surface.width), lenses.reshape(2, -1, 2))

    def _paint_hair(
        self,
        solid: tuple[str, ...],
        laid: hair.Laid,
        look: dict[str, float | str],
        own: Floats,
        light: Light,
        size: int,
        canvas: Floats,
        labels: Bytes,
    ) -> None:
        flat, away = project(laid.points)
        self._raster.place("hair", flat, away, laid.triangles)
        kind = laid.strip + 1
        sheet = Sheet(self._first["hair"], laid.triangles, flat, away, kind, kind < 1)
        surface = visible(self._raster.draw(("hair",), size * SUPERSAMPLING, onto=True), sheet)
        if len(surface):
            colour, opacity = hair.paint(surface.at(laid.known), look, own, light, size)
            surface.blend(canvas, colour, opacity)
            surface.pick(opacity > 0.5).put(labels, index("hair"))

    def _gap(self, points: Floats) -> float:
        """Height (dm) of the opening between the lips' inner rims."""
        upper, lower = self._lips
        return float(points[upper, 1] - points[lower, 1])

    def close(self) -> None:
        self._raster.close()


def _detailed(head: Head) -> Flags:
    """The triangles (T,) whose paint is finer than a pixel: round the eyes, on the brows and the lips' border."""
    x, y, z = head.vertices.T
    brows = (np.abs(x - np.sign(x) * 0.33) < 0.30) & (y > 0.03) & (y < 0.40) & (z > -0.1)
    lips = (np.abs(head.fields["lip"]) < 0.04) & (head.fields["mouth"] < 0.2)
    near = brows | lips | (head.fields["lid"] < 0.06)
    return np.asarray((near[head.triangles].all(axis=1) & (head.part == SKIN)) | (head.part != SKIN))


def _unit(v: Floats) -> Floats:
    return v / np.maximum(np.sqrt(np.einsum("ij,ij->i", v, v)), 1e-6)[:, None]


def _vote(labels: Bytes) -> Bytes:
    """The region that most of the four samples of a pixel show; the first one in a tie."""
    a, b, c, d = labels[::2, ::2], labels[::2, 1::2], labels[1::2, ::2], labels[1::2, 1::2]
    first = np.where((b == c) | (b == d), b, np.where(c == d, c, a))
    return np.where((a == b) | (a == c) | (a == d), a, first)
