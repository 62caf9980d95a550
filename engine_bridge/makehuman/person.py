"""What the sliders say of a person, in the units that the drawing uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

YOUNG, OLD = 25.0, 85.0  # years at the weights 0 and 1 of the age slider
YOUNGEST = 18.0  # children are not drawn


# Weight of MakeHuman's direction of age at 85 years, of women and of men, and how fast it grows at first: see `grown`.
# A woman's years come late: what makes a man of forty look his age makes her look sixty.
AGE_REACH, AGE_EARLY = (2.3, 2.3), (0.19, 1.22)
# The same of `AGEING`, in its steps.
SAG_REACH, SAG_EARLY = (1.25, 1.25), (0.41, 1.6)
# What 50 years add to the shape, beyond the slider's own direction, in weights: soft parts sag and thin. The direction
# itself, so far along, makes flaps of the ears and dents the cheeks above the jaw: that is taken back.
AGEING = {
    "head_age": 0.22,
    "eye_bag": 0.12,
    "eye_outer_corner": -0.10,
    "eye_open_outer": -0.05,
    "eye_fold_height": -0.08,
    "eye_size": -0.10,
    "nose_tip_height": -0.10,
    "brow_ridge_height": -0.22,
    "ear_size": -0.10,
    "ear_lobe": -0.20,
    "mouth_height": -0.10,
    "mouth_thickness": -0.06,
    "mouth_upper_volume": -0.10,
    "mouth_corners": -0.06,
    "neck_double_chin": 0.14,
    "cheek_inner": -0.08,
    "cheek_volume": 0.06,
}


@dataclass(frozen=True)
class Person:
    """``years`` 18..85; ``male`` 0 a woman to 1 a man; ``look`` appearance sliders in 0..1 and options by name."""

    years: float
    male: float
    look: Mapping[str, float | str]

    def __getitem__(self, name: str) -> float:
        """The value 0..1 of an appearance slider."""
        return float(self.look[name])

    def swing(self, name: str) -> float:
        """An appearance slider from -1 to 1 about its middle."""
        return (float(self.look[name]) - 0.5) * 2

    @property
    def aged(self) -> float:
        """How far the colours have aged: 0 up to 25 years, 1 at 85."""
        return ripeness(self.years)


def share(years: float) -> float:
    """The share of the way from 25 years (0) to 85 (1)."""
    return min(max((years - YOUNG) / (OLD - YOUNG), 0.0), 1.0)


def ripeness(years: float) -> float:
    """How far age has changed a face: 0 up to 25 years, 1 at 85, faster at first: who sees a face as evenly aged as the
    years takes everybody up to 50 for 30."""
    return grown(years, 1.0, (1.0, 1.0), (1.6, 1.6))


def grown(years: float, male: float, reach: tuple[float, float], early: tuple[float, float]) -> float:
    """What grows from 0 at 25 years to ``reach`` at 85, at first ``early`` times as fast as evenly; both of women and
    of men, ``male`` 0 a woman to 1 a man. A parabola, since powers are not the same bits on every machine."""
    full, first = (women + (men - women) * male for women, men in (reach, early))
    t = share(years)
    return full * t * (first + (1 - first) * t)


def person(weights: Mapping[str, float], look: Mapping[str, float | str]) -> Person:
    """The person of morph weights and appearance."""
    age = weights.get("age", 0.0)
    years = YOUNG + age * (OLD - YOUNG) if age > 0 else YOUNG + age * (YOUNG - YOUNGEST) / 0.3
    return Person(min(max(years, YOUNGEST), OLD), min(max(0.5 + 0.5 * weights.get("sex", 0.0), 0.0), 1.0), look)


def aged(weights: Mapping[str, float], who: Person) -> dict[str, float]:
    """Morph weights with what age adds to them (`AGEING`)."""
    out = dict(weights)
    if who.years > YOUNG:
        out["age"] = grown(who.years, who.male, AGE_REACH, AGE_EARLY)
        sag = grown(who.years, who.male, SAG_REACH, SAG_EARLY)
        for name, step in AGEING.items():
            out[name] = out.get(name, 0.0) + sag * step
    return out
