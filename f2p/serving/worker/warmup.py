"""A first solve, on the average face, so that no caller pays for what the first one costs."""

from dataclasses import replace

import numpy as np
import torch

from f2p.bundle import Bundle
from f2p.face.alignment import Aligned
from f2p.face.detection import find_faces
from f2p.face.quality import Quality
from f2p.fitting.presets import get_preset
from f2p.fitting.solver import solve
from f2p.targets.measurement import measure_photo
from f2p.targets.target import Target

__all__ = ["warm_up"]

_STEPS = 2


def warm_up(bundle: Bundle, preset: str) -> None:
    """Run every part once: the detector on a grey picture, then some steps on the average face's drawing."""
    find_faces(np.full((128, 128, 3), 128, np.uint8))
    recipe = get_preset(preset)
    target = Target.of(measure_photo(bundle, _average_face(bundle), perceive=recipe.perceives))
    # All in this thread: it may be a process that is forked later, and threads do not survive that.
    solve(bundle, target, replace(recipe, steps=_STEPS, check_at=()))


@torch.no_grad()
def _average_face(bundle: Bundle) -> Aligned:
    image = (
        bundle.imitator(torch.from_numpy(bundle.schema.average())[None].to(bundle.device)).image[0].clamp(0, 1).cpu()
    )
    side = image.shape[-1]
    return Aligned(
        image=image,
        valid_mask=torch.ones(side, side),
        landmarks5=bundle.frame_landmarks5,
        transform=np.array([[1 / side, 0.0, 0.0], [0.0, 1 / side, 0.0]]),
        photo=(image * 255).byte().permute(1, 2, 0).contiguous().numpy(),
        landmarks5_px=bundle.frame_landmarks5 * side,
        grey=False,
        quality=Quality(face_px=side / 2, score=1.0, blur=0.4, brightness=0.5, roll_deg=0.0, yaw_hint=0.0),
        warnings=(),
    )
