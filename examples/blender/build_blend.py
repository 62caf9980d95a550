"""Builds head.blend from head.glb, as an artist would import it, with Blender or a Python that has `bpy`:

    blender --background --python examples/blender/build_blend.py -- head.glb head.blend
    /path/to/python examples/blender/build_blend.py head.glb head.blend

The skin gets light below its surface, so that the pictures differ from those of the .glb.
"""

import sys

import bpy

words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.import_scene.gltf(filepath=words[0])
for material in bpy.data.materials:
    shader = next((n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED"), None)
    if shader is not None and "skin" in material.name.lower():
        shader.inputs["Subsurface Weight"].default_value = 0.25
        shader.inputs["Subsurface Radius"].default_value = (1.0, 0.35, 0.2)
        shader.inputs["Subsurface Scale"].default_value = 0.005
bpy.ops.file.pack_all()
bpy.ops.wm.save_as_mainfile(filepath=words[1])
print(words[1])
