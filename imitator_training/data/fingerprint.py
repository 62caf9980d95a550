"""Fingerprint of an engine: small pictures of fixed people, by which a data folder knows what it was made with.

Pictures, not a hash of them: a graphics card rounds otherwise than another one, and that is no other engine. Light,
zoom, a hair style or a label map that changed is.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from f2p.engines.abilities import sample
from f2p.engines.protocol import FRONTAL, View
from f2p.regions import REGIONS

__all__ = ["Fingerprint", "difference", "take_fingerprint"]

SIZE = 128
SIDE = 32
TURNED = View(yaw=15.0, pitch=8.0, light=1)
MEAN_LEVELS, WORST_LEVELS = 1.5, 24.0
"""Grey levels by which pictures of one engine may differ, on average and in the worst of their 32 x 32 cells."""
SHARE = 0.006
"""By which the share of a region in the picture may differ."""


@dataclass(frozen=True)
class Fingerprint:
    """Three pictures and three label maps: the average face, a sampled one, and another that is turned and in another
    light.

    Attributes:
        pictures: base64 of uint8 (3, 32, 32, 3), each cell the mean of its pixels.
        labels: share of each region in each label map, (3, 13), rounded.
    """

    pictures: str
    labels: tuple[tuple[float, ...], ...]

    @staticmethod
    def from_json(content: dict[str, Any]) -> Fingerprint:
        """What `dataclasses.asdict` wrote. Raises KeyError, TypeError or ValueError where it is none."""
        found = Fingerprint(str(content["pictures"]), tuple(tuple(map(float, row)) for row in content["labels"]))
        found.cells()
        return found

    def cells(self) -> npt.NDArray[np.int16]:
        """(3, 32, 32, 3)."""
        return np.frombuffer(base64.b64decode(self.pictures), np.uint8).reshape(3, SIDE, SIDE, 3).astype(np.int16)


def take_fingerprint(engine: Any) -> Fingerprint:
    """Draw the three people."""
    people: list[tuple[dict[str, float | str], View]] = [
        ({}, FRONTAL),
        (sample(engine, 0), FRONTAL),
        (sample(engine, 1), TURNED),
    ]
    frames = [engine.render(values, SIZE, view) for values, view in people]
    pictures = np.stack([frame.image for frame in frames]).astype(np.float64)
    cell = SIZE // SIDE
    means = pictures.reshape(len(frames), SIDE, cell, SIDE, cell, 3).mean(axis=(2, 4))
    shares = [np.bincount(frame.labels.ravel(), minlength=len(REGIONS)) / SIZE**2 for frame in frames]
    return Fingerprint(
        base64.b64encode(means.round().astype(np.uint8).tobytes()).decode(),
        tuple(tuple(round(float(share), 4) for share in row) for row in shares),
    )


def difference(one: Fingerprint, other: Fingerprint) -> str:
    """In what two engines differ, as words; empty where they are one."""
    away = np.abs(one.cells() - other.cells())
    found = [
        f"{name} is drawn otherwise, by {part.mean():.1f} grey levels on average and {part.max()} at most"
        for name, part in zip(("the average face", "a sampled face", "a turned face"), away, strict=True)
        if part.mean() > MEAN_LEVELS or part.max() > WORST_LEVELS
    ]
    moved = np.abs(np.array(one.labels) - np.array(other.labels)).max(axis=0)
    regions = [REGIONS[index] for index in np.nonzero(moved > SHARE)[0]]
    if regions:
        found.append(f"other label maps ({', '.join(regions)})")
    return "; ".join(found)
