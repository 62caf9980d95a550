"""Tags of the hair styles: what people agree on when they speak of a haircut; a table for ``schema.yaml``.

Axes and their classes are those of `f2p.schema.tags`.
"""

from __future__ import annotations

__all__ = ["HAIR_TAGS"]

_AXES = ("length", "curl", "parting", "tied", "fringe", "volume")
# length     curl     parting  tied  fringe  volume
_TABLE = """
bald           bald      straight  none    no   no   flat
receding       receding  straight  none    no   no   flat
buzz           buzz      straight  none    no   no   flat
short          short     straight  none    no   no   normal
side_part      short     straight  side    no   no   normal
quiff          short     straight  none    no   no   full
slicked_back   short     straight  none    no   no   flat
textured       short     wavy      none    no   no   normal
curly          short     curly     none    no   no   full
afro           medium    coily     none    no   no   full
pixie          short     straight  side    no   yes  normal
bob            medium    straight  side    no   no   normal
fringe         long      straight  none    no   yes  normal
long           long      straight  middle  no   no   normal
long_wavy      long      wavy      side    no   no   full
long_curly     long      curly     middle  no   no   full
swept_back     long      straight  none    no   no   flat
ponytail       long      straight  none    yes  no   flat
bun            long      straight  none    yes  no   flat
updo           long      straight  none    yes  no   normal
fade           buzz      coily     none    no   no   flat
high_top       short     coily     none    no   no   full
undercut       short     straight  none    no   no   full
man_bun        long      straight  none    yes  no   flat
long_bob       medium    wavy      side    no   no   normal
layered        medium    wavy      side    no   no   full
side_swept     long      straight  side    no   yes  normal
curtain_fringe long      wavy      middle  no   yes  normal
pigtails       long      straight  middle  yes  no   flat
twists         short     coily     none    no   no   normal
braids         long      coily     middle  no   no   normal
locs           long      coily     middle  no   no   normal
"""
HAIR_TAGS: dict[str, dict[str, str]] = {
    style: dict(zip(_AXES, tags, strict=True))
    for style, *tags in (line.split() for line in _TABLE.strip().splitlines())
}
"""Style -> axis -> class."""
