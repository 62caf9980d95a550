"""What the figures of a bundle mean, in words, and what would help.

The bounds are those of bundles whose characters people were asked about: below "fair" characters are nobody's
likeness.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Verdict", "judge"]

GRADES = ("poor", "fair", "good")
# Figure -> lower bounds of fair and good.
BOUNDS = {
    "psnr": (26.0, 31.0),
    "identity_cosine": (0.60, 0.88),
    "label_iou_mean": (0.55, 0.75),
    "guessed": (0.15, 0.45),
}
WRONG = (0.35, 0.10)  # share of visible sliders that are dead or wrong: upper bounds of fair and good
UNCHANGED = 0.3  # cosine of an option's change below which G does not draw the option
NAMED = 5


@dataclass(frozen=True)
class Verdict:
    """``grade`` of the whole, the worst of its parts; ``words`` one sentence a part; ``advice`` what would help."""

    grade: str
    words: tuple[str, ...]
    advice: tuple[str, ...]


def judge(figures: Mapping[str, Any], guess_error: np.ndarray | None, minutes: float) -> Verdict:
    """The verdict on a bundle.

    Args:
        figures: of `imitator-training evaluate`, with sliders and options.
        guess_error: (C,) of the bundle's statistics, in sampling spreads; None without a translator.
        minutes: the budget.
    """
    words, advice, grades = [], [], []

    def graded(name: str, value: float, text: str) -> int:
        fair, good = BOUNDS[name]
        grade = 0 if value < fair else 1 if value < good else 2
        grades.append(grade)
        words.append(f"{text} {GRADES[grade].capitalize()}.")
        return grade

    pictures = graded("psnr", figures["psnr"], f"Pictures: {figures['psnr']:.1f} dB from the engine's.")
    likeness = graded(
        "identity_cosine",
        figures["identity_cosine"],
        f"Identity: a recogniser finds {figures['identity_cosine']:.2f} of what tells a person from the others.",
    )
    if pictures < 2 or likeness < 2:
        advice.append(f"Give a longer --budget ({_longer(minutes)}): pictures and identity grow with training.")
    iou = [v for v in figures.get("label_iou", {}).values() if v > 0]
    if iou and graded("label_iou_mean", float(np.mean(iou)), f"Regions: {np.mean(iou):.2f} of their area agree.") < 1:
        advice.append("Look at the label maps: `engine-bridge check` compares them with the pictures.")
    _sliders(figures.get("sliders", {}), words, advice, grades)
    lost = [f"{o['parameter']} {o['option']}" for o in figures.get("options", []) if _lost(o)]
    if lost:
        words.append(f"Options that the imitator does not draw: {_some(lost)}.")
        advice.append("Rare or thin options need more renders: raise their weight in the schema, or the --budget.")
        grades.append(1)
    if guess_error is not None:
        known = guess_error[guess_error < 1]
        guessed = float(np.mean(1 - known**2)) if len(known) else 0.0
        if graded("guessed", guessed, f"First guess from a photo: {guessed:.2f} of the sliders' variance.") < 1:
            advice.append("A poor first guess makes the search slower and less sure: more renders and time help it.")
    return Verdict(GRADES[min(grades)], tuple(words), tuple(dict.fromkeys(advice)))


def _sliders(sliders: Mapping[str, Any], words: list[str], advice: list[str], grades: list[int]) -> None:
    if not sliders:
        return
    bad, visible = [*sliders["dead"], *sliders["wrong"]], max(sliders["visible"], 1)
    share = len(bad) / visible
    grades.append(0 if share > WRONG[0] else 1 if share > WRONG[1] else 2)
    words.append(f"Sliders: {visible - len(bad)} of {visible} move the picture as in the engine. "
                 f"{GRADES[grades[-1]].capitalize()}.")  # fmt: skip
    if bad:
        advice.append(f"Not learnt yet: {_some(bad)}. Small effects need more time, or a wider range in the schema.")
    if sliders["invisible"]:
        advice.append(f"Without visible effect at this size: {_some(sliders['invisible'])}. Give them a spread of 0.")


def _lost(option: Mapping[str, Any]) -> bool:
    change = option.get("change")
    return change is not None and math.isfinite(change) and change < UNCHANGED


def _longer(minutes: float) -> str:
    return f"{2 * minutes / 60:.0f}h" if minutes >= 60 else f"{2 * minutes:.0f}m"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
