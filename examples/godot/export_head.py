"""Export the CC0 MakeHuman head as a glTF file with morph targets: `python export_head.py head.glb skin_labels.png`.

Stands in for the head that an artist exports from a modelling program: a mesh "Head" with painted skin, eyes, mouth and
teeth, lashes, and nodes of hair, brows and beards to choose from, all of hair cards; shapes and expressions are morph
targets. Godot 3 skips negative weights, so each shape has a second target, NAME-, for its other direction.
skin_labels.png is the skin's texture once more, in the colours of the regions (f2p.regions.PALETTE): what makes label
maps. Colours are white or grey: the project tints them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from PIL import Image
from scipy.spatial import cKDTree

from engine_bridge.makehuman.core.camera import project
from engine_bridge.makehuman.engine import MakeHumanEngine
from engine_bridge.makehuman.export.cards import CUT, Budget, Cards, cards
from engine_bridge.makehuman.export.character import holders
from engine_bridge.makehuman.export.glb import Glb
from engine_bridge.makehuman.export.images import CELL, _map, images, png
from engine_bridge.makehuman.export.lashes import lash_points, lash_strip, shell, shell_points
from engine_bridge.makehuman.export.morphs import Follower, Moved, Targets, bound
from engine_bridge.makehuman.export.sitter import Atelier, Sitter
from engine_bridge.makehuman.export.surface import EYE_REACH, patches
from engine_bridge.makehuman.face import head as mh
from engine_bridge.makehuman.person import aged, person
from engine_bridge.makehuman.sliders import MACROS, MORPHS
from engine_bridge.makehuman.strands.strand import BEARD, BROWS, HAIR, Strands
from f2p.engines.protocol import FRONTAL
from f2p.regions import PALETTE, index
from f2p.schema import load_schema

EXPRESSIONS = ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "eyeBlinkLeft", "eyeBlinkRight", "browInnerUp")
TEXTURE = 1024
LEAST = 2.5e-3  # dm: smaller movements of a vertex are left out
IRIS, PUPIL = 0.50, 0.20  # radians from the gaze
HAIR_CARDS, CURLS = Budget(4000, 7, 0.11, 2.2), Budget(5000, 9, 0.08, 2.2)
BROW_CARDS, BEARD_CARDS = Budget(1200, 3, 0.024, 2.0), Budget(2400, 3, 0.02, 1.3)
SCALP, OFF = " scalp", 0.015  # dm that it lies above the skin
CURLY = ("curly", "long_wavy", "long_curly", "afro")
MOVE_HAIR = ("body", "face_shape", "forehead")
"""Groups of sliders that hair follows; brows and beards follow all."""

Floats = np.ndarray


def main(glb_path: Path, labels_path: Path) -> None:
    schema = load_schema(Path(__file__).with_name("schema.yaml"))
    atelier = Atelier()
    head, parts = atelier.head, patches(False)
    known = {m.name: m.group for m in (*MACROS, *MORPHS)}
    shapes = [p.name for p in schema.continuous if p.name in known]
    both = {p.name for p in schema.continuous if p.low < 0}
    pale = {"hair_style": "bald", "skin_tone": 0.0, "skin_lines": 0.05, "moles": 0.0}
    plain = MakeHumanEngine().schema.complete(pale)
    look: dict[str, float | str] = plain | {"hair_grey": 1.0, "hair_darkness": 0.0, "brow_darkness": 0.0}

    def seated(**more: float | str) -> Sitter:
        return atelier.seat({}, look | more, CELL * 1024 / TEXTURE)

    bare = seated()
    bare = replace(bare, resting=SimpleNamespace(sets=[]))  # no brows on the skin: they are nodes
    painted = images(bare, head, TEXTURE)
    Image.fromarray(PALETTE[skin_labels(atelier)]).save(labels_path)

    worn, scalps = {}, {}
    for name, made, share in worn_cards(schema, seated):
        worn[name] = made
        scalp = None if share is None else scalp_below(head, share)
        if scalp is not None:
            scalps[name + SCALP] = scalp
    fine = bare.shaped.fine
    followers: dict[str, Follower] = {
        "lashes": lambda cage, fine, normals: lash_points(bare, head, cage),
        "eye_shade": lambda cage, fine, normals: shell_points(head, cage),
    }
    followers |= {name: bound(made.points, fine, holders(head, made.roots, fine)) for name, made in worn.items()}
    followers |= {name: scalp.points for name, scalp in scalps.items()}
    targets = Targets(head, {}, parts, followers, LEAST)

    glb = Glb("f2p, examples/godot")
    picture = glb.texture(painted.colour, "jpeg", "skin")
    skin, mouth, teeth, tongue = (material(glb, name, picture) for name in ("skin", "inner_mouth", "teeth", "tongue"))
    primitives = {
        name: primitive(glb, targets.fine[p.at], targets.normals[p.at], p.uv, p.triangles, look)
        for name, look in (("skin", skin), ("mouth", mouth), ("teeth", teeth), ("tongue", tongue))
        for p in (parts[name],)
    }
    eyes = parts["eyes"]
    for name, triangles in rings(eyes).items():
        primitives[name] = primitive(
            glb, targets.fine[eyes.at], targets.normals[eyes.at], eyes.uv, triangles, material(glb, name)
        )
    ahead = np.array([0.0, 0.0, 1.0], np.float32)
    strips = {
        name: primitive(
            glb,
            points := targets.still[name],
            np.tile(ahead, (len(points), 1)),
            strip.uv,
            strip.triangles,
            material(glb, name, glb.texture(strip.picture, "png", name), alphaMode="BLEND", doubleSided=True),
        )
        for name, strip in (("lashes", lash_strip(bare)), ("eye_shade", shell(head, targets.cage)))
    }
    hairs = {
        name: primitive(
            glb,
            made.points,
            made.normals,
            made.uv,
            made.triangles,
            material(
                glb,
                name.partition("_")[0],
                glb.texture(made.picture, "png", name),
                alphaMode="MASK",
                alphaCutoff=CUT,
                doubleSided=True,
            ),
        )
        for name, made in worn.items()
    }
    below = material(
        glb, "hair", glb.texture(scalp_picture(), "png", "scalp"), alphaMode="MASK", alphaCutoff=0.5, doubleSided=True
    )
    for name, scalp in scalps.items():
        points, normals = targets.still[name], targets.normals[scalp.at]
        hairs[name] = primitive(glb, points, normals, scalp.uv, scalp.triangles, below)
    names: dict[str, list[str]] = {name: [] for name in ("Head", "Lashes", *worn)}
    for target, steps in directions(shapes, both):
        found = targets.of(steps)
        found |= dict.fromkeys(("iris", "pupil"), found["eyes"])
        for mesh, entries in (("Head", primitives), ("Lashes", strips)):
            for name, entry in entries.items():
                add_target(glb, entry, found[name], turning=mesh == "Head")
            names[mesh].append(target)
        for name, entry in hairs.items():
            group = known.get(target.rstrip("-"), "expression")
            if group in MOVE_HAIR or not name.startswith("hair"):
                add_target(glb, entry, found[name], turning=False)
                if name in names:
                    names[name].append(target)
    entries = {"Head": list(primitives.values()), "Lashes": list(strips.values())}
    entries |= {name: [hairs[part] for part in (name, name + SCALP) if part in hairs] for name in worn}
    nodes = [node(glb, name, entries[name], names[name]) for name in names]
    glb.json["scene"] = glb.add("scenes", nodes=nodes)
    glb_path.write_bytes(glb.to_bytes())
    count = len(names["Head"])
    print(f"{glb_path}: {glb_path.stat().st_size / 1e6:.0f} MB, {count} morph targets, {len(nodes)} nodes")


def directions(shapes: Sequence[str], both: set[str]) -> Iterator[tuple[str, dict[str, float]]]:
    """Each target's name, and the morph weights that it stands for."""
    for name in shapes:
        steps = aged({name: 1.0}, person({name: 1.0}, {})) if name == "age" else {name: 1.0}
        yield name, steps
        if name in both:
            yield f"{name}-", {slider: -step for slider, step in steps.items()}
    for name in EXPRESSIONS:
        yield name, {name: 1.0}


def worn_cards(schema: Any, seated: Any) -> Iterator[tuple[str, Cards, Floats | None]]:
    """Cards of each option of hair, brows and beard that has any, by the node's name."""
    options = {d.name: d.options for d in schema.discrete}
    for kind, prefix in ((HAIR, "hair"), (BROWS, "brow"), (BEARD, "beard")):
        choice = f"{prefix}_style"
        for option in options[choice]:
            sitter = seated(**{choice: option}, **({"beard_density": 0.9} if kind == BEARD else {}))
            sets = [shuffled(s) for s in sitter.groom.sets if s.kind == kind]
            budget = {HAIR: CURLS if option in CURLY else HAIR_CARDS, BROWS: BROW_CARDS, BEARD: BEARD_CARDS}[kind]
            made = cards(sets, budget) if sets else None
            if made is not None:
                yield f"{prefix}_{option}", made, sitter.groom.scalp if kind == HAIR else None


def shuffled(s: Strands) -> Strands:
    """The strands in another order: cards are made of the first ones, which would all be on one side."""
    order = np.random.default_rng(0).permutation(len(s.points))
    tints = (s.tints[0][order], s.tints[1][order], s.tints[2][order])
    return replace(
        s, points=s.points[order], away=s.away[order], tints=tints, alpha=s.alpha[order], width=s.width[order]
    )


@dataclass(frozen=True)
class Scalp:
    """What lies on the skin below cards of hair: ``at`` fine vertices (N,), ``uv`` (N, 2), ``triangles`` (T, 3)."""

    at: np.ndarray
    uv: Floats
    triangles: np.ndarray

    def points(self, cage: Floats, fine: Floats, normals: Floats) -> Floats:
        return np.asarray(fine[self.at] + OFF * normals[self.at], np.float32)


def scalp_below(head: mh.Head, share: Floats) -> Scalp | None:
    """The skin where hair grows, by the ``share`` (V,) of its colour on the cage, which is its place on SCALP too."""
    skin = patches(False)["skin"]
    grown = head.subdivide(np.ascontiguousarray(share[:, None], np.float32))[skin.at, 0]
    triangles = skin.triangles[grown[skin.triangles].max(axis=1) > 0.2]
    if not len(triangles):
        return None
    used, corners = np.unique(triangles, return_inverse=True)
    uv = np.stack([grown[used].clip(0.01, 0.99), np.full(len(used), 0.5)], 1).astype(np.float32)
    return Scalp(skin.at[used], uv, corners.reshape(-1, 3).astype(np.int32))


def scalp_picture() -> bytes:
    """Opaque where hair covers more than half of the skin."""
    picture = np.full((4, 64, 4), (150, 148, 146, 255), np.uint8)
    picture[:, :28, 3] = 0
    return png(picture)


def skin_labels(atelier: Atelier) -> np.ndarray:
    """Regions (TEXTURE, TEXTURE) over the skin's texture coordinates: what the reference engine's label map of the
    neutral head shows, carried to each texel from the nearest point that it sees."""
    head = atelier.head
    engine = MakeHumanEngine()
    look = engine.schema.complete({"hair_style": "bald", "brow_style": "thin", "brow_density": 0.0})
    size = 1024
    seen = engine.renderer.render({}, look, size, FRONTAL).labels
    ids, triangles, _, at, _ = _map(TEXTURE)
    fine, normals = head.fine, atelier.seat({}, look, CELL).shaped.normals
    skin = np.unique(head.triangles[head.triangle_part == mh.SKIN])
    front = skin[normals[skin, 2] > 0.15]
    place = np.floor(project(fine[front], size)[:, 1::-1]).astype(int).clip(0, size - 1)
    label = seen[tuple(place.T)]
    other = [index(name) for name in ("background", "eyes", "teeth", "inner_mouth", "hair", "brows")]
    kept = ~np.isin(label, other)
    tree = cKDTree(fine[front][kept])
    out = np.full(ids.shape, index("neck"), np.uint8)
    rows, columns = np.nonzero(ids >= 0)
    # The middle of each texel's triangle would do; corners are weighted by where the texel lies for smooth edges.
    texel = triangles[ids[rows, columns]]
    corners = _map(TEXTURE)[2][texel]
    here = np.stack([columns + 0.5, rows + 0.5], 1)
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    area = np.where(np.abs(area) < 1e-9, 1e-9, area)
    v = ((here[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (here[:, 1] - a[:, 1])) / area
    w = ((b[:, 0] - a[:, 0]) * (here[:, 1] - a[:, 1]) - (here[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])) / area
    share = np.stack([1 - v - w, v, w], 1)
    points = (fine[at[texel]] * share[:, :, None]).sum(1)
    out[rows, columns] = label[kept][tree.query(points)[1]]
    return out


def rings(eyes: Any) -> dict[str, np.ndarray]:
    """Triangles of the eyeballs by what they show: a ring of vertices bounds the iris, another the pupil."""
    u = (eyes.uv[:, 0] * 2) % 1.0 - 0.5
    angle = np.hypot(u, eyes.uv[:, 1] - 0.5) * 2 * EYE_REACH
    middle = angle[eyes.triangles].mean(axis=1)
    return {
        "eyes": eyes.triangles[middle >= IRIS],
        "iris": eyes.triangles[(middle < IRIS) & (middle >= PUPIL)],
        "pupil": eyes.triangles[middle < PUPIL],
    }


def material(glb: Glb, name: str, texture: int | None = None, **more: Any) -> int:
    look: dict[str, Any] = {"metallicFactor": 0.0, "roughnessFactor": 0.6}
    if texture is not None:
        look["baseColorTexture"] = {"index": texture}
    return glb.add("materials", name=name, pbrMetallicRoughness=look, **more)


def primitive(
    glb: Glb, points: Floats, normals: Floats, uv: Floats, triangles: np.ndarray, look: int
) -> dict[str, Any]:
    long = np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    attributes = {
        "POSITION": glb.vertices(points.astype(np.float32), bounds=True),
        "NORMAL": glb.vertices((normals / long).astype(np.float32)),
        # Nothing needs tangents; without, Godot works them out for each target, which takes minutes.
        "TANGENT": glb.vertices(np.tile(np.array([[1.0, 0.0, 0.0, 1.0]], np.float32), (len(points), 1))),
        "TEXCOORD_0": glb.vertices(uv.astype(np.float32)),
    }
    return {"attributes": attributes, "indices": glb.indices(triangles), "material": look, "count": len(points)}


def add_target(glb: Glb, entry: dict[str, Any], moved: Moved, *, turning: bool) -> None:
    """Add a target; in full, since Godot 3 misreads sparse ones. Those that move nothing share an accessor."""
    target = {"POSITION": dense(glb, entry, moved.rows, moved.steps)}
    if turning:
        target["NORMAL"] = dense(glb, entry, moved.turned, moved.turns)
    entry.setdefault("targets", []).append(target)


def dense(glb: Glb, entry: dict[str, Any], rows: np.ndarray, values: Floats) -> int:
    full = np.zeros((entry["count"], 3), np.float32)
    full[rows] = values
    if len(rows):
        return glb.vertices(full, bounds=True)
    return int(entry["zero"] if "zero" in entry else entry.setdefault("zero", glb.vertices(full, bounds=True)))


def node(glb: Glb, name: str, primitives: list[dict[str, Any]], targets: list[str]) -> int:
    entries = [{k: v for k, v in entry.items() if k not in ("count", "zero")} for entry in primitives]
    mesh = glb.add(
        "meshes", name=name, primitives=entries, weights=[0.0] * len(targets), extras={"targetNames": targets}
    )
    return glb.add("nodes", name=name, mesh=mesh)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
