"""Presets: recipes of the search, each with its free parameters, start, length and loss weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from f2p.errors import PresetError
from f2p.fitting.losses import Weights
from f2p.fitting.traits import AGE_SLIDER, SEX_SLIDER


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One recipe of the search; `confidence` alone is read by `f2p.creator`."""

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
    """Largest number of options of one discrete that are tried, the translator's likeliest first; without a translator,
    all."""
    top_p: float = 0.85
    """Share of the translator's probability after which no further option is tried (nucleus)."""
    option_prior_weight: float = 0.0
    """Weight of -log(probability) of an option, against the objective."""
    presence_penalty: float = 0.0
    """Subtracted from the log-probability of each option but a discrete's `none`: a beard that is not there offends
    more than one that is missing."""
    optional_prior_weight: float = 0.0
    """`option_prior_weight` of discretes that have a `none`. Label maps hardly show a beard or thin wires: there the
    translator, which sees them, knows more."""
    jitter: tuple[float, float, float] | None = None
    """Largest shift (share of the chip's side), log-scale and rotation (radians) of the identity's crop, which is
    mirrored at random too.
    """
    identity_every: int = 1
    """Steps between two gradients of the identity term, half of a step's work; each is used until the next one comes.
    With 1 it is part of the step.
    """
    identity_late: bool = False
    """True to use the identity gradient a step after it was asked for, so that it can be computed meanwhile: sooner
    done on two cores."""
    sparse: bool = False
    """True to compare every fourth pixel of the label maps in a step, others in each of four steps."""
    confidence: bool = True
    """False for a recipe so short that the confidence of each group is not worth its time."""
    centred: bool = True
    """True to subtract the human mean from both embeddings of the identity term."""
    expressions: tuple[str, ...] = ()
    """Expression units, by ARKit's names without Left and Right, that are solved with the character and then put aside,
    as far as the imitator draws them.
    """
    pose: bool = False
    """The same for the pose of the head."""
    zoom: bool = False
    """True to solve the scale of the face in each photo, see `f2p.fitting.scale`."""
    neutral_identity: float = 0.0
    """Share of the steps whose identity term takes the character neutral and from the front, and not the drawing with
    the photo's expression: else identity hides in the expression, and is put aside with it. For recipes that
    do not ask the recogniser at every step.
    """
    perceive_every: int = 4
    """Steps between two that have the terms landmarks, blendshapes, irises, sex and age: their networks cost as much as
    all else in a step."""
    sex_from_photo: bool = False
    """True to begin at the sex that the photo shows (`f2p.fitting.traits`), and to stay there."""
    age_at: float | None = None
    """Share of the steps after which age is sought by drawing (`f2p.fitting.traits`) and stays; None: never."""
    blendshape_units: bool = False
    """True to begin the expression at the photo's blendshapes, and to centre its prior there, instead of at the
    translator's units: the blendshape network has seen people, the translator renders."""
    blunder_weight: float = 0.0
    """Weight of the gravity of an option's expected blunder, against the objective: bald for white hair offends more
    than a wrong parting."""
    person_prior: float = 0.0
    """Weight of what the engine's people of the photo's sex and age wear (`f2p.fitting.options.person_odds`) in the
    probability of an option: buns on men, beards on women and shorn heads on the old ask for more evidence."""

    @property
    def set_apart(self) -> frozenset[str]:
        """Sliders that no gradient moves, age and sex. A refit leaves them alone: to seek age takes two steps' time."""
        sex, age = self.sex_from_photo, self.age_at is not None
        return frozenset(name for name, apart in ((SEX_SLIDER, sex), (AGE_SLIDER, age)) if apart)

    @property
    def perceives(self) -> bool:
        """Whether photos must be measured for landmarks and blendshapes."""
        weights = self.weights
        terms = weights.landmarks or weights.blendshapes or weights.irises or weights.sex or weights.age
        return bool(terms or self.blendshape_units)


_PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name="default",
            description="From the translator's guess, 38 Adam steps on identity, label maps, moments and colours.",
            weights=Weights(identity=3.0, maps=2.5, moments=2.0, colours=1.05, prior=0.4, expression=0.1),
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
            option_prior_weight=0.03,
            presence_penalty=0.5,
            optional_prior_weight=0.15,
            person_prior=1.0,
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
                "browInnerUp",
            ),
            pose=True,
            zoom=True,
            neutral_identity=0.5,
            sex_from_photo=True,
            age_at=0.35,
        ),
        Preset(
            name="instant",
            description="The translator's guess, then three Adam steps.",
            weights=Weights(identity=3.0, maps=2.5, moments=2.0, colours=1.05, prior=0.5),
            steps=3,
            optimiser="adam",
            learning_rate=0.2,
            decay=0.8,
            decay_every=1,
            start="translator",
            discretes="classified",
            presence_penalty=0.5,
            person_prior=1.0,
            identity_every=2,
            sparse=True,
            zoom=True,
            sex_from_photo=True,
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
