"""The person behind a random character: sex, age and ancestry, on which the look depends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine_bridge.makehuman.person import OLD, YOUNG, YOUNGEST

# MakeHuman's three directions of ancestry.  People stand between them.
ANCESTRIES = ("african", "asian", "caucasian")
BETWEEN = 0.08  # share of people whose face is between the sexes


def held(value: float) -> float:
    """A value drawn into 0..1."""
    return float(min(max(value, 0.0), 1.0))


@dataclass(frozen=True)
class Who:
    """``sex`` -1.15 very much a woman .. 1.15 very much a man; ``years`` 18..85 (children are not drawn);
    ``ancestry`` shares that sum to 1; ``textured`` whether the hair has an Afro texture."""

    sex: float
    years: float
    ancestry: dict[str, float]
    textured: bool

    @property
    def man(self) -> bool:
        return self.sex > 0

    @property
    def age(self) -> float:
        """The weight of the age slider."""
        if self.years >= YOUNG:
            return (self.years - YOUNG) / (OLD - YOUNG)
        return -0.3 * (YOUNG - self.years) / (YOUNG - YOUNGEST)

    def since(self, start: float, full: float) -> float:
        """0 up to ``start`` years, 1 from ``full`` years on."""
        return held((self.years - start) / (full - start))

    def mixed(self, of: dict[str, float]) -> float:
        """A number by ancestry, for this person's mixture."""
        return sum(share * of[name] for name, share in self.ancestry.items())


def somebody(rng: np.random.Generator) -> Who:
    """A random adult.  Half are women; younger adults are more frequent than old ones."""
    side = float(rng.choice([-1.0, 1.0]))
    sex = side * float(rng.uniform(0.85, 1.15) if rng.random() > BETWEEN else rng.uniform(0.1, 0.85))
    years = YOUNGEST + (OLD - YOUNGEST) * float(rng.beta(1.15, 1.9))
    shares = rng.dirichlet([0.4] * len(ANCESTRIES))
    ancestry = {name: float(share) for name, share in zip(ANCESTRIES, shares, strict=True)}
    textured = bool(rng.random() < held((ancestry["african"] - 0.25) / 0.4))
    return Who(sex, years, ancestry, textured)
