"""Domain randomisation."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from f2p.regions import REGIONS
from imitator_training.augmentation import randomise as augment
from imitator_training.augmentation.face_changes import bleach, bulge, creases, recolour_parts
from imitator_training.augmentation.photo_effects import camera_noise, glare, hands, hats, lamps, lip_shadow
from imitator_training.augmentation.randomise import degrade, randomise, surround
from imitator_training.data.dataset import Renders
from imitator_training.runtime.batch_rng import step_rng


@pytest.fixture(scope="module")
def pair(toy_data: Path) -> tuple[torch.Tensor, torch.Tensor]:
    data = Renders([toy_data])
    return data.images(range(12)), data.labels(range(12))


def test_the_same_seed_gives_the_same_pictures(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    first, again = (randomise(*pair, step_rng(1, 2)) for _ in range(2))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], randomise(*pair, step_rng(1, 3))[0])


def test_pictures_stay_pictures_and_labels_stay_labels(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    images, labels = randomise(*pair, step_rng(0, 0))
    assert images.shape == pair[0].shape
    assert images.isfinite().all()
    assert images.min() >= 0
    assert images.max() <= 1
    assert labels.shape == pair[1].shape
    assert int(labels.max()) < len(REGIONS)


def test_labels_move_with_the_picture(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    images = pair[1][:, None].expand(-1, 3, -1, -1).float() / (len(REGIONS) - 1)
    moved, labels = augment._warp(images, pair[1], step_rng(4, 0), 1.0, 64)
    assert not torch.equal(labels, pair[1])
    # Edges are blended in the picture and not in the labels; everywhere else they agree.
    off = (moved[:, 0] * (len(REGIONS) - 1) - labels).abs() > 0.01
    assert off.float().mean() < 0.35
    inside = -torch.nn.functional.max_pool2d(-labels[:, None].float(), 3, 1, 1) == torch.nn.functional.max_pool2d(
        labels[:, None].float(), 3, 1, 1
    )
    assert off[inside[:, 0]].float().mean() < 0.01


def test_a_window_shows_a_part_at_the_same_scale(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    images, labels = randomise(*pair, step_rng(0, 0), 1.0, 32)
    assert images.shape == (12, 3, 32, 32)
    assert labels.shape == (12, 32, 32)
    # Unchanged but for the window, a ramp across the picture keeps its slope.
    ramp = torch.linspace(0, 1, 64).expand(12, 3, 64, 64)
    seen, _ = augment._warp(ramp, pair[1], step_rng(0, 0), 0.0, 32)
    slope = (seen[..., 1:] - seen[..., :-1]).abs()
    torch.testing.assert_close(slope, torch.full_like(slope, 1 / 63), atol=1e-5, rtol=0)
    assert seen[:, 0, 0, 0].std() > 0.05


def test_garments_cover_background_and_neck_only(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    images, labels = pair
    dressed, named = surround(images, labels, step_rng(3, 0))
    behind, neck = (REGIONS.index(name) for name in ("background", "neck"))
    changed = named != labels
    assert changed.any()
    assert (named[changed] == behind).all()
    assert (labels[changed] == neck).all()
    # Softened at the outline, so that only the inside of the head keeps its pixels.
    head = F.max_pool2d(((labels == behind) | (labels == neck))[:, None].float(), 3, 1, 1) == 0
    torch.testing.assert_close(dressed * head, images * head)


def test_bleaching_leaves_the_skin_alone_and_makes_hair_of_any_brightness(
    pair: tuple[torch.Tensor, torch.Tensor],
) -> None:
    images, labels = (part.repeat(8, *[1] * (part.dim() - 1)) for part in pair)
    bleached = bleach(images, labels, step_rng(0, 0), 1.0)
    hair = (labels == REGIONS.index("hair"))[:, None].float()
    away = F.max_pool2d(hair + (labels == REGIONS.index("teeth"))[:, None].float(), 3, 1, 1) == 0
    torch.testing.assert_close(bleached * away, images * away)
    bright = [(each * hair).sum((1, 2, 3)) / hair.sum((1, 2, 3)).clamp_min(1) for each in (images, bleached)]
    assert bright[1].std() > bright[0].std()
    assert 0.1 < ((bright[1] - bright[0]).abs() > 0.01).float().mean() < 0.6


def test_lenses_change_proportions_and_fold_nothing() -> None:
    grid = F.affine_grid(torch.eye(2, 3).expand(64, 2, 3), [64, 1, 64, 64], align_corners=False)
    bent = bulge(grid, step_rng(0, 0), 1.0)
    across = (bent[:, :, 1:, 0] - bent[:, :, :-1, 0]) * 32
    down = (bent[:, 1:, :, 1] - bent[:, :-1, :, 1]) * 32
    assert across.min() > 0
    assert down.min() > 0
    assert across.amin((1, 2)).median() < 0.8
    assert across.amax((1, 2)).median() > 1.15
    torch.testing.assert_close(bent[:, :4], grid[:, :4], atol=0.01, rtol=0)


def face() -> tuple[torch.Tensor, torch.Tensor]:
    """64 faces of boxes on a grey picture: hair above skin, two eyes, nose and lips."""
    labels = torch.zeros(64, 64, 64, dtype=torch.uint8)
    boxes = {"hair": (8, 16, 60, 48), "skin": (20, 20, 60, 44), "nose": (30, 28, 42, 36), "upper_lip": (46, 26, 50, 38)}
    for name, (top, left, bottom, right) in boxes.items():
        labels[:, top:bottom, left:right] = REGIONS.index(name)
    labels[:, 28:31, 22:28] = labels[:, 28:31, 36:42] = REGIONS.index("eyes")
    return torch.where((labels == REGIONS.index("upper_lip"))[:, None], 0.3, 0.6).expand(-1, 3, -1, -1), labels


def test_lips_take_other_tones_and_the_nose_does_not() -> None:
    images, labels = face()
    changed = recolour_parts(images, labels, step_rng(0, 0), 1.0)
    assert torch.equal(changed[:, :, 32:40, 30:34], images[:, :, 32:40, 30:34])
    assert torch.equal(changed[:, :, :20], images[:, :, :20])
    lips = changed[:, :, 47:49, 30:34].mean((1, 2, 3))
    assert lips.min() < 0.28
    assert lips.max() > 0.42


def test_lines_cross_the_face_alone() -> None:
    images, labels = face()
    change = creases(images, labels, step_rng(0, 0), 1.0) / images
    spared = (labels == 0) | (labels == REGIONS.index("hair"))
    assert torch.equal(change.movedim(1, -1)[spared], torch.ones(int(spared.sum()), 3))
    # Beside the mouth they are frequent, and darker oftener than brighter.
    near = change[:, 0, 42:54, 22:42].flatten(1)
    assert ((near - 1).abs().amax(1) > 0.1).float().mean() > 0.4
    assert near.log().mean() < 0


def test_grey_pictures_have_no_colour(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    images = degrade(pair[0], step_rng(0, 0), 0.01, grey=1.0)
    assert (images.amax(1) - images.amin(1)).mean() < 0.02


def test_the_shadow_above_the_lip_darkens_skin_and_nothing_else() -> None:
    images, labels = face()
    shaded = lip_shadow(images, labels, step_rng(0, 0), 1.0)
    skin = (labels == REGIONS.index("skin"))[:, None]
    assert torch.equal(shaded.masked_fill(skin, 0), images.masked_fill(skin, 0))
    above = (shaded - images)[:, :, 42:46, 28:36].mean((1, 2, 3))
    assert above.min() < -0.1
    assert 0.2 < (above < -0.01).float().mean() < 0.6
    assert (shaded <= images).all()


def test_lamps_shade_some_pictures_and_colour_others() -> None:
    images, _ = face()
    lit = lamps(images, step_rng(0, 0), 1.0)
    assert lit.min() >= 0
    assert lit.max() <= 1
    coloured = (lit.amax(1) - lit.amin(1)).amax((1, 2)) > 0.02
    assert 0.03 < coloured.float().mean() < 0.4
    darker = (lit / images).amin((1, 2, 3)) < 0.75
    assert 0.05 < darker.float().mean() < 0.5


def test_glare_falls_on_lenses_of_those_who_wear_glasses() -> None:
    images, labels = face()
    assert torch.equal(glare(images, labels, step_rng(0, 0)), images)
    labels[::2, 27, 22:42] = REGIONS.index("glasses")
    bright = (glare(images, labels, step_rng(0, 0)) - images).amax((1, 2, 3))
    assert (bright[1::2] == 0).all()
    assert 0.1 < (bright[::2] > 0.05).float().mean() < 0.7


def test_hands_have_the_tone_of_the_skin() -> None:
    images, labels = face()
    images = images * torch.tensor([1.0, 0.8, 0.6]).view(1, 3, 1, 1)
    covered = torch.cat([hands(images, labels, step_rng(seed, 0)) for seed in range(6)])
    changed = (covered - images.repeat(6, 1, 1, 1)).abs().amax(1) > 1e-4
    assert 0.02 < changed.any(2).any(1).float().mean() < 0.2
    red, _, blue = covered.permute(1, 0, 2, 3)[:, changed]
    assert (red > blue).float().mean() > 0.95


def test_hats_cover_hair_above_the_brows_and_count_as_background() -> None:
    images, labels = face()
    labels[:, 24:26, 22:42] = REGIONS.index("brows")
    covered, named = zip(*(hats(images, labels, step_rng(seed, 0)) for seed in range(6)), strict=True)
    changed = torch.cat(named) != labels.repeat(6, 1, 1)
    assert 0.02 < changed.any(2).any(1).float().mean() < 0.2
    assert not changed[:, 26:].any()
    assert (torch.cat(named)[changed] == REGIONS.index("background")).all()
    wearing = changed.any(2).any(1)
    assert not (torch.cat(named)[wearing][:, 8:12] == REGIONS.index("hair")).any()
    assert torch.equal(torch.cat(covered)[~wearing], images.repeat(6, 1, 1, 1)[~wearing])


def test_a_camera_s_noise_grows_with_the_light() -> None:
    images = torch.cat([torch.full((256, 3, 32, 16), 0.02), torch.full((256, 3, 32, 16), 0.8)], 3)
    noise = camera_noise(images, step_rng(0, 0), 1.0) - images
    dark, bright = noise[..., :16].std(), noise[..., 16:].std()
    assert bright > 1.1 * dark
    assert 0.3 < (noise.flatten(1).std(1) > 1e-4).float().mean() < 0.7
