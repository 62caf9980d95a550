"""The page of a fit: what is done, what runs, pictures of the engine, and the verdict; it reloads itself meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from f2p.errors import F2PError
from f2p.files import write_files
from imitator_training.data.dataset import Renders
from imitator_training.evaluation.pictures import data_url
from imitator_training.evaluation.report import page_style
from imitator_training.fit.progress import State
from imitator_training.fit.stages import Folders, Stage
from imitator_training.fit.verdict import Verdict

__all__ = ["write_page"]

SHOWN = 12  # renders


def write_page(
    folders: Folders, state: State, stages: list[Stage], verdict: Verdict | None = None, failed: str | None = None
) -> Path:
    """Write ``index.html`` into the fit's folder; its path."""
    rows: list[dict[str, Any]] = []
    for stage in stages:
        status = "done" if stage.name in state.done else "running" if stage.name in state.began else "waiting"
        rows.append(
            {
                "name": stage.name,
                "status": status,
                "share": state.share(stage),
                "minutes": state.seconds(stage) / 60,
                "planned": stage.minutes,
                "command": "imitator-training " + " ".join(stage.arguments),
            }
        )
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("imitator_training.fit", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("progress.html.j2").render(
        title=f"Fit of {state.asked['engine']}",
        budget=state.asked["minutes"],
        style=page_style(),
        rows=rows,
        running=verdict is None and failed is None,
        renders=_renders(folders),
        verdict=verdict,
        failed=failed,
        evaluation=folders.report.name if folders.report.exists() else "",
    )
    path = folders.out / "index.html"
    write_files({path: text.encode()})
    return path


def _renders(folders: Folders) -> list[str]:
    """Some renders of each set that has begun, as URLs."""
    urls = []
    for folder in (folders.neutral, folders.posed):
        try:
            data = Renders((folder,))
            images = data.images(np.arange(min(SHOWN // 2, len(data))))
        except (F2PError, OSError, ValueError, IndexError):
            continue  # nothing is finished there yet
        pixels = (images * 255).round().byte().permute(0, 2, 3, 1).contiguous().numpy()
        urls += [data_url(image) for image in pixels]
    return urls
