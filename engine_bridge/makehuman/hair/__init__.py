"""Hair: strips of strands laid round the skull, and shaded along the strand.

`Wig` lays the strips of a style on a shaped head, `paint` shades their samples; `on_skin` says what hair does to
the skin below and beside it.
"""

from engine_bridge.makehuman.hair.shade import colour, on_skin, paint
from engine_bridge.makehuman.hair.styles import STYLES
from engine_bridge.makehuman.hair.wig import TRIANGLES, Laid, Wig

__all__ = ["STYLES", "TRIANGLES", "Laid", "Wig", "colour", "on_skin", "paint"]
