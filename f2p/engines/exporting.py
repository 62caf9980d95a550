"""Characters as files for games, from engines that offer them."""

from __future__ import annotations

from collections.abc import Mapping

from f2p.engines.protocol import Engine, Exporter
from f2p.errors import ExportUnavailable, ParameterError

__all__ = ["TEXTURE_SIZES", "check_texture_size", "export_character", "export_formats"]

TEXTURE_SIZES = (256, 512, 1024, 2048, 4096)


def check_texture_size(size: int) -> None:
    """Raises ParameterError unless ``size`` is a side that textures may have."""
    if size not in TEXTURE_SIZES:
        allowed = ", ".join(str(side) for side in TEXTURE_SIZES)
        raise ParameterError(f"Textures of {size} px are not possible.", f"Ask for one of {allowed}.", size=size)


def export_formats(engine: Engine) -> tuple[str, ...]:
    """Names of the formats that the engine exports to; none where it exports nothing."""
    return tuple(engine.formats) if isinstance(engine, Exporter) else ()


def export_character(engine: Engine, values: Mapping[str, float | str], format: str = "glb", size: int = 1024) -> bytes:
    """The file of a character in the ``format`` of that name; see `Exporter.export`.

    Raises:
        ExportUnavailable: the engine exports nothing, or not in this format.
        ParameterError: as `Exporter.export`.
        EngineError: the engine is not there, or failed.
    """
    check_texture_size(size)
    formats = export_formats(engine)
    if not isinstance(engine, Exporter) or format not in formats:
        offered = f"it offers {', '.join(formats)}" if formats else "it offers no export"
        raise ExportUnavailable(
            f"The engine '{engine.name}' cannot export to '{format}': {offered}.",
            "Choose a format that it offers, or a bundle whose engine exports.",
            engine=engine.name,
            format=format,
        )
    return engine.export(values, format, size)
