"""Constants of one engine that no network holds: optional entry "calibration" of bundle.json.

Their defaults are the values of the shipped engine; a bundle without the entry has these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from math import isfinite
from typing import Any, Final

__all__ = ["Calibration", "Flattering", "IlluminationPrior"]


@dataclass(frozen=True, kw_only=True)
class IlluminationPrior:
    """Expected illumination of photos, against the light in which the engine draws.

    Exposures are log k, where k multiplies L* + 16 (see `f2p.targets.illumination`); deviations are standard
    deviations of the same, above 0.
    """

    skin_deviation: float = 0.12
    """Of the skin's lightness from the translator's guess. Surer, and all dark skin would come out light, since guesses
    keep near the mean."""
    grey_skin_deviation: float = 0.06
    """The same of a photo without colour, whose lightness says least: the guess, which sees the features too, tells
    light skin from dark better."""
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


_KEPT: Final = ("sex", "age", "african", "asian", "caucasian")
_TARGETS: Final = {
    "eye_bag": 0.44,
    "eye_circles": 0.04,
    "mouth_corners": 0.57,
    "mouth_laugh_lines": 0.45,
    "neck_double_chin": 0.44,
    "skin_lines": 0.06,
    "skin_redness": 0.46,
}


@dataclass(frozen=True, kw_only=True)
class Flattering:
    """Pleasant faces of the engine; names that its schema has not are passed over.

    Attributes:
        averageness: share of the way to the average person that the features go at most, in [0, 1]: faces nearer to the
            average of many are found more pleasant (Langlois and Roggman, "Attractive faces are only average", 1990).
        kept: sliders that say who a person is, and stay.
        targets: sliders with a place of their own to go to, normalised: rested, at ease.
    """

    averageness: float = 0.35
    kept: tuple[str, ...] = _KEPT
    targets: Mapping[str, float] = field(default_factory=lambda: dict(_TARGETS))

    @classmethod
    def from_json(cls, entry: Any) -> Flattering:
        """Constants of a manifest's entry. Raises ValueError, whose message names what is wrong."""
        values: dict[str, Any] = dict(_numbers(entry, cls, {"kept", "targets"}))
        if "kept" in entry:
            kept = entry["kept"]
            if not isinstance(kept, (list, tuple)) or not all(isinstance(name, str) for name in kept):
                raise ValueError("'kept' is no list of names")
            values["kept"] = tuple(kept)
        if "targets" in entry:
            targets = entry["targets"]
            if not isinstance(targets, Mapping) or not all(_is_share(place) for place in targets.values()):
                raise ValueError("'targets' are no places in [0, 1] by name")
            values["targets"] = {str(name): float(place) for name, place in targets.items()}
        if not _is_share(values.get("averageness", 0.0)):
            raise ValueError("'averageness' is not in [0, 1]")
        return cls(**values)


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Constants of one engine.

    Attributes:
        illumination: of photos against the engine's light.
        flattering: pleasant faces.
        mien: sliders whose solved values lie beside people's, all in one direction, and by how much, normalised, in
            [-1, 1]: light from above and a smile's narrow eyes are taken for a frown. It is taken off each answer.
        years_unseen_women, years_unseen_men: years by which the network of age takes the engine's people for younger
            than people do. Where a photo says 50, the drawing need look no older to the network than that less these.
        option_costs: of options by choice: what each costs beside the objective, at least 0. Label maps suggest some
            more often than people wear them, such as a receding hairline for a high forehead. Names that the schema has
            not are passed over.
        unseen_in_grey: sliders that a photo without colour does not show, and the values that people have of them,
            normalised: the nearest to the translator's guess is taken, which itself lies between brown eyes and blue
            ones, where hardly anybody's are. Names that the schema has not are passed over.
        scale_deviation: standard deviation of the scale of a face that the bundle's line `zoom` leaves, as a logarithm:
            half of it is the line's own error, half the landmarks'; above 0.
    """

    illumination: IlluminationPrior = field(default_factory=IlluminationPrior)
    flattering: Flattering = field(default_factory=Flattering)
    mien: Mapping[str, float] = field(default_factory=dict)
    years_unseen_women: float = 0.0
    years_unseen_men: float = 0.0
    option_costs: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    unseen_in_grey: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    scale_deviation: float = 0.03

    @classmethod
    def from_json(cls, entry: Any) -> Calibration:
        """Constants of a manifest's entry; what it leaves out has its default.

        Raises:
            ValueError: an unknown name, or a value out of range; the message names it.
        """
        nested = {"illumination", "flattering", "mien", "option_costs", "unseen_in_grey"}
        values: dict[str, Any] = dict(_numbers(entry, cls, nested))
        if "mien" in entry:
            mien = entry["mien"]
            if not isinstance(mien, Mapping) or not all(_is_number(by) and abs(by) <= 1 for by in mien.values()):
                raise ValueError("'mien' has no shares in [-1, 1] by name")
            values["mien"] = {str(name): float(by) for name, by in mien.items()}
        if "option_costs" in entry:
            values["option_costs"] = _costs(entry["option_costs"])
        if "unseen_in_grey" in entry:
            values["unseen_in_grey"] = _places(entry["unseen_in_grey"])
        light = _numbers(entry.get("illumination", {}), IlluminationPrior, set())
        flattering = Flattering.from_json(entry.get("flattering", {}))
        return cls(illumination=IlluminationPrior(**light), flattering=flattering, **values)

    def to_json(self) -> dict[str, Any]:
        """The manifest's entry."""
        return asdict(self)


def _costs(entry: Any) -> dict[str, dict[str, float]]:
    each = entry.values() if isinstance(entry, Mapping) else ()
    known = isinstance(entry, Mapping) and all(isinstance(costs, Mapping) for costs in each)
    if not known or not all(_is_number(by) and isfinite(by) and by >= 0 for costs in each for by in costs.values()):
        raise ValueError("'option_costs' has no numbers of at least 0 by choice and option")
    return {str(name): {str(option): float(by) for option, by in costs.items()} for name, costs in entry.items()}


def _places(entry: Any) -> dict[str, tuple[float, ...]]:
    each = entry.values() if isinstance(entry, Mapping) else ()
    known = isinstance(entry, Mapping) and all(isinstance(places, (list, tuple)) and places for places in each)
    if not known or not all(_is_share(place) for places in each for place in places):
        raise ValueError("'unseen_in_grey' has no lists of places in [0, 1] by name")
    return {str(name): tuple(map(float, places)) for name, places in entry.items()}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1


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
