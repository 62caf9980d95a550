"""A character as one glTF binary file for games."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine_bridge.makehuman.export.cards import CUT, Budget, Cards, cards
from engine_bridge.makehuman.export.glb import Glb
from engine_bridge.makehuman.export.head import add_targets, materials, primitive, surface_primitives, tidy
from engine_bridge.makehuman.export.images import CELL, images
from engine_bridge.makehuman.export.lashes import Strip, lash_points, lash_strip, shell, shell_points
from engine_bridge.makehuman.export.morphs import Follower, Targets, bound
from engine_bridge.makehuman.export.sitter import Atelier, Sitter
from engine_bridge.makehuman.export.skeleton import Made, Skeleton, add_skeleton, head_share, pulls
from engine_bridge.makehuman.export.surface import patches
from engine_bridge.makehuman.export.worn import cloth, glasses
from engine_bridge.makehuman.face.head import SKIN, Floats, Head, Ints, mean_point
from engine_bridge.makehuman.sliders import ARKIT
from engine_bridge.makehuman.strands.beards import STYLES as BEARDS
from engine_bridge.makehuman.strands.strand import BEARD, HAIR
from engine_bridge.makehuman.strands.styles import STYLES
from f2p.schema import Schema

GENERATOR = "f2p, MakeHuman reference engine"
HAIR_VERTICES = 18000
HELD = 3  # vertices of the skin that hold a card of a beard


def character_glb(
    atelier: Atelier, schema: Schema, weights: Mapping[str, float], look: Mapping[str, float | str], size: int
) -> bytes:
    """The file of the character of morph weights and look, with textures of ``size`` px."""
    head, parts = atelier.head, patches()
    sitter = atelier.seat(weights, look, CELL * 1024 / size)
    glb = Glb(GENERATOR)
    looks = materials(glb, images(sitter, head, size))
    beard = _beard(sitter)
    followers: dict[str, Follower] = {
        "lashes": lambda cage, fine, normals: lash_points(sitter, head, cage),
        "eye_shade": lambda cage, fine, normals: shell_points(head, cage),
    }
    if beard is not None:
        followers["beard"] = bound(beard.points, sitter.shaped.fine, holders(head, beard.roots, sitter.shaped.fine))
    targets = Targets(head, sitter.weights, parts, followers)
    shapes = surface_primitives(glb, head, targets, parts, looks)
    lashes, shade = lash_strip(sitter), shell(head, targets.cage)
    shapes["lashes"] = _strip(glb, "lashes", lashes, targets.still["lashes"])
    shapes["eye_shade"] = _strip(glb, "eye_shade", shade, targets.still["eye_shade"])
    if beard is not None:
        shapes["beard"] = _cards(glb, "beard", beard)
    counts = {name: len(p.at) for name, p in parts.items()}
    counts |= {name: len(points) for name, points in targets.still.items()}
    for _, found in targets.each(ARKIT):
        add_targets(glb, shapes, counts, found, set(parts))
    middles = [np.asarray(mean_point(targets.cage, eye), np.float32) for eye in head.eyes]
    bones = add_skeleton(glb, (middles[0], middles[1]))
    shown = [_mesh(glb, bones, "Head", tidy(shapes), [sitter.units[u] for u in ARKIT])]
    hair = cards([s for s in sitter.groom.sets if s.kind == HAIR], hair_budget(sitter))
    if hair is not None:
        shown.append(_mesh(glb, bones, "Hair", [_cards(glb, "hair", hair)]))
    for name, made in (("Glasses", glasses(glb, atelier, sitter)), ("Cover", cloth(glb, sitter))):
        if made:
            shown.append(_mesh(glb, bones, name, [_made(glb, one) for one in made]))
    top = glb.add("nodes", name="Character", children=[bones.root])
    glb.json["scene"] = glb.add("scenes", nodes=[top, *shown])
    return glb.to_bytes()


def _mesh(
    glb: Glb, bones: Skeleton, name: str, primitives: list[dict[str, Any]], units: list[float] | None = None
) -> int:
    """The node of a mesh that the bones move; with ``units`` it has the ARKit targets."""
    more: dict[str, Any] = {}
    if units is not None:
        more = {"weights": [round(u, 6) for u in units], "extras": {"targetNames": list(ARKIT)}}
    return glb.add(
        "nodes", name=name + "Mesh", mesh=glb.add("meshes", name=name, primitives=primitives, **more), skin=bones.skin
    )


def _made(glb: Glb, made: Made) -> dict[str, Any]:
    return primitive(glb, made.points, made.normals, None, made.triangles, made.material, made.rig)


def _strip(glb: Glb, name: str, strip: Strip, points: Floats) -> dict[str, Any]:
    """A primitive of what lies before the eyes, blended."""
    ahead = np.tile(np.array([[0.0, 0.0, 1.0]], np.float32), (len(points), 1))
    rig = pulls(np.ones(len(points), np.float32))
    return primitive(glb, points, ahead, strip.uv, strip.triangles, strip_material(glb, name, strip), rig)


def strip_material(glb: Glb, name: str, strip: Strip) -> int:
    """The material of lashes and the lids' shade: blended over what lies behind."""
    return glb.add(
        "materials",
        name=name,
        alphaMode="BLEND",
        doubleSided=True,
        pbrMetallicRoughness={
            "baseColorTexture": {"index": glb.texture(strip.picture, "png", name)},
            "metallicFactor": 0.0,
            "roughnessFactor": 1.0,
        },
    )


def _cards(glb: Glb, name: str, made: Cards) -> dict[str, Any]:
    """A primitive of hair."""
    rig = pulls(head_share(made.points))
    return primitive(glb, made.points, made.normals, made.uv, made.triangles, card_material(glb, name, made), rig)


def card_material(glb: Glb, name: str, made: Cards) -> int:
    """The material of hair: cut out, with less shine than skin."""
    glb.need("KHR_materials_specular", required=False)
    return glb.add(
        "materials",
        name=name,
        alphaMode="MASK",
        alphaCutoff=CUT,
        doubleSided=True,
        pbrMetallicRoughness={
            "baseColorTexture": {"index": glb.texture(made.picture, "png", name)},
            "metallicFactor": 0.0,
            "roughnessFactor": 0.6,
        },
        extensions={"KHR_materials_specular": {"specularFactor": 0.3}},
    )


def hair_budget(sitter: Sitter) -> Budget:
    """How the hair of a style is laid: ropes and curls are narrow."""
    style = STYLES[str(sitter.look["hair_style"])]
    if style is None or not (style.rope or style.curl > 0):
        return Budget(HAIR_VERTICES, 10, 0.07, 2.0)
    return Budget(HAIR_VERTICES, 14, 0.028 if style.rope else 0.055, 2.0)


def _beard(sitter: Sitter) -> Cards | None:
    """Cards of a beard; stubble and the like are painted alone."""
    style = BEARDS[str(sitter.look["beard_style"])]
    if style is None or style.length < 0.065:
        return None
    return cards([s for s in sitter.groom.sets if s.kind == BEARD], Budget(1200, 3, 0.017, 1.0))


def holders(head: Head, roots: Floats, fine: Floats) -> Ints:
    """The fine vertices of the skin (N, HELD) nearest to each vertex's root (N, 3)."""
    skin = np.unique(head.triangles[head.triangle_part == SKIN])
    own, inverse = np.unique(roots, axis=0, return_inverse=True)
    gap = (own * own).sum(axis=1)[:, None] - 2 * own @ fine[skin].T + (fine[skin] ** 2).sum(axis=1)[None]
    near = np.argpartition(gap, HELD, axis=1)[:, :HELD]
    return skin[near][inverse.ravel()].astype(np.int32)
