"""The arguments of `engine-bridge new`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

__all__ = ["New"]


@dataclass(frozen=True)
class New:
    """Draft the sliders, options, colours and labels of a head with morph targets, as a YAML file to edit."""

    head: Annotated[Path, tyro.conf.Positional]
    """The .glb file (or .blend); the YAML, the label pictures and a preview go beside it."""
    force: bool = False
    """Draft the YAML anew where there is one; your edits are lost."""
    labels: bool = False
    """Draft the label pictures and the preview alone; the YAML stays."""
