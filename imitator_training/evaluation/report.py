"""The page for people: one HTML file with all figures and pictures inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from imitator_training.evaluation.pictures import data_url

__all__ = ["Picture", "evaluation_page", "page_style"]

HEADLINES = ("samples", "psnr", "ssim", "l1", "identity_cosine", "rank1", "label_iou_mean")


@dataclass(frozen=True)
class Picture:
    """One strip and what is written below it."""

    section: str
    image: npt.NDArray[np.uint8]
    caption: str


def evaluation_page(figures: Mapping[str, Any], pictures: Sequence[Picture], title: str) -> str:
    """The report of one evaluation.

    Args:
        figures: what `imitator_training.evaluation.command.evaluate` returns.
        pictures: strips, by section (faces, solutions, sliders).
        title: usually the model's name.
    """
    sets = {"held-out characters": figures}
    if "solutions" in figures:
        sets["solutions"] = figures["solutions"]
    regions = dict.fromkeys(name for part in sets.values() for name in part.get("label_iou", {}))
    sliders = figures.get("sliders", {})
    rows = [{"name": name, **row} for name, row in sliders.get("each", {}).items()]
    return (
        _environment()
        .get_template("evaluation.html.j2")
        .render(
            title=title,
            subtitle=f"{figures['arch']}, {figures['parameters']:,} weights",
            style=page_style(),
            headlines=HEADLINES,
            sets=sets,
            regions=list(regions),
            sliders=sliders,
            slider_rows=sorted(rows, key=lambda row: row["correlation"]),
            options=sorted(figures.get("options", []), key=lambda row: -row["l1"]),
            gap=figures.get("gap", {}),
            sections={
                name: [{"source": data_url(p.image), "caption": p.caption} for p in pictures if p.section == name]
                for name in dict.fromkeys(p.section for p in pictures)
            },
        )
    )


def _environment() -> jinja2.Environment:
    loaders = [
        jinja2.PackageLoader(package, "templates") for package in ("imitator_training.evaluation", "f2p.reports")
    ]
    # Autoescape for all: names come out of schemas and file names.
    return jinja2.Environment(
        loader=jinja2.ChoiceLoader(loaders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page_style() -> Markup:
    """The style sheet that all pages share."""
    environment = _environment()
    assert environment.loader is not None
    return Markup(environment.loader.get_source(environment, "style.css")[0])  # our own file
