"""Constants of one engine that no network holds: optional entry "calibration" of bundle.json.

Their defaults are the values of the shipped engine; a bundle without the entry has these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from math import isfinite
from typing import Any

__all__ = ["Calibration", "IlluminationPrior"]


@dataclass(frozen=True, kw_only=True)
class IlluminationPrior:
    """Expected illumination of photos, against the light in which the engine draws.

    Exposures are log k, where k multiplies L* + 16 (see `f2p.targets.illumination`); deviations are standard
    deviations of the same, above 0.
    """

    skin_deviation: float = 0.12
    """Of the skin's lightness from the translator's guess. Surer, and all dark skin would come out light, since guesses
    keep near the mean."""
    exposure_mean: float = -0.06
    """Mean exposure of photos: they are a little darker than the engine's light."""
    exposure_deviation: float = 0.17
    sclera_shade: float = -0.13
    """Whites of the eyes in photos against those that the engine draws: brows and lids shade them, and nothing makes
    them shine."""
    sclera_deviation_dark: float = 0.20
    """Of that where they are darker than the other estimates predict."""
    sclera_deviation_bright: float = 0.10
    """Of that where they are brighter, which is the surer estimate."""
    hue_share: float = 0.6
    """Share of the way, in [0, 1], by which hue moves to the guess: skins differ in lightness far more than in hue,
    lamps in both."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Constants of one engine.

    Attributes:
        illumination: of photos against the engine's light.
        scale_deviation: standard deviation of the scale of a face that the bundle's line `zoom` leaves, as a logarithm:
            half of it is the line's own error, half the landmarks'; above 0.
    """

    illumination: IlluminationPrior = field(default_factory=IlluminationPrior)
    scale_deviation: float = 0.03

    @classmethod
    def from_json(cls, entry: Any) -> Calibration:
        """Constants of a manifest's entry; what it leaves out has its default.

        Raises:
            ValueError: an unknown name, or a value out of range; the message names it.
        """
        values = _numbers(entry, cls, {"illumination"})
        light = _numbers(entry.get("illumination", {}), IlluminationPrior, set())
        return cls(illumination=IlluminationPrior(**light), **values)

    def to_json(self) -> dict[str, Any]:
        """The manifest's entry."""
        return asdict(self)


def _numbers(entry: Any, kind: type, nested: set[str]) -> dict[str, float]:
    if not isinstance(entry, Mapping):
        raise ValueError("it is no mapping")
    known = {each.name for each in fields(kind)}
    for name, value in entry.items():
        if name not in known:
            raise ValueError(f"'{name}' is unknown; known: {', '.join(sorted(known))}")
        if name in nested:
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
            raise ValueError(f"'{name}' is no finite number")
        if "deviation" in name and value <= 0:
            raise ValueError(f"'{name}' is not above 0")
    return {name: float(value) for name, value in entry.items() if name not in nested}
