from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from f2p.bundle import Bundle, load_bundle
from f2p.errors import PresetError
from f2p.fitting import losses as L
from f2p.fitting.initialisation import WarmStart
from f2p.fitting.presets import Preset, get_preset, preset_names, refit_preset
from f2p.fitting.solver import Solution, Step, solve
from f2p.networks.translator import PICTURE_FEATURES
from f2p.schema import Discrete, Schema
from f2p.targets.measurement import estimate_from
from f2p.targets.target import PhotoTarget, Target
from tests.helpers.targets import drawn_photo, of_photos, photo_target
from tests.helpers.tiny_bundle import save_tiny_bundle
from tests.helpers.toy_engine import ToyEngine

DEFAULT = get_preset("default")
PAPER = get_preset("paper")


@pytest.fixture(scope="module")
def truth(bundle: Bundle) -> torch.Tensor:
    """A character to be found again: far from the average, with the least likely hair."""
    values = {name: 0.7 if i % 2 else 0.3 for i, name in enumerate(bundle.schema.names[:6])}
    return torch.from_numpy(bundle.schema.encode(values | {"hair": "bald"}))


@pytest.fixture(scope="module")
def photo(bundle: Bundle, truth: torch.Tensor) -> PhotoTarget:
    """What a perfect photo of `truth`, perfectly parsed, would give."""
    return drawn_photo(bundle, truth)


@pytest.fixture(scope="module")
def target(photo: PhotoTarget) -> Target:
    return Target.of(photo)


def run(bundle: Bundle, target: Target, recipe: Preset, seed: int = 0) -> tuple[list[Step], Solution]:
    steps: list[Step] = []
    return steps, solve(bundle, target, recipe, seed, progress=steps.append)


@pytest.mark.parametrize("recipe", [DEFAULT, PAPER], ids=lambda recipe: recipe.name)
def test_the_same_seed_gives_the_same_bits(bundle: Bundle, target: Target, recipe: Preset) -> None:
    short = replace(recipe, steps=8)
    (first, solution), (second, again) = (run(bundle, target, short, seed=5) for _ in range(2))
    assert torch.equal(solution.x, again.x)
    assert solution.losses == again.losses
    assert [step.total for step in first] == [step.total for step in second]


def test_another_seed_gives_another_path(bundle: Bundle, target: Target) -> None:
    short = replace(DEFAULT, steps=4)
    assert run(bundle, target, short, seed=1)[1].history != run(bundle, target, short, seed=2)[1].history


@pytest.mark.parametrize("recipe", [DEFAULT, PAPER], ids=lambda recipe: recipe.name)
def test_steps_and_solution_keep_their_promises(bundle: Bundle, target: Target, recipe: Preset) -> None:
    steps, solution = run(bundle, target, recipe)
    assert [step.iteration for step in steps] == list(range(recipe.steps))
    assert len(solution.history) == recipe.steps
    # The toy's imitator draws no expressions.
    terms = {name for name, weight in vars(recipe.weights).items() if weight} - {"expression"}
    for step, entry in zip(steps, solution.history, strict=True):
        assert step.x.shape == (bundle.schema.size,)
        assert step.x.min() >= -1e-6
        assert step.x.max() <= 1 + 1e-6
        assert step.losses.keys() == terms
        assert entry == {"total": step.total, **step.losses}
    assert solution.losses.keys() == terms | {"total"}
    hair = solution.x[bundle.schema.slices["hair"]]
    assert sorted(hair.tolist()) == [0, 0, 1]
    assert solution.x.min() >= 0
    assert solution.x.max() <= 1
    # A slider that is never sampled is never solved.
    assert solution.x[6] == bundle.schema.average()[6]
    assert solution.seconds > 0


def test_the_default_finds_a_known_character(bundle: Bundle, target: Target, truth: torch.Tensor) -> None:
    # The toy's hair hardly shows, so that its least likely option would lose to the usual weight of likelihood.
    _, solution = run(bundle, target, replace(DEFAULT, option_prior_weight=0.0, optional_prior_weight=0.0))
    assert solution.losses["total"] < 0.5 * solution.history[0]["total"]
    assert bundle.schema.decode(solution.x.numpy())["hair"] == "bald"
    with torch.no_grad():
        difference = bundle.imitator(solution.x[None]).image - bundle.imitator(truth[None]).image
    assert difference.abs().mean() < 0.01


def test_an_option_may_be_too_dear(bundle: Bundle, target: Target) -> None:
    dear = replace(bundle, calibration=replace(bundle.calibration, option_costs={"hair": {"bald": 50.0}}))
    recipe = replace(DEFAULT, option_prior_weight=0.0, optional_prior_weight=0.0)
    found = [str(each.schema.decode(run(each, target, recipe)[1].x.numpy())["hair"]) for each in (bundle, dear)]
    assert found[0] == "bald"
    assert found[1] != "bald"


def test_discretes_are_only_tried_where_the_preset_says(bundle: Bundle, target: Target) -> None:
    never = replace(DEFAULT, check_at=(), steps=10)
    steps, _ = run(bundle, target, never)
    where = bundle.schema.slices["hair"]
    assert all(torch.equal(step.x[where], steps[0].x[where]) for step in steps)


def guessed(bundle: Bundle, photo: PhotoTarget) -> tuple[PhotoTarget, torch.Tensor, dict[str, torch.Tensor]]:
    """The photo with something for the translator to see, and what that makes of it."""
    assert bundle.translator is not None
    seen = torch.randn(1, bundle.translator.config.features + PICTURE_FEATURES)
    z, logits = bundle.translator(seen)
    average, spread = (torch.from_numpy(v)[:7] for v in (bundle.schema.average(), bundle.schema.spread()))
    guided = replace(photo, features=seen, estimate=estimate_from(bundle, seen))
    return guided, (average + spread * z[0]).detach(), logits


def test_it_starts_at_the_guess_of_the_translator(bundle: Bundle, photo: PhotoTarget) -> None:
    guided, expected, logits = guessed(bundle, photo)
    recipe = replace(DEFAULT, steps=1, check_at=(), presence_penalty=0.0)
    start = run(bundle, Target.of(guided), recipe)[0][0].x
    torch.testing.assert_close(start[:7], expected)
    assert int(start[7:].argmax()) == int(logits["hair"].argmax())


def test_of_several_photos_it_starts_between_the_guesses_by_their_shares(bundle: Bundle, photo: PhotoTarget) -> None:
    (one, of_one, _), (other, of_other, _) = guessed(bundle, photo), guessed(bundle, photo)
    start = run(bundle, of_photos((one, 0.75), (other, 0.25)), replace(DEFAULT, steps=1, check_at=()))[0][0].x
    torch.testing.assert_close(start[:7], 0.75 * of_one + 0.25 * of_other)


def test_the_prior_alone_stays_at_the_guess(bundle: Bundle, photo: PhotoTarget) -> None:
    guided, expected, _ = guessed(bundle, photo)
    _, solution = run(
        bundle, Target.of(guided), replace(DEFAULT, weights=L.Weights(prior=1.0), check_at=(), jitter=None)
    )
    torch.testing.assert_close(solution.x[:7], expected, atol=1e-6, rtol=0)


def test_without_a_translator_it_starts_at_the_human_mean(bundle: Bundle, target: Target) -> None:
    start = run(replace(bundle, translator=None), target, replace(DEFAULT, steps=1))[0][0].x
    average, spread = (torch.from_numpy(v)[:7] for v in (bundle.schema.average(), bundle.schema.spread()))
    torch.testing.assert_close(start[:7], average + spread * bundle.statistics["prior_mean"])


def test_the_prior_alone_leads_to_the_human_mean(bundle: Bundle, target: Target) -> None:
    only = replace(DEFAULT, weights=L.Weights(prior=1.0), start="average", check_at=(), jitter=None)
    _, solution = run(bundle, target, only)
    average, spread = (torch.from_numpy(v)[:7] for v in (bundle.schema.average(), bundle.schema.spread()))
    expected = average + spread * bundle.statistics["prior_mean"]
    torch.testing.assert_close(solution.x[:7], expected, atol=5e-3, rtol=0)


def test_paper_is_the_published_recipe(bundle: Bundle, target: Target) -> None:
    """Against the recipe written down once more, in plain torch."""
    x = torch.from_numpy(bundle.schema.average()).clone()
    x[7:] = 0.0
    side = [2, 3, 4, 5, 6, 7, 8]  # brows, eyes, nose and the mouth's four regions

    def weighted(image: torch.Tensor) -> torch.Tensor:
        features = bundle.parser.features(image)[2]
        maps = bundle.parser(image).softmax(1)[:, side].sum(1, keepdim=True)
        return torch.nn.functional.interpolate(maps, features.shape[-2:], mode="bilinear") * features

    from f2p.face.crops import crop_chips

    with torch.no_grad():
        reference = weighted(target.main.image)
    rate, expected = 10.0, []
    for iteration in range(8):
        x = x.detach().requires_grad_()
        drawn = torch.cat((x[:7], (100 * x[7:]).softmax(0)))
        expected.append(drawn.detach())
        image = bundle.imitator(drawn[None]).image
        embedding = bundle.identity(crop_chips(image, bundle.frame_landmarks5))
        identity = 1 - torch.nn.functional.cosine_similarity(embedding, target.embedding)
        loss = 0.01 * identity.sum() + (weighted(image) - reference).abs().mean()
        (gradient,) = torch.autograd.grad(loss, x)
        x = (x - rate * gradient).clamp(0, 1)
        if iteration % 5 == 4:
            rate *= 0.8
    steps, _ = run(bundle, target, replace(PAPER, steps=8))
    assert PAPER.steps == 50
    assert (expected[7] - expected[0]).abs().max() > 0.05
    for step, other in zip(steps, expected, strict=True):
        torch.testing.assert_close(step.x, other, atol=2e-3, rtol=0)


def test_it_goes_on_from_a_start_around_what_is_locked(bundle: Bundle, target: Target, truth: torch.Tensor) -> None:
    """Two sliders wrong, of which one is locked: the other comes back, in three tenths of the steps."""
    names = bundle.schema.names
    x = truth.clone()
    x[0], x[1] = x[0] + 0.03, x[1] - 0.15
    start = WarmStart(x=x, locked=frozenset({names[0], "hair"}))
    light = replace(DEFAULT, weights=replace(DEFAULT.weights, prior=0.2))
    steps: list[Step] = []
    solution = solve(bundle, target, refit_preset(light), 0, start, progress=steps.append)
    found, total = solution.x, solution.losses["total"]
    assert len(steps) == DEFAULT.steps // 4
    torch.testing.assert_close(steps[0].x, x)
    assert found[0] == x[0]
    assert torch.equal(found[7:], x[7:])
    assert abs(float(found[1] - truth[1])) < 0.75 * abs(float(x[1] - truth[1]))
    assert total < 0.8 * steps[0].total


def test_the_recogniser_is_asked_at_its_turns_and_heard_a_step_later(bundle: Bundle, target: Target) -> None:
    asked: list[int] = []
    hook = bundle.identity.register_forward_hook(lambda module, inputs, output: asked.append(len(output)))
    only = replace(DEFAULT, weights=L.Weights(identity=3.0), steps=5, identity_every=3, check_at=(), jitter=None)
    try:
        steps, solution = run(bundle, target, only)
    finally:
        hook.remove()
    # At steps 0 and 3, and for the solution.
    assert asked == [1, 1, 1]
    losses = [step.losses["identity"] for step in steps]
    assert losses[0] == losses[1] == losses[2] == losses[3]
    assert not torch.equal(steps[1].x, steps[2].x)
    assert solution.losses["identity"] < losses[4] < losses[0]


def batches_drawn(bundle: Bundle, photo: PhotoTarget, shares: tuple[float, ...]) -> list[int]:
    """Sizes of the batches that three steps with a check before the second draw, the translator giving the hair's
    options these probabilities."""
    translator = bundle.translator
    assert translator is not None
    sure = copy.deepcopy(translator)
    sure.to_discrete.weight.zero_()
    sure.to_discrete.bias.copy_(torch.tensor(shares).log())
    guided = replace(bundle, translator=sure)
    features = torch.zeros(1, translator.config.features + PICTURE_FEATURES)
    photo = replace(photo, features=features, estimate=estimate_from(guided, features))
    drawn: list[int] = []
    hook = bundle.imitator.register_forward_hook(lambda module, inputs, output: drawn.append(len(inputs[0])))
    recipe = replace(DEFAULT, steps=3, check_at=(0.3,), sparse=False, weights=replace(DEFAULT.weights, identity=0.0))
    try:
        solve(guided, Target.of(photo), recipe)
    finally:
        hook.remove()
    return drawn


def test_only_likely_options_are_drawn(bundle: Bundle, photo: PhotoTarget) -> None:
    # One drawing a step and one at the end; candidates are drawn in two halves.
    assert batches_drawn(bundle, photo, (0.93, 0.04, 0.03)) == [1, 1, 1, 1]
    assert batches_drawn(bundle, photo, (0.6, 0.35, 0.05)) == [1, 1, 1, 1, 1, 1]
    assert batches_drawn(bundle, photo, (0.4, 0.3, 0.3)) == [1, 2, 1, 1, 1, 1]


def test_at_the_start_nothing_is_put_on_that_is_not_sure(tmp_path: Path) -> None:
    toy = ToyEngine().schema
    beard = Discrete(
        "beard", "Beard", "hair", "appearance", ("bare", "full"), "bare", (0.8, 0.2), frontal=True, none="bare"
    )
    schema = Schema("bearded", "1", toy.continuous, (beard,))
    bundle = load_bundle(save_tiny_bundle(tmp_path, schema, "toy"))
    assert bundle.translator is not None
    bundle.translator.to_discrete.weight.zero_()
    probs = torch.full((1, 13, 64, 64), 1 / 13)
    image = torch.full((1, 3, 64, 64), 0.5)
    for share, wears in ((0.3, "bare"), (0.55, "bare"), (0.9, "full")):
        bundle.translator.to_discrete.bias.copy_(torch.tensor((1 - share, share)).log())
        features = torch.zeros(1, bundle.translator.config.features + PICTURE_FEATURES)
        photo = photo_target(image, probs, torch.ones(1, 128), estimate=estimate_from(bundle, features))
        _, solution = run(bundle, Target.of(photo), get_preset("instant"))
        assert bundle.schema.decode(solution.x.numpy())["beard"] == wears


def test_what_progress_raises_ends_the_search(bundle: Bundle, target: Target) -> None:
    steps: list[Step] = []

    def leave(step: Step) -> None:
        steps.append(step)
        if len(steps) == 3:
            raise KeyboardInterrupt

    with ThreadPoolExecutor(2) as executor:
        with pytest.raises(KeyboardInterrupt):
            solve(bundle, target, DEFAULT, executor=executor, progress=leave)
        assert len(steps) == 3
        # The executor is the caller's, and as good as before.
        assert executor.submit(int).result() == 0


@pytest.mark.parametrize("recipe", [DEFAULT, PAPER], ids=lambda recipe: recipe.name)
def test_a_search_that_is_stopped_ends_in_order(bundle: Bundle, target: Target, recipe: Preset) -> None:
    """With hard one-hots, and with losses that anybody can compute again from the answer."""
    steps: list[Step] = []
    recipe = replace(recipe, zoom=False)
    solution = solve(bundle, target, recipe, progress=steps.append, should_stop=lambda: len(steps) == 5)
    assert solution.stopped_early
    assert len(steps) == len(solution.history) == 5
    assert sorted(solution.x[bundle.schema.slices["hair"]].tolist()) == [0, 0, 1]
    again = solve(bundle, target, replace(recipe, steps=0), warm_start=WarmStart(x=solution.x))
    assert again.losses == pytest.approx(solution.losses, abs=1e-5)


def test_a_search_that_is_stopped_answers_with_its_best_state(bundle: Bundle, target: Target) -> None:
    """A learning rate at which the search gets worse and worse: the start stays the best."""
    wild = replace(DEFAULT, learning_rate=3.0, decay=1.0, check_at=(), steps=12)
    steps: list[Step] = []
    solution = solve(bundle, target, wild, progress=steps.append, should_stop=lambda: len(steps) == 8)
    best = min(steps, key=lambda step: step.total)
    assert best.iteration < 7
    assert best.total < 0.8 * steps[-1].total
    torch.testing.assert_close(solution.x, best.x.clamp(0, 1), atol=0, rtol=0)
    # The whole search ends where its last update led.
    whole = solve(bundle, target, replace(wild, steps=8))
    assert not whole.stopped_early
    assert whole.losses["total"] > solution.losses["total"]


def test_a_search_is_not_stopped_after_its_last_step(bundle: Bundle, target: Target) -> None:
    short, asked = replace(DEFAULT, steps=3), []

    def late() -> bool:
        asked.append(None)
        return False

    solution = solve(bundle, target, short, should_stop=late)
    assert len(asked) == 2
    assert not solution.stopped_early
    assert torch.equal(solution.x, solve(bundle, target, short).x)


def test_the_callers_gradient_mode_does_not_matter(bundle: Bundle, target: Target) -> None:
    short = replace(DEFAULT, steps=3)
    with torch.no_grad():
        inside = run(bundle, target, short)[1].x
    assert torch.equal(inside, run(bundle, target, short)[1].x)


def test_presets() -> None:
    assert preset_names() == ("default", "instant", "paper")
    with pytest.raises(PresetError, match="default, instant, paper"):
        get_preset("fast")


@pytest.mark.parametrize("recipe", [DEFAULT, PAPER], ids=lambda recipe: recipe.name)
def test_an_executor_changes_the_time_and_not_a_bit(bundle: Bundle, target: Target, recipe: Preset) -> None:
    short = replace(recipe, steps=7)
    alone = solve(bundle, target, short)
    with ThreadPoolExecutor(2) as executor:
        beside = solve(bundle, target, short, executor=executor)
    assert torch.equal(alone.x, beside.x)
    assert alone.history == beside.history
