"""Hair as strands: on the head, brows, lashes and beards; and what covers the head."""

from engine_bridge.makehuman.strands.groom import Groom
from engine_bridge.makehuman.strands.hairdresser import Hairdresser

__all__ = ["Groom", "Hairdresser"]
