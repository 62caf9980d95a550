"""Options of the three trainings; every field is a flag of the command line and is kept in the run's ``run.json``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from f2p.errors import TrainingError
from imitator_training.training.loop_config import LoopConfig

__all__ = ["ImitatorTraining", "ParserTraining", "TranslatorTraining"]


@dataclass(frozen=True, kw_only=True)
class ImitatorTraining(LoopConfig):
    """Train an imitator: on neutral frontal renders, or on these and photo-like ones."""

    data: tuple[Path, ...]
    """Data folders made by `render`."""
    posed: bool = False
    """Draw expressions and turned heads too, as far as the data has them; give a folder made with --photo-like as well.
    What a warm start drew already it goes on to draw."""
    arch: str = "modulated"
    """modulated, or dcgan with the paper's recipe (SGD 0.01, momentum 0.9, -10 % every 50 epochs, pixel L1)."""
    size: int = 128
    """Side of the pictures G draws; the data must have it or a multiple."""
    channels: tuple[int, ...] = ()
    """Channels of the stages; empty for the architecture's own, or those of the warm start."""
    shuffle: int = 0
    """Factor by which the last layer enlarges (modulated only): with 4 the same stages draw twice the size that they do
    with 2; 0 for the architecture's own, 2, or that of the warm start."""
    fields: tuple[int, ...] = ()
    """Channels of linear fields of x at 16, 32, ... px; empty for none, or those of the warm start."""
    decals: tuple[str, ...] = ()
    """Choices (glasses, beards, ...) that are drawn as one bent template per option; as above."""
    learning_rate: float | None = None
    """None takes the recipe's."""
    muon: bool = True
    """Orthogonal updates of the convolutions (modulated only); without, AdamW does them too."""
    holdout: int = 500
    """The first so many samples are never trained on."""
    labels: float = 0.05
    """Weight of the region labels' cross-entropy."""
    gradient: float = 0.5
    """Weight of the L1 of picture gradients."""
    face: float = 2.0
    """Extra weight of pixels and labels in brows, eyes, nose and mouth."""
    identity: float = 0.05
    """Weight of the engine-centred identity term."""
    identity_from: float = 0.3
    """Fraction of the budget from which on the identity term takes part."""
    identity_batch: int = 4
    """Pictures of each batch that the identity network looks at."""


@dataclass(frozen=True, kw_only=True)
class ParserTraining(LoopConfig):
    """Train a face parser on renders with heavy domain randomisation."""

    data: tuple[Path, ...]
    """Data folders; add one with expressions and turned heads."""
    arch: str = "fpn_mobilenet"
    """fpn_mobilenet, or the paper's resnet50_os8."""
    size: int = 128
    fine: int = 32
    """Width of fpn_mobilenet's fine stage; 0 without."""
    window: float = 0.75
    """Share of the pictures' side that training sees of each, at another place every time; 1 sees all, and takes nearly
    twice as long."""
    learning_rate: float = 2e-3
    holdout: int = 500
    strength: float = 1.0
    """Strength of the domain randomisation; 0 for none."""


@dataclass(frozen=True, kw_only=True)
class TranslatorTraining(LoopConfig):
    """Train the one-shot translator on features of degraded renders, seen through the trained parser."""

    data: tuple[Path, ...]
    parser: Path
    """Run folder of the trained parser, or a bundle."""
    posed: bool = False
    """Guess expressions and pose too; give data made with --photo-like, and none without."""
    samples: int = 8000
    """Renders whose features are computed (about 50 ms each) and kept in the run folder, 57 kB each."""
    holdout: int = 500
    batch: int = 128
    steps: int | None = 4000
    learning_rate: float = 1e-3
    hidden: int = 512
    pictures: int = 16
    """Width of the stages that look at pictures; 0: none are looked at."""
    inner_face: tuple[float, float] = (0.25, 0.42)  # f2p.networks.translator.INNER_FACE, a module that loads torch
    """Left and top corner of the inner face in the engine's frame, as fractions; it is half as wide and high."""
    attributes: bool = True
    """Read age and sex as the networks see them in the picture: they have seen people, and know of renders the same."""
    dropout: float = 0.0
    noise: float = 0.05
    """Gaussian noise on the features, in their standard deviations over renders."""
    grey: float = field(default=0.15)
    """Share of renders made grey, as a grey photo is."""
    imitator: Path | None = None
    """Run folder, or a bundle, of an imitator that draws some estimates of each batch, to be compared with drawings
    of the truth."""
    drawn: int = 8
    """Estimates of a batch that are drawn; each takes about 0.1 s on one core."""
    cycle: float = 1.0
    """Weight of the cycle loss, which is that comparison."""
    consistency: float = 0.0
    """Weight of the distance between estimates for two renders of one character; give data rendered twice with one
    seed, with expressions and without, and an even batch."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.consistency < 0 or (self.consistency and self.batch % 2):
            raise TrainingError(
                "consistency must not be negative, and pairs need an even batch.",
                "Give --consistency 0 or more, and an even --batch.",
            )
