"""Recipes of the solve: what is optimised, from where, for how long, and against which terms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from f2p.errors import PresetError
from f2p.fitting.losses import Weights


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One recipe. Every field has an effect in `f2p.fitting.solver` and nowhere else."""

    name: str
    description: str
    weights: Weights
    steps: int
    optimiser: Literal["adam", "sgd"]
    learning_rate: float
    """Of z (sliders in sampling spreads) for "classified" discretes, of x itself for "relaxed" ones."""
    decay: float
    """Factor on the learning rate every `decay_every` steps."""
    decay_every: int
    start: Literal["translator", "average"]
    """The translator's guess, about which the prior is centred too (in a bundle without one, the human mean), or the
    schema's average face."""
    discretes: Literal["classified", "relaxed"]
    """The translator names candidates and the objective on G's drawing picks; or softmax(softness * x), by gradient."""
    softness: float = 100.0
    check_at: tuple[float, ...] = ()
    """Shares of the steps at which candidates of the discretes are tried."""
    candidates: int = 3
    """How many options of one discrete are tried, the translator's likeliest first; without a translator, all."""
    mass: float = 0.85
    """Of the translator's probability, the share after which no further option is tried."""
    option_weight: float = 0.0
    """Weight of -log(probability) of an option, against the objective."""
    doubt: float = 0.0
    """What the log-probability of anything but "none" has to be higher by: a beard that is not there offends more than
    one that is missing."""
    belief: float = 0.0
    """`option_weight` of choices with a "none". Label maps hardly show a beard or thin wires: there the translator,
    which sees them, has more to say."""
    jitter: tuple[float, float, float] | None = None
    """Largest shift (share of the chip's side), log-scale and rotation (radians) of the identity's crop, which is
    mirrored at random too.
    """
    identity_every: int = 1
    """The recogniser, half of a step's work, is asked at every such step, and its gradient stays until the next one
    comes. With 1 it is part of the step.
    """
    identity_late: bool = False
    """Whether the step goes on without the recogniser, so that it is heard a step later: sooner done on two cores."""
    sparse: bool = False
    """Whether a step looks at every fourth pixel of the label maps only, at others in each of four steps."""
    confidence: bool = True
    """Whether it is worth its time to say how sure each group is."""
    centred: bool = True
    """Whether the identity term subtracts the human mean from both embeddings."""
    expressions: tuple[str, ...] = ()
    """Expression units, by ARKit's names without Left and Right, that are solved with the character and then put aside,
    as far as the imitator draws them.
    """
    pose: bool = False
    """The same for the pose of the head."""
    zoom: bool = False
    """Whether photos may show the face larger or smaller than the engine does, see `f2p.fitting.scale`."""
    neutral_identity: float = 0.0
    """Share of the steps whose identity term looks at the character neutral and from the front, and not at the drawing
    that wears the photo's expression: else identity hides in the expression, and is put aside with it. For recipes that
    do not ask the recogniser at every step.
    """


_PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name="default",
            description="From the translator's guess, 38 Adam steps on identity, label maps, moments and colours.",
            weights=Weights(identity=3.0, maps=2.5, moments=2.0, colours=1.05, prior=0.5, expression=0.1),
            steps=38,
            optimiser="adam",
            learning_rate=0.095,
            decay=0.8,
            decay_every=8,
            start="translator",
            discretes="classified",
            check_at=(0.2, 0.7),
            candidates=6,
            identity_every=2,
            identity_late=True,
            sparse=True,
            option_weight=0.03,
            doubt=0.5,
            belief=0.15,
            # A recogniser's blind spots move with the crop: what only one crop sees is an artefact, not a likeness.
            jitter=(0.03, 0.06, 0.06),
            # Those that a photo shows plainly. Others serve a search as a place to put what it cannot explain.
            expressions=(
                "mouthSmile",
                "mouthUpperUp",
                "mouthLowerDown",
                "jawOpen",
                "cheekSquint",
                "eyeBlink",
                "eyeSquint",
            ),
            pose=True,
            zoom=True,
            neutral_identity=0.5,
        ),
        Preset(
            name="instant",
            description="The translator's guess, and the three Adam steps that a third of a second has room for.",
            weights=Weights(identity=3.0, maps=2.5, moments=2.0, colours=1.05, prior=0.5),
            steps=3,
            optimiser="adam",
            learning_rate=0.2,
            decay=0.8,
            decay_every=1,
            start="translator",
            discretes="classified",
            doubt=0.5,
            identity_every=2,
            sparse=True,
            zoom=True,
            confidence=False,
        ),
        Preset(
            name="paper",
            description="Face-to-Parameter (ICCV 2019) as published: 50 plain gradient steps from the average face.",
            weights=Weights(identity=0.01, content=1.0),
            steps=50,
            optimiser="sgd",
            learning_rate=10.0,
            decay=0.8,
            decay_every=5,
            start="average",
            discretes="relaxed",
            centred=False,
        ),
    )
}


def preset_names() -> tuple[str, ...]:
    """Every preset, the default first."""
    return tuple(_PRESETS)


def get_preset(name: str) -> Preset:
    """The preset of that name.

    Raises:
        PresetError: there is none; the message lists those there are.
    """
    if name not in _PRESETS:
        raise PresetError(f"There is no preset '{name}'.", f"Choose one of: {', '.join(_PRESETS)}.", preset=name)
    return _PRESETS[name]


def refit_preset(recipe: Preset) -> Preset:
    """The recipe for solving on from a solution: a quarter of the steps, as much cooling, choices tried once, early.

    A slider can still go about six tenths of its sampling spread.
    """
    return replace(
        recipe,
        steps=max(1, recipe.steps // 4),
        decay_every=max(1, recipe.decay_every // 4),
        check_at=recipe.check_at[:1],
    )
