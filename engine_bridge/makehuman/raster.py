"""Which triangle does each pixel show?  Panda3D answers, headless, with its software renderer.

Panda draws every triangle in a flat colour that spells its number; all shading is done afterwards, pixel by
pixel, on the exact surface point (see surface.py).  So the picture needs no shaders, no graphics card and no
window system, label maps are exact, and the bytes are the same on every run.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine_bridge.makehuman.arrays import Bytes, Floats, Ints
from f2p.errors import EngineError, EngineFailed, EngineLibraryMissing, EngineMissing
from f2p.errors.transport import install_command

CAMERA_DISTANCE = 14.0  # dm from the point between the eyes
FIELD_OF_VIEW = 11.0  # degrees
AIM = 0.07  # dm above the eyes: the middle of the picture
PICTURE = 2 * CAMERA_DISTANCE * float(np.tan(np.radians(FIELD_OF_VIEW / 2)))  # dm: width of the picture at the eyes


def project(points: Floats) -> tuple[Floats, Floats]:
    """Perspective camera on the +z axis: (V, 3) dm -> picture coordinates (V, 2) in [0, 1], y down, and
    distance (V,) in dm."""
    focal = 0.5 / np.tan(np.radians(FIELD_OF_VIEW / 2))
    away = CAMERA_DISTANCE - points[:, 2]
    x = 0.5 + focal * points[:, 0] / away
    y = 0.5 - focal * (points[:, 1] - AIM) / away
    return np.stack([x, y], axis=1).astype(np.float32), away.astype(np.float32)


def _cannot_start() -> EngineError:
    try:
        ctypes.CDLL("libX11.so.6")
    except OSError:
        return EngineLibraryMissing(
            "Panda3D's software renderer can't start: the system library libX11.so.6 is missing.",
            "On Debian or Ubuntu run: apt-get install libx11-6; on Fedora: dnf install libX11",
            library="libX11.so.6",
        )
    return EngineFailed("Panda3D's software renderer can't start.", "Install Panda3D again: pip install panda3d")


@dataclass
class _Sheet:
    """A set of triangles on Panda's side: three unshared corners each, coloured by the triangle's number."""

    geom: Any
    path: Any
    colours: Bytes  # (3 * count, 4), one colour a triangle


class Rasteriser:
    """Square pictures of triangle numbers.  One per process: Panda's engine is global.

    Raises EngineMissing without Panda3D, EngineLibraryMissing without the X11 client library (which Panda's
    software renderer links but does not use).
    """

    def __init__(self) -> None:
        try:
            from panda3d import core
        except ImportError as error:
            raise EngineMissing("Panda3D is not installed.", f"Run: {install_command('engine')}.") from error
        # geom-cache-size: Panda would keep a converted copy of every corner array that was ever placed.
        core.load_prc_file_data(
            "", "notify-level fatal\nnotify-level-display fatal\naudio-library-name null\ngeom-cache-size 0"
        )
        self._core = core
        pipe = core.GraphicsPipeSelection.get_global_ptr().make_pipe("TinyOffscreenGraphicsPipe", "p3tinydisplay")
        if pipe is None:
            raise _cannot_start()
        self._pipe = pipe
        self._engine = core.GraphicsEngine.get_global_ptr()
        self._outputs: dict[int, tuple[Any, Any]] = {}
        self._root = core.NodePath("root")
        self._root.set_two_sided(True)
        # Sheets are drawn in the order in which they were added. Panda's own order follows memory addresses, and
        # where two triangles are equally near, the first one shows: a picture would depend on those before it.
        self._root.set_bin("unsorted", 0)
        lens = core.OrthographicLens()
        lens.set_film_size(1, 1)
        lens.set_near_far(0.0, 2.0)
        self._camera = self._root.attach_new_node(core.Camera("camera", lens))
        self._sheets: dict[str, _Sheet] = {}
        self._next = 1
        form = core.GeomVertexFormat()
        corner, colour = core.GeomVertexArrayFormat(), core.GeomVertexArrayFormat()
        corner.add_column(core.InternalName.get_vertex(), 3, core.Geom.NT_float32, core.Geom.C_point)
        colour.add_column(core.InternalName.get_color(), 4, core.Geom.NT_uint8, core.Geom.C_color)
        form.add_array(corner)
        form.add_array(colour)
        self._format = core.GeomVertexFormat.register_format(form)

    def add(self, name: str, count: int) -> int:
        """Register a sheet of up to ``count`` triangles; returns the number of its first triangle."""
        core = self._core
        first, self._next = self._next, self._next + count
        numbers = np.repeat(np.arange(first, first + count, dtype=np.uint32), 3)
        colours = np.stack(
            [numbers >> 16 & 255, numbers >> 8 & 255, numbers & 255, np.full_like(numbers, 255)], axis=1
        ).astype(np.uint8)
        data = core.GeomVertexData(name, self._format, core.Geom.UH_dynamic)
        data.unclean_set_num_rows(3 * count)
        data.modify_array_handle(1).copy_data_from(np.ascontiguousarray(colours))
        triangles = core.GeomTriangles(core.Geom.UH_static)
        triangles.add_next_vertices(3 * count)
        geom = core.Geom(data)
        geom.add_primitive(triangles)
        node = core.GeomNode(name)
        node.add_geom(geom)
        node.set_bounds(core.OmniBoundingVolume())
        node.set_final(True)
        path = self._root.attach_new_node(node)
        path.hide()
        self._sheets[name] = _Sheet(geom, path, colours)
        return first

    def place(self, name: str, flat: Floats, away: Floats, triangles: Ints) -> None:
        """Set a sheet's corners from projected points (V, 2), their distances (V,) and the vertex numbers of
        its triangles (T, 3), at most as many as it was registered with."""
        corners = np.empty((len(flat), 3), np.float32)
        corners[:, 0] = flat[:, 0] - 0.5
        # 1/distance is linear on the screen, so that a flat triangle stays flat in depth.
        corners[:, 1] = 1.0 - (1.0 / away - 1.0 / CAMERA_DISTANCE) * 40.0
        corners[:, 2] = 0.5 - flat[:, 1]
        sheet = self._sheets[name]
        data = sheet.geom.modify_vertex_data()
        rows = 3 * len(triangles)
        if data.get_num_rows() != rows:
            data.unclean_set_num_rows(rows)
            data.modify_array_handle(1).copy_data_from(sheet.colours[:rows])
            sheet.geom.modify_primitive(0).set_nonindexed_vertices(0, rows)
        data.modify_array_handle(0).copy_data_from(corners.take(triangles.ravel(), axis=0))

    def draw(self, names: tuple[str, ...], size: int, onto: bool = False) -> Ints:
        """Triangle numbers (size, size) of the named sheets, 0 where there is none; row 0 is the top.

        ``onto``: draw into the last picture of that size, which stays where it is nearer.
        """
        output, texture = self._output(size)
        output.set_clear_color_active(not onto)
        output.set_clear_depth_active(not onto)
        for name, sheet in self._sheets.items():
            sheet.path.show() if name in names else sheet.path.hide()
        for other, _ in self._outputs.values():
            other.set_active(other is output)
        self._engine.render_frame()
        raw = memoryview(texture.get_ram_image())
        # In Panda's own order, blue, green and red spell the number from its lowest byte on; the fourth is opacity.
        return np.frombuffer(raw, "<i4").reshape(size, size)[::-1] & 0xFFFFFF

    def _output(self, size: int) -> tuple[Any, Any]:
        if size in self._outputs:
            return self._outputs[size]
        core = self._core
        form = core.FrameBufferProperties()
        form.set_rgb_color(True)
        form.set_rgba_bits(8, 8, 8, 0)
        form.set_depth_bits(24)
        window = core.WindowProperties.size(size, size)
        output = self._engine.make_output(self._pipe, f"{size}", 0, form, window, core.GraphicsPipe.BF_refuse_window)
        if output is None:
            raise EngineFailed(f"Panda3D could not make a {size} px picture.", "Use sizes from 64 to 1024.")
        texture = core.Texture()
        output.add_render_texture(texture, core.GraphicsOutput.RTM_copy_ram)
        output.set_clear_color(core.LColor(0, 0, 0, 1))
        output.make_display_region().set_camera(self._camera)
        self._outputs[size] = (output, texture)
        return output, texture

    def close(self) -> None:
        self._engine.remove_all_windows()
