"""What each hair style is made of.  Lengths in dm; four numbers are those of front, top, sides and back."""

from __future__ import annotations

from dataclasses import dataclass

from engine_bridge.makehuman_v2.strands.grow import FLOWS, Flow
from engine_bridge.makehuman_v2.strands.locks import ROPES, Lock

Four = tuple[float, float, float, float]
# Unit vectors from the middle of the head.
WHORL = (0.0142, 0.9135, -0.4065)
HIGH, LOW, CROWN, PIGTAIL = (0.0, 0.70, -0.714), (0.0, 0.17, -0.985), (0.0, 0.94, -0.342), (0.80, 0.42, -0.428)


@dataclass(frozen=True)
class Fringe:
    """Hair that falls over the forehead to the height ``drop``, swept to one side or ``split`` in the middle; ``side`` is how
    much longer it is at the temples, ``ragged`` how uneven."""

    drop: float
    sweep: float = 0.0
    split: float = 0.0
    side: float = 0.0
    ragged: float = 0.05
    reach: float = 50.0  # degrees to each side


@dataclass(frozen=True)
class Style:
    """A hair style.

    ``flow``: a kind of `grow.FLOWS`, ``pole`` its point; ``length`` and ``height`` over the scalp; ``lift`` how steeply
    strands leave the skin; ``front_up`` how far the front stands up; ``part`` x of the parting; ``tip`` the height at which
    hair is cut; ``line`` the hairline; ``fade`` heights between which the sides grow from stubble to their length;
    ``curl`` or ``wave`` size of coils, ``turns`` of them a dm; ``clump``, ``clumps``, ``gather``: see `locks`; ``rope``:
    a kind of `locks.ROPES`; ``steps`` points a strand; ``many``, ``thin``: how many strands, how fine; ``cover``: paint on
    the scalp; ``ends``: what is made of gathered hair.
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
    curl: float = 0.0
    wave: float = 0.0
    turns: float = 0.0
    loose: float = 0.6
    clump: float = 0.45
    clumps: int = 420
    gather: float = 1.0
    frizz: float = 0.02
    flying: float = 0.06
    rope: str = ""
    thick: float = 0.0
    layered: float = 0.12
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
            FLOWS[self.flow], x, y, z, self.lift, self.gravity, self.front_up, self.frizz, two_sided, self.tip, self.ceiling,
            f.sweep, f.split, self.turn_in, self.spread, self.hold,
        )  # fmt: skip

    def as_lock(self, curl: float, wave: float) -> Lock:
        """The numbers that `locks.lay` takes, with the size of coils or waves."""
        size = max(curl, wave)
        return Lock(
            self.clump, self.gather, curl, wave, self.turns, self.loose, self.frizz, ROPES[self.rope], self.thick, 0.12 + 2 * size
        )


def _long(**own: object) -> Style:
    usual: dict[str, object] = {
        "flow": "part", "lift": 0.45, "gravity": 0.6, "line": "round", "steps": 22, "hides_ears": True, "hold": 0.8, "young": 0.75,
        "length": (2.9, 2.9, 2.5, 2.2), "height": (0.10, 0.13, 0.09, 0.10), "clump": 0.55,
    }  # fmt: skip
    return Style(**(usual | own))  # type: ignore[arg-type]


STYLES: dict[str, Style | None] = {
    "bald": None,
    "buzz": Style(
        length=(0.045, 0.05, 0.035, 0.04), height=(0.02, 0.02, 0.015, 0.02), lift=0.8, gravity=0, clump=0, frizz=0.004, shine=0.5,
        steps=3, thin=0.62, many=1.75, cover=0.72,
    ),
    "short": Style(
        length=(0.26, 0.32, 0.12, 0.18), height=(0.08, 0.11, 0.03, 0.05), lift=0.55, gravity=0.08, clump=0.5, frizz=0.015, front_up=0.4,
        steps=9, many=1.6,
    ),
    "long": _long(part=0.08, shine=1.15, tip=-1.42),
    "curly": Style(
        length=(0.62, 0.66, 0.30, 0.34), height=(0.16, 0.20, 0.07, 0.10), lift=0.9, gravity=0.20, curl=0.050, turns=3.6, clump=0.92,
        clumps=220, frizz=0.014, steps=24, front_up=0.3,
    ),
}  # fmt: skip
