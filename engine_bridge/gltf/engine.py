"""A head from a file behind the common contract."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine_bridge.gltf.labels import read_labels
from engine_bridge.gltf.landmarks import labelled_points
from engine_bridge.gltf.model import Model, build, placed
from engine_bridge.gltf.renderer import Drawing
from engine_bridge.gltf.rig import Rig, load_rig
from engine_bridge.gltf.scene import Material, Part, Scene, read_scene
from engine_bridge.gltf.textures import linear_bytes
from engine_bridge.makehuman.core import mesh
from engine_bridge.makehuman.core.camera import PIVOT, project
from engine_bridge.makehuman.core.first_run import first_run
from engine_bridge.makehuman.core.pose import turning
from f2p.engines.abilities import sample_values
from f2p.engines.protocol import FRONTAL, SIZES, Frame, View, check_size
from f2p.errors import EngineFailed, SchemaError
from f2p.regions import index

__all__ = ["GltfEngine", "mean_colours", "target_weights"]

Colour = NDArray[np.float64]


class GltfEngine:
    """The head of a .glb file with the sliders of the YAML beside it, drawn in this very process.

    Raises:
        ParameterError: there is no YAML yet, or a label picture is wrong.
        SchemaError: the YAML is wrong, or names what the file does not have.
        EngineFailed: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        rig = load_rig(path)
        scene = read_scene(rig.file)
        self.rig, self.schema = rig, rig.schema
        self.name = rig.schema.name
        self._five: NDArray[np.float64] | None = None
        with first_run(Path(__file__).parent) as compiling:
            self.model: Model = build(scene, rig.placement, rig.hidden)
            _check_names(rig, scene, self.model)
            regions = [_region(rig, scene, part) for part in self.model.parts]
            skin = [not isinstance(r, int) or r in (index("skin"), index("ears"), index("neck")) for r in regions]
            self._drawing = Drawing(self.model, scene.materials, regions, skin, rig.exposure)
            self._materials = {m.name: k for k, m in enumerate(scene.materials)}
            self._means = mean_colours(self.model, scene.materials)
            if compiling:
                self.render({}, SIZES[0])

    def render(self, values: Mapping[str, float | str], size: int = 512, view: View = FRONTAL) -> Frame:
        check_size(size)
        return self._drawing.draw(*self._character(values), size, view)

    def sample(self, seed: int) -> dict[str, float | str]:
        return sample_values(self.schema, np.random.default_rng(seed))

    def five_points(self, view: View = FRONTAL) -> NDArray[np.float64]:
        """Points (5, 2) of the average face in fractions of the picture, in dlib's order: those that the draft measured
        and the YAML holds, else the corners of the eyes and the nose's base on the label map."""
        if self._five is None:
            self._five = self._measured()
        turned = mesh.turned(self._five.astype(np.float32), turning(view.yaw, view.pitch, view.roll), np.array(PIVOT))
        return np.asarray(project(turned, 1)[:, :2], np.float64)

    def close(self) -> None:
        """Nothing to give back: the engine holds memory alone."""

    def _character(self, values: Mapping[str, float | str]) -> tuple[dict[str, float], list[bool], dict[int, Colour]]:
        full = self.schema.to_engine(self.schema.decode(self.schema.encode(values)))
        weights = target_weights(self.rig, full)
        return {k: w for k, w in weights.items() if k in self.model.names}, self._shown(full), self._albedos(full)

    def _shown(self, full: Mapping[str, float | str]) -> list[bool]:
        optional = {node for options in self.rig.choices.values() for nodes in options.values() for node in nodes}
        chosen = {node for name, options in self.rig.choices.items() for node in options[str(full[name])]}
        return [not (set(p.path) & optional) or bool(set(p.path) & chosen) for p in self.model.parts]

    def _albedos(self, full: Mapping[str, float | str]) -> dict[int, Colour]:
        out: dict[int, Colour] = {}
        for name, tint in self.rig.tints.items():
            for material in tint.materials:
                m = self._materials[material]
                now = out.get(m, self._means[m][1])
                out[m] = tinted(now, tint.stops, tint.towards, float(full[name]))
        return {m: colour / np.maximum(self._means[m][0], 1e-3) for m, colour in out.items()}

    def _measured(self) -> NDArray[np.float64]:
        if self.rig.five_points is not None:
            return placed(self.rig.five_points, self.rig.placement).astype(np.float64)
        frame, depth = self._drawing.draw_deep(*self._character({}), 512, FRONTAL)
        found = labelled_points(frame.labels, depth)
        names = ("left_outer", "left_inner", "right_outer", "right_inner", "nose_base")
        missing = [name for name in names if name not in found]
        if missing:
            raise EngineFailed(
                f"The label map of the average face shows no {', '.join(missing)}.",
                "Correct the labels, or give five_points in the YAML (docs/gltf.md).",
            )
        return np.stack([found[name] for name in names])


def target_weights(rig: Rig, full: Mapping[str, float | str]) -> dict[str, float]:
    """The weight of every target for values in engine units by name."""
    weights: dict[str, float] = {}
    for name, move in rig.moves.items():
        value = float(full[name])
        side, size = (move.plus, value) if value >= 0 else (move.minus, -value)
        for target, factor in side.items():
            weights[target] = weights.get(target, 0.0) + factor * size
    return weights


def tinted(
    now: Colour, stops: tuple[tuple[int, int, int], ...], towards: tuple[int, int, int] | None, value: float
) -> Colour:
    """The colour (3,), linear, that a slider at ``value`` makes of ``now``."""
    if towards is not None:
        return np.asarray(now + (linear_bytes()[list(towards)].astype(np.float64) - now) * value)
    colours = [linear_bytes()[list(stop)].astype(np.float64) for stop in stops]
    at = min(max(value, 0.0), 1.0) * (len(colours) - 1)
    k = min(int(at), len(colours) - 2)
    return np.asarray(colours[k] + (colours[k + 1] - colours[k]) * (at - k))


def mean_colours(model: Model, materials: tuple[Material, ...]) -> list[tuple[Colour, Colour]]:
    """Of each material the mean light (3,) of its texture where the head uses it, and that times its factor."""
    out = []
    for m, material in enumerate(materials):
        mean = np.ones(3)
        rows = np.flatnonzero(np.array([p.material for p in model.parts])[model.part_of] == m)
        if material.texture is not None and len(rows):
            height, width = material.texture.shape[:2]
            at = np.floor(model.uv[rows].astype(np.float64) % 1 * [width, height]).astype(int)
            texel = material.texture[np.minimum(at[:, 1], height - 1), np.minimum(at[:, 0], width - 1)]
            solid = texel[texel[:, 3] > 96] if (texel[:, 3] > 96).any() else texel
            mean = linear_bytes()[solid[:, :3]].astype(np.float64).mean(axis=0)
        out.append((mean, mean * material.factor[:3]))
    return out


def _region(rig: Rig, scene: Scene, part: Part) -> int | NDArray[np.uint8]:
    """The region of a part, or its label picture."""
    for node in reversed(part.path):
        if node in rig.labels.nodes:
            return index(rig.labels.nodes[node])
    material = scene.materials[part.material].name
    if material in rig.labels.textures:
        return read_labels(rig.labels.textures[material])
    if material in rig.labels.materials:
        return index(rig.labels.materials[material])
    raise SchemaError(
        f"'labels' says nothing of the material '{material}' of '{part.name}'.",
        "Give it a region under labels.materials, or a picture under labels.textures.",
        path=str(rig.path),
    )


def _check_names(rig: Rig, scene: Scene, model: Model) -> None:
    """Raise SchemaError where the YAML names what the file does not have."""
    targets, materials = set(scene.targets), {m.name for m in scene.materials}
    nodes = {name for part in scene.parts for name in part.path}
    for name, move in rig.moves.items():
        for target in (*move.plus, *move.minus):
            if target not in targets:
                rig.refuse(name, f"{scene.path.name} has no morph target '{target}'.")
    for name, tint in rig.tints.items():
        for material in tint.materials:
            if material not in materials:
                rig.refuse(name, f"{scene.path.name} has no material '{material}'.")
    for name, options in rig.choices.items():
        for node in (n for shown in options.values() for n in shown):
            if node not in nodes:
                rig.refuse(name, f"{scene.path.name} has no node '{node}'.")
    if not model.parts:
        raise SchemaError("Nothing of the head lies where placement says.", "Draft it anew.", path=str(rig.path))
