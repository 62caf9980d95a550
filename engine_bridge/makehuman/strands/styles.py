"""What each hair style is made of.  Lengths in dm; four numbers are those of front, top, sides and back."""

from __future__ import annotations

from dataclasses import dataclass

from engine_bridge.makehuman.strands.grow import FLOWS, Flow
from engine_bridge.makehuman.strands.locks import ROPES, Lock

Four = tuple[float, float, float, float]
# Unit vectors from the middle of the head.
WHORL = (0.0142, 0.9135, -0.4065)
LOWER, BEHIND, CROWN, PIGTAIL = (
    (0.0, 0.174, -0.985), (0.0, 0.80, -0.60), (0.0, 0.94, -0.342), (0.76, 0.20, -0.618)
)  # fmt: skip


@dataclass(frozen=True)
class Fringe:
    """Hair that falls over the forehead to the height ``drop``, swept to one side or ``split`` in the middle;
    ``side`` is how much longer it is at the temples, ``ragged`` how uneven."""

    drop: float
    sweep: float = 0.0
    split: float = 0.0
    side: float = 0.0
    ragged: float = 0.05
    reach: float = 50.0  # degrees to each side


@dataclass(frozen=True)
class Style:
    """A hair style.

    ``flow``: a kind of `grow.FLOWS`, ``pole`` its point; ``length`` and ``height`` over the scalp; ``lift`` how
    steeply strands leave the skin; ``front_up`` how far the front stands up; ``part`` x of the parting; ``tip`` the
    height at which hair is cut; ``line`` the hairline; ``fade`` heights between which sides and back grow from
    ``shortest`` to their length; ``curl`` or ``wave`` size of coils, ``turns`` of them a dm, ``unison`` how far
    locks wave together; ``uneven``: how much they differ in length, ``ragged`` (dm) where they are cut;
    ``sleek``: 1 where all lies on one layer; ``back``: how far hair runs back from the parting; ``clump``, ``clumps``,
    ``gather``: see `locks`; ``rope``: a kind of `locks.ROPES`; ``steps`` points a strand; ``many``, ``thin``: how many
    strands, how fine; ``cover``: paint on the scalp; ``ends``: what is made of gathered hair.
    """

    flow: str = "crown"
    length: Four = (0.40, 0.42, 0.16, 0.22)
    height: Four = (0.10, 0.13, 0.035, 0.06)
    pole: tuple[float, float, float] = WHORL
    lift: float = 0.35
    gravity: float = 0.10
    front_up: float = 0.0
    hold: float = 0.35
    part: float = 0.0
    tip: float = -9.0
    ceiling: float = 9.0
    turn_in: float = 0.0
    spread: float = 0.0
    fringe: Fringe | None = None
    line: str = "natural"
    fade: tuple[float, float] | None = None
    shortest: float = 0.03
    curl: float = 0.0
    wave: float = 0.0
    turns: float = 0.0
    loose: float = 0.6
    unison: float = 0.0
    start: float = 0.0
    clump: float = 0.45
    clumps: int = 420
    gather: float = 1.0
    frizz: float = 0.02
    flying: float = 0.08
    stray: float = 0.07
    locks: float = 0.16
    rope: str = ""
    thick: float = 0.0
    messy: float = 0.16
    layered: float = 0.05
    uneven: float = 0.0
    ragged: float = 0.035
    sleek: float = 0.0
    back: float = 0.15
    steps: int = 12
    many: float = 1.0
    thin: float = 1.0
    cover: float = 0.85
    shine: float = 1.0
    rough: float = 0.16
    hides_ears: bool = False
    young: float = 0.35  # length at the hairline, as a share
    ends: str = ""

    def as_flow(self) -> Flow:
        """The numbers that `grow.grow` takes."""
        f = self.fringe or Fringe(0.0)
        x, y, z = self.pole
        two_sided = float(self.ends == "pigtails")
        return Flow(
            FLOWS[self.flow], x, y, z, self.lift, self.gravity, self.front_up, self.frizz, two_sided,
            self.tip, self.ceiling, f.sweep, f.split, self.turn_in, self.spread, self.hold, self.messy, 9.0,
            0.0, self.back, self.layered, self.ragged,
        )  # fmt: skip

    def as_lock(self, curl: float, wave: float) -> Lock:
        """The numbers that `locks.lay` takes, with the size of coils or waves."""
        size = max(curl, wave)
        return Lock(
            self.clump,
            self.gather,
            curl,
            wave,
            self.turns,
            self.loose,
            self.frizz,
            ROPES[self.rope],
            self.thick,
            self.start or 0.12 + 2 * size,
            0.0 if self.rope else self.stray,
        )


def _long(**own: object) -> Style:
    usual: dict[str, object] = {
        "flow": "part", "lift": 0.28, "messy": 0.09, "gravity": 0.6, "line": "parted", "steps": 22,
        "hides_ears": True, "hold": 0.8, "young": 0.75,
        "length": (2.9, 2.9, 2.5, 2.2), "height": (0.13, 0.18, 0.11, 0.12), "clump": 0.55,
        "spread": 0.06, "start": 0.5, "many": 0.8, "cover": 0.95,
    }  # fmt: skip
    return Style(**(usual | own))  # type: ignore[arg-type]


def _gathered(ends: str, **own: object) -> Style:
    usual: dict[str, object] = {
        "flow": "pole", "ends": ends, "lift": 0.10, "messy": 0.06, "gravity": 0, "line": "gathered",
        "steps": 14, "young": 0.75, "hold": 0.8,
        "length": (1.30, 1.10, 1.10, 1.20), "height": (0.035, 0.045, 0.03, 0.04), "clump": 0.45, "sleek": 0.6,
        "frizz": 0.006, "shine": 1.2,
        "flying": 0.02,
    }  # fmt: skip
    return Style(**(usual | own))  # type: ignore[arg-type]


STYLES: dict[str, Style | None] = {
    "bald": None,
    "receding": Style(
        length=(0.20, 0.22, 0.15, 0.16), height=(0.05, 0.06, 0.025, 0.04), lift=0.3, clump=0.30, clumps=900,
        line="receding", steps=8, many=1.6, cover=0.62, hold=0.6, fade=(-0.2, 0.55), shortest=0.05,
    ),
    "buzz": Style(
        length=(0.045, 0.05, 0.035, 0.04), height=(0.02, 0.02, 0.015, 0.02), lift=0.8, gravity=0, clump=0,
        frizz=0.004, shine=0.5, steps=3, thin=0.85, many=1.9, cover=0.84, young=0.8,
    ),
    "short": Style(
        length=(0.28, 0.32, 0.16, 0.18), height=(0.08, 0.10, 0.025, 0.04), lift=0.42, gravity=0.08, clump=0.40,
        clumps=900, frizz=0.012, front_up=0.3, hold=0.6, messy=0.12, steps=9, many=1.6, fade=(-0.15, 0.60),
        shortest=0.055,
    ),
    "side_part": Style(
        flow="side", length=(0.60, 0.54, 0.22, 0.22), height=(0.13, 0.11, 0.03, 0.04), lift=0.45, clump=0.45,
        part=0.50, front_up=0.35, shine=1.1, many=1.4, hold=0.75, messy=0.10, fade=(-0.15, 0.60), shortest=0.055,
    ),
    "quiff": Style(
        flow="back", pole=LOWER, length=(0.66, 0.55, 0.20, 0.20), height=(0.26, 0.18, 0.03, 0.04), lift=0.70,
        gravity=0.03, clump=0.45, front_up=0.9, many=1.4, messy=0.06, hold=0.5, fade=(-0.15, 0.62), shortest=0.05,
    ),
    "slicked_back": Style(
        flow="back", pole=LOWER, length=(0.85, 0.75, 0.24, 0.24), height=(0.13, 0.12, 0.03, 0.04), lift=0.32, hold=0.6,
        gravity=0.03, clump=0.45, clumps=900, frizz=0.008, shine=1.2, many=1.4, messy=0.05, sleek=0.5, flying=0.02,
        front_up=0.30, fade=(-0.15, 0.58), shortest=0.055, young=0.55,
    ),
    "textured": Style(
        length=(0.42, 0.42, 0.18, 0.20), height=(0.15, 0.17, 0.035, 0.05), lift=0.62, gravity=0.08, clump=0.70,
        frizz=0.025, front_up=0.4, wave=0.025, turns=2.2, many=1.4, hold=0.5, fade=(-0.15, 0.62), shortest=0.055,
    ),
    "curly": Style(
        length=(0.52, 0.66, 0.36, 0.38), height=(0.20, 0.24, 0.07, 0.10), lift=0.9, gravity=0.12, curl=0.05,
        turns=3.2, clump=0.80, clumps=420, gather=0.5, loose=0.6, frizz=0.018, flying=0.05, stray=0.03, steps=26,
        front_up=0.7, many=1.3, fade=(-0.20, 0.45), shortest=0.12, uneven=0.45,
    ),
    "afro": Style(
        flow="out", length=(0.38, 0.40, 0.35, 0.38), height=(0.26, 0.30, 0.24, 0.28), lift=1.6, gravity=0,
        curl=0.026, turns=9, clump=0.45, frizz=0.04, shine=0.45, line="round", steps=22,
    ),
    "pixie": Style(
        length=(0.62, 0.50, 0.34, 0.28), height=(0.08, 0.12, 0.045, 0.06), lift=0.35, gravity=0.12, clump=0.55,
        fringe=Fringe(0.44, 0.75, ragged=0.06), line="round", hold=0.7, messy=0.10, many=1.3, fade=(-0.35, 0.30),
        shortest=0.10,
    ),
    "bob": _long(
        length=(2.2, 2.3, 1.75, 1.5), height=(0.15, 0.19, 0.11, 0.12), gravity=0.55, clump=0.45, part=0.20,
        tip=-0.80, turn_in=0.10, spread=0.05, steps=20,
    ),
    "long_bob": _long(
        length=(2.5, 2.6, 2.1, 1.9), height=(0.15, 0.19, 0.11, 0.12), clump=0.55, wave=0.035, turns=0.8,
        unison=0.85, loose=0.3, part=0.22, tip=-1.08, turn_in=0.05, spread=0.05,
    ),
    "fringe": _long(
        fringe=Fringe(0.25, 0.0, side=0.30, ragged=0.02, reach=56), part=0.0, tip=-1.42, clump=0.12, many=1.15,
    ),
    "long": _long(part=0.08, shine=1.15, tip=-1.42),
    "long_wavy": _long(
        height=(0.11, 0.13, 0.15, 0.16), clump=0.62, clumps=220, gather=0.50, wave=0.14, turns=0.85, loose=0.18,
        unison=0.90, start=0.8, steps=28, part=0.24, stray=0.02, spread=0.14, tip=-1.42, frizz=0.008, flying=0.02,
        layered=0.24, ragged=0.07,
    ),
    "long_curly": _long(
        length=(2.6, 2.6, 2.3, 2.0), height=(0.13, 0.15, 0.17, 0.18), lift=0.5, gravity=0.5, clump=0.86, clumps=220,
        gather=0.26, curl=0.078, turns=1.45, stray=0.03, loose=0.30, start=0.75, steps=34, frizz=0.008, flying=0.03,
        ragged=0.07, part=0.12, spread=0.16, tip=-1.35,
    ),
    "layered": _long(
        length=(1.9, 2.3, 1.9, 1.8), height=(0.13, 0.17, 0.12, 0.13), clump=0.50, clumps=420, gather=0.7, wave=0.06,
        turns=0.9, loose=0.3, unison=0.85, part=0.26, tip=-1.22, layered=0.40, spread=0.12, steps=24, many=1.05,
    ),
    "side_swept": _long(
        fringe=Fringe(0.25, 1.35, side=0.42, ragged=0.02, reach=46), part=0.36, tip=-1.36, clump=0.18, wave=0.04,
        many=0.9, flying=0.02, turns=0.8, unison=0.85, loose=0.3, spread=0.07,
    ),
    "curtain_fringe": _long(
        fringe=Fringe(0.14, 1.3, split=1.0, side=0.70, ragged=0.025, reach=42), part=0.0, tip=-1.36, clump=0.10,
        many=1.05, height=(0.11, 0.14, 0.11, 0.12),
        wave=0.06, turns=0.8, unison=0.85, loose=0.3, spread=0.10,
    ),
    "swept_back": _long(
        flow="back", pole=LOWER, length=(2.4, 2.3, 2.0, 1.8), height=(0.05, 0.065, 0.045, 0.06), many=1.3, lift=0.14,
        gravity=0.6, clump=0.20, frizz=0.006, flying=0.02, steps=20, hides_ears=False, tip=-1.30, spread=0.05,
        messy=0.03, sleek=0.7, line="gathered",
    ),
    "ponytail": _gathered("ponytail", pole=BEHIND),
    "bun": _gathered("bun", pole=CROWN),
    "updo": _gathered("updo", pole=BEHIND, height=(0.07, 0.08, 0.05, 0.06), lift=0.2, frizz=0.012, shine=1.0),
    "man_bun": _gathered(
        "man_bun", pole=BEHIND, height=(0.05, 0.06, 0.03, 0.04), line="round", fade=(0.05, 0.50), frizz=0.012,
        shine=1.0, young=0.5,
    ),
    "pigtails": _gathered("pigtails", pole=PIGTAIL, height=(0.05, 0.06, 0.04, 0.05), shine=1.0),
    "undercut": Style(
        flow="back", pole=LOWER, length=(0.80, 0.70, 0.60, 0.55), height=(0.16, 0.15, 0.05, 0.05), lift=0.6,
        gravity=0.03, clump=0.6, front_up=0.55, fade=(0.56, 0.66), many=1.6, shine=1.1, cover=0.9,
    ),
    "fade": Style(
        length=(0.16, 0.17, 0.12, 0.13), height=(0.07, 0.08, 0.04, 0.05), lift=0.7, gravity=0, curl=0.014, turns=7,
        clump=0.25, clumps=900, gather=0.5, frizz=0.02, shine=0.6, fade=(-0.02, 0.72), steps=10, many=1.9,
        cover=0.92, loose=1.5,
    ),
    "high_top": Style(
        flow="up", length=(0.80, 0.75, 0.55, 0.60), height=(0.3, 0.3, 0.2, 0.2), lift=1.2, gravity=0, curl=0.020,
        turns=9, clump=0.45, frizz=0.03, shine=0.5, fade=(0.25, 0.66), ceiling=1.33, steps=20, many=1.4, loose=2.5,
    ),
    "twists": Style(
        flow="hang", length=(0.55, 0.62, 0.50, 0.50), height=(0.08, 0.09, 0.06, 0.07), lift=0.3, gravity=0.35,
        clump=1.0, clumps=220, gather=0.08, rope="twist", thick=0.04, turns=3.6, frizz=0.008, flying=0,
        shine=0.6, line="braided", steps=26, many=1.1, thin=1.1, cover=0.95, young=0.6,
    ),
    "braids": _long(
        flow="part", length=(2.5, 2.5, 2.1, 1.8), height=(0.10, 0.13, 0.09, 0.10), lift=0.5, clump=1.0, clumps=170,
        gather=0.08, rope="braid", thick=0.034, turns=2.3, frizz=0.003, flying=0, shine=0.9, steps=38, many=0.85,
        thin=1.15, cover=0.95, tip=-1.42, part=0.02, back=0.90, line="braided",
    ),
    "locs": _long(
        flow="part", length=(2.0, 2.0, 1.7, 1.5), height=(0.12, 0.15, 0.10, 0.11), lift=0.6, clump=1.0, clumps=110,
        gather=0.08, rope="loc", thick=0.046, turns=3.0, frizz=0.010, flying=0, shine=0.35, steps=30, many=0.85,
        thin=1.15, cover=0.95, tip=-1.25, part=-0.12, back=0.90, line="braided",
    ),
}  # fmt: skip
