"""Runs inside Blender (or a Python with `bpy`), knows nothing of f2p, and speaks what `engine_bridge.doors.pipe`
describes on descriptor 3.  `serve FILE.blend` answers jobs, with the YAML's contents as JSON in F2P_RIG;
`export FILE.blend OUT.glb` writes a .glb.

Coordinates: the YAML's are glTF's, y up; Blender's are (x, -z, y) of those.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

sys.path.insert(0, str(Path(__file__).parent))
from studio import AIM, DISTANCE, FIELD, PIVOT, five_points, light_setup, tinted, turning

SAMPLES, FEWEST = 12, 6  # a pixel up to 128 px; larger pictures need fewer
BACKDROP = (0.20, 0.23, 0.26, 1.0)


class Head:
    """An opened file: its shape keys, materials, camera and lights, ready to draw."""

    def __init__(self, path, rig):
        bpy.ops.wm.open_mainfile(filepath=str(path), load_ui=False)
        self.rig, self.scene = rig, bpy.context.scene
        self.objects = [o for o in bpy.data.objects if o.type == "MESH"]
        self.keys = {}
        for o in self.objects:
            if o.data.shape_keys:
                o.data.shape_keys.animation_data_clear()
                for key in list(o.data.shape_keys.key_blocks)[1:]:
                    key.slider_min, key.slider_max = -10.0, 10.0
                    self.keys.setdefault(key.name, []).append((key, key.value))
        self.refuse_unknown()
        for o in bpy.data.objects:
            if o.type in ("LIGHT", "CAMERA"):
                o.hide_render = True
            if o.name in rig["hidden"]:
                o.hide_render = True
        self.optional = {n for options in rig["choices"].values() for nodes in options.values() for n in nodes}
        self.studio()
        self.mixes, self.means = {}, {}
        for material in bpy.data.materials:
            self.prepare(material)
        self.slots = [
            (slot, slot.material, self.label_material(o, slot.material))
            for o in self.objects
            for slot in o.material_slots
            if slot.material
        ]

    def refuse_unknown(self):
        """End with a message where the YAML names what the file does not have."""
        rig = self.rig
        wanted = [("shape key", n, self.keys) for m in rig["moves"].values() for side in m for n in side]
        wanted += [("material", n, bpy.data.materials) for t in rig["tints"].values() for n in t[0]]
        wanted += [
            ("object", n, bpy.data.objects) for c in rig["choices"].values() for nodes in c.values() for n in nodes
        ]
        for kind, name, there in wanted:
            if name not in there:
                raise ValueError(f"the file has no {kind} '{name}', which the YAML names")

    def studio(self):
        """Our camera and lights in place of the file's, and settings that give the same bytes each time."""
        scene = self.scene
        camera = bpy.data.objects.new("f2p camera", bpy.data.cameras.new("f2p camera"))
        camera.data.sensor_fit, camera.data.angle = "HORIZONTAL", FIELD
        camera.data.clip_start, camera.data.clip_end = 0.01 / self.rig["placement"][1], 100.0 / self.rig["placement"][1]
        scene.collection.objects.link(camera)
        scene.camera = self.camera = camera
        self.lights = []
        for name in ("key", "fill", "rim left", "rim right"):
            light = bpy.data.objects.new(f"f2p {name}", bpy.data.lights.new(f"f2p {name}", "SUN"))
            light.data.angle = 0.5 if name == "key" else 0.9
            scene.collection.objects.link(light)
            self.lights.append(light)
        world = bpy.data.worlds.new("f2p")
        world.use_nodes = True
        nodes, links = world.node_tree.nodes, world.node_tree.links
        nodes.clear()
        seen, around, path = (
            nodes.new("ShaderNodeBackground"),
            nodes.new("ShaderNodeBackground"),
            nodes.new("ShaderNodeLightPath"),
        )
        mix, out = nodes.new("ShaderNodeMixShader"), nodes.new("ShaderNodeOutputWorld")
        seen.inputs[0].default_value = BACKDROP
        links.new(path.outputs["Is Camera Ray"], mix.inputs[0])
        links.new(around.outputs[0], mix.inputs[1])
        links.new(seen.outputs[0], mix.inputs[2])
        links.new(mix.outputs[0], out.inputs[0])
        self.around, self.backdrop = around, seen
        scene.world = world
        render, cycles = scene.render, scene.cycles
        render.engine, cycles.device = "CYCLES", "CPU"
        cycles.use_denoising = cycles.use_adaptive_sampling = False
        cycles.seed, cycles.max_bounces, cycles.diffuse_bounces, cycles.transparent_max_bounces = 0, 3, 1, 16
        render.threads_mode, render.threads = "FIXED", 1
        render.use_persistent_data = True
        render.use_compositing = render.use_sequencer = render.use_border = False
        render.film_transparent = False
        render.dither_intensity = 0.0
        render.resolution_percentage = 100
        render.image_settings.file_format, render.image_settings.color_mode = "PNG", "RGB"
        render.image_settings.color_depth, render.image_settings.compression = "8", 15
        scene.view_settings.look, scene.view_settings.gamma = "None", 1.0

    def prepare(self, material):
        """Put a factor before the base colour of a material, for the colour sliders."""
        tree = material.node_tree if material.use_nodes else None
        shader = next((n for n in tree.nodes if n.type == "BSDF_PRINCIPLED"), None) if tree else None
        if shader is None:
            return
        base = shader.inputs["Base Color"]
        mean = np.array(base.default_value[:3])
        mix = tree.nodes.new("ShaderNodeMix")
        mix.data_type, mix.blend_type, mix.clamp_factor = "RGBA", "MULTIPLY", False
        mix.inputs[0].default_value = 1.0
        a, b = (i for i in mix.inputs if i.type == "RGBA")
        b.default_value = (1.0, 1.0, 1.0, 1.0)
        a.default_value = base.default_value
        if base.links:
            mean = self.mean_of(material, base.links[0].from_node)
            tree.links.new(base.links[0].from_socket, a)
        tree.links.new(next(o for o in mix.outputs if o.type == "RGBA"), base)
        self.mixes[material.name], self.means[material.name] = b, mean

    def mean_of(self, material, node):
        """Mean linear colour (3,) of the first texture that leads to ``node``, where the meshes use it."""
        while node is not None and node.type != "TEX_IMAGE":
            node = next((i.links[0].from_node for i in node.inputs if i.links), None)
        if node is None or node.image is None or not all(node.image.size):
            return np.ones(3)
        width, height = node.image.size
        pixels = np.empty(width * height * 4, np.float32)
        node.image.pixels.foreach_get(pixels)
        pixels = pixels.reshape(height, width, 4)
        found = []
        for o in self.objects:
            if material.name in [s.material.name for s in o.material_slots if s.material] and o.data.uv_layers.active:
                uv = np.empty(2 * len(o.data.loops), np.float32)
                o.data.uv_layers.active.data.foreach_get("uv", uv)
                at = np.floor(uv.reshape(-1, 2) % 1 * [width, height]).astype(int)
                found.append(pixels[np.minimum(at[:, 1], height - 1), np.minimum(at[:, 0], width - 1)])
        used = np.concatenate(found) if found else pixels.reshape(-1, 4)
        solid = used[used[:, 3] > 0.38] if (used[:, 3] > 0.38).any() else used
        c = solid[:, :3].astype(np.float64)
        return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4).mean(axis=0)

    def label_material(self, o, material):
        """A material that shines in the colour of the region, or of the label picture, and is see-through alike."""
        labels, palette = self.rig["labels"], self.rig["palette"]
        names, above = [], o
        while above is not None:
            names.append(above.name)
            above = above.parent
        region = next((labels["nodes"][n] for n in names if n in labels["nodes"]), None)
        if region is None and material.name not in labels["textures"]:
            if material.name not in labels["materials"]:
                raise ValueError(f"the YAML's labels say nothing of the material '{material.name}' of '{o.name}'")
            region = labels["materials"][material.name]
        own = bpy.data.materials.new(f"label {o.name} {material.name}")
        own.use_nodes = True
        nodes, links = own.node_tree.nodes, own.node_tree.links
        nodes.clear()
        shine, out = nodes.new("ShaderNodeEmission"), nodes.new("ShaderNodeOutputMaterial")
        if region is not None:
            shine.inputs[0].default_value = (*(c / 255.0 for c in palette[region]), 1.0)
        else:
            picture = nodes.new("ShaderNodeTexImage")
            picture.image = bpy.data.images.load(labels["textures"][material.name], check_existing=True)
            picture.image.colorspace_settings.name = "Non-Color"
            picture.interpolation = "Closest"
            links.new(picture.outputs[0], shine.inputs[0])
        surface = shine.outputs[0]
        hole = self.holes(material, nodes, links)
        if hole is not None:
            clear, mix = nodes.new("ShaderNodeBsdfTransparent"), nodes.new("ShaderNodeMixShader")
            links.new(hole, mix.inputs[0])
            links.new(clear.outputs[0], mix.inputs[1])
            links.new(surface, mix.inputs[2])
            surface = mix.outputs[0]
        links.new(surface, out.inputs[0])
        own.use_backface_culling = material.use_backface_culling
        return own

    def holes(self, material, nodes, links):
        """1 where a material is more than half solid, as an output in another tree; None where it is so all over."""
        shader = (
            next((n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED"), None)
            if material.use_nodes
            else None
        )
        if shader is None:
            return None
        alpha = shader.inputs["Alpha"]
        node = alpha.links[0].from_node if alpha.links else None
        while node is not None and node.type != "TEX_IMAGE":
            node = next((i.links[0].from_node for i in node.inputs if i.links), None)
        step = nodes.new("ShaderNodeMath")
        step.operation, step.inputs[1].default_value = "GREATER_THAN", 0.5
        if node is not None and node.image is not None:
            picture = nodes.new("ShaderNodeTexImage")
            picture.image = node.image
            links.new(picture.outputs["Alpha"], step.inputs[0])
            return step.outputs[0]
        if alpha.default_value >= 0.5:
            return None
        step.inputs[0].default_value = alpha.default_value
        return step.outputs[0]

    def set_values(self, values):
        """Shape keys, visible objects and colours for values in engine units by name."""
        rig, weights, colours = self.rig, {}, {}
        for name, (plus, minus) in rig["moves"].items():
            value = float(values[name])
            for target, factor in (plus if value >= 0 else minus).items():
                weights[target] = weights.get(target, 0.0) + factor * abs(value)
        for name, keys in self.keys.items():
            for key, rest in keys:
                key.value = rest + weights.get(name, 0.0)
        shown = {n for name, options in rig["choices"].items() for n in options[values[name]]}
        for o in self.objects:
            names, above = set(), o
            while above is not None:
                names.add(above.name)
                above = above.parent
            o.hide_render = bool(names & set(rig["hidden"])) or (bool(names & self.optional) and not names & shown)
        for name, (materials, stops, towards) in rig["tints"].items():
            for material in materials:
                if material in self.mixes:
                    colours[material] = tinted(
                        colours.get(material, self.means[material]), stops, towards, float(values[name])
                    )
        for material, colour in colours.items():
            factor = colour / np.maximum(self.means[material], 1e-3)
            self.mixes[material].default_value = (*factor, 1.0)

    def set_view(self, yaw, pitch, roll, light):
        """Camera and lights go round the head, which stays, as if it had turned before them."""
        origin, scale, turn = self.rig["placement"]
        back, facing = turning(yaw, pitch, roll).T, turning(turn, 0, 0).T

        def direction(v):
            x, y, z = np.array(v, float) @ back @ facing
            return np.array([x, -z, y])

        def place(v):
            x, y, z = ((np.array(v, float) - PIVOT) @ back + PIVOT) @ facing / scale + np.array(origin)
            return np.array([x, -z, y])

        def oriented(right, up, out, where):
            m = np.eye(4)
            m[:3, 0], m[:3, 1], m[:3, 2], m[:3, 3] = right, up, out, where
            return Matrix(m.tolist())

        self.camera.matrix_world = oriented(
            direction((1, 0, 0)), direction((0, 1, 0)), direction((0, 0, 1)), place((0, AIM, DISTANCE))
        )
        for lamp, (way, power, colour) in zip(self.lights, light_setup(light)[0], strict=True):
            out = np.array(way) / np.linalg.norm(way)
            side = np.cross((0.0, 1.0, 0.0), out)
            side /= np.linalg.norm(side)
            lamp.matrix_world = oriented(direction(side), direction(np.cross(out, side)), direction(out), place(PIVOT))
            lamp.data.energy, lamp.data.color = power * self.rig["exposure"], colour
        self.around.inputs[0].default_value = (*light_setup(light)[1], 1.0)

    def draw(self, size, labels):
        """The picture (S, S, 3), and the label map (S, S) or None."""
        scene, cycles = self.scene, self.scene.cycles
        scene.render.resolution_x = scene.render.resolution_y = size
        cycles.samples = min(SAMPLES, max(FEWEST, SAMPLES * 128 // size))
        cycles.pixel_filter_type, cycles.filter_width = "BLACKMAN_HARRIS", 1.5
        scene.view_settings.view_transform = "Standard"
        self.backdrop.inputs[0].default_value = BACKDROP
        image = self.pixels(size)
        if not labels:
            return image, None
        for slot, _, own in self.slots:
            slot.material = own
        cycles.samples, cycles.pixel_filter_type, cycles.filter_width = 1, "BOX", 0.01
        scene.view_settings.view_transform = "Raw"
        palette = np.array(self.rig["palette"], np.int32)
        self.backdrop.inputs[0].default_value = (*(palette[0] / 255.0), 1.0)
        try:
            shown = self.pixels(size).astype(np.int32)
        finally:
            for slot, material, _ in self.slots:
                slot.material = material
        gaps = np.abs(shown[:, :, None] - palette[None, None]).sum(axis=3)
        return image, gaps.argmin(axis=2).astype(np.uint8)

    def pixels(self, size):
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder, "frame.png"))
            self.scene.render.filepath = path
            bpy.ops.render.render(write_still=True)
            picture = bpy.data.images.load(path)
            picture.colorspace_settings.name = "Non-Color"
            values = np.empty(size * size * picture.channels, np.float32)
            picture.pixels.foreach_get(values)
            channels = picture.channels
            bpy.data.images.remove(picture)
        return np.rint(values.reshape(size, size, channels)[::-1, :, :3] * 255).astype(np.uint8)


def serve(path, out):
    def send(head, body=b""):
        out.write(json.dumps(head).encode() + b"\n" + body)
        out.flush()

    try:
        rig = json.loads(os.environ["F2P_RIG"])
        head = Head(path, rig)
    except Exception as error:
        send({"error": f"{Path(path).name}: {error}"})
        return
    send({"ready": rig["name"], "schema": rig["schema"], "five_points": rig["five_points"] is not None})
    for line in sys.stdin:
        job = json.loads(line)
        try:
            if job["op"] == "five_points":
                send({"points": five_points(rig, job)})
                continue
            head.set_values(job["engine_values"])
            head.set_view(job["yaw"], job["pitch"], job["roll"], job["light"])
            image, labels = head.draw(job["size"], job["labels"])
            body = image.tobytes() + (b"" if labels is None else labels.tobytes())
            send({"image": image.shape} | ({} if labels is None else {"labels": labels.shape}), body)
        except Exception as error:
            send({"error": f"{type(error).__name__}: {error}"})


def main():
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    if words[0] == "export":
        bpy.ops.wm.open_mainfile(filepath=words[1], load_ui=False)
        bpy.ops.export_scene.gltf(filepath=words[2], export_format="GLB", export_animations=False, export_apply=False)
        return
    serve(words[1], os.fdopen(3, "wb"))


if __name__ == "__main__":
    main()
