"""What the faces in the photos do, solved beside the character: expression units and the pose of the head.

The character itself stays neutral; each photo wears its own expression and pose, which are put aside at the end.

Shapes: V photos, K units or pairs of units, A angles that the imitator draws, B batch, P parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from f2p.character.records import FaceExpression
from f2p.networks.imitator.base import Imitator, ImitatorOutput
from f2p.schema import Schema

__all__ = ["ExpressionPose", "apply_expression"]

_ANGLES = ("yaw", "pitch", "roll")
_SIDES = ("", "Left", "Right")
_TURNED = (5.0, 0.12)
"""Degrees from which on a head counts as turned, and what each further one costs, where a unit in full costs 1: people
look into the camera, and a head that nods explains a long nose as well as a long nose does."""


class ExpressionPose:
    """Expression and pose of each photo, as free variables of one search.

    Attributes:
        free: (V, K + A) what is optimised: units in their spreads, angles in halves of their reach; 0 is neutral and
            frontal.
        guess: (V, K) the units that are expected, in their spreads; None where nothing is.

    Args:
        schema: the parameters.
        imitator: says which units and angles it draws; others cannot be solved.
        units: which of them to solve, by the name without its side: both sides go together, for a parser cannot tell
            a crooked smile from a turned head.
        pose: whether to solve the pose.
        photos: V.
    """

    def __init__(self, schema: Schema, imitator: Imitator, units: Sequence[str], pose: bool, photos: int) -> None:
        pairs = [[unit + side for side in _SIDES if unit + side in imitator.expressions] for unit in units]
        self.pairs = [pair for pair in pairs if pair]
        reach = imitator.pose if pose else ()
        self.angles = [i for i, limit in enumerate(reach) if limit > 0]
        self.schema = schema
        self.spread = torch.tensor([imitator.expressions[pair[0]] for pair in self.pairs])
        self.reach = torch.tensor([reach[i] for i in self.angles])
        self.columns = torch.zeros(len(self.pairs), schema.size)
        for row, pair in enumerate(self.pairs):
            for name in pair:
                self.columns[row, schema.slices[name]] = 1.0
        self.neutral = torch.ones(schema.size)
        for slider in schema.continuous:
            if slider.role == "expression":
                self.neutral[schema.slices[slider.name]] = 0.0
        self.resting = torch.from_numpy(schema.average().copy()) * (1 - self.neutral)
        self.free = torch.zeros(photos, len(self.pairs) + len(self.angles)).requires_grad_()
        self.guess: Tensor | None = None

    def __bool__(self) -> bool:
        """Whether there is anything to solve."""
        return self.free.shape[1] > 0

    def weights(self) -> Tensor:
        """(V, K) weights of the units, in [0, 1]."""
        return self.free[:, : len(self.pairs)] * self.spread

    def pose(self) -> Tensor:
        """(V, 3) yaw, pitch and roll in degrees."""
        turned = self.free[:, len(self.pairs) :] * self.reach / 2
        angles = [turned.new_zeros(len(turned))] * 3
        for column, place in enumerate(self.angles):
            angles[place] = turned[:, column]
        return torch.stack(angles, 1)

    def draw(self, draw: Callable[[Tensor, Tensor], ImitatorOutput], x: Tensor) -> list[ImitatorOutput]:
        """A drawing of x (B, P) a photo, as the face in it. All in one batch: that is cheaper than one by one.

        draw: draws faces (N, P) in poses (N, 3).
        """
        still = self._still(x)
        faces = torch.cat([still + row for row in self.weights() @ self.columns])
        whole = draw(faces, self.pose().repeat_interleave(len(x), 0))
        images = whole.image.split(len(x))
        labels = [None] * len(images) if whole.labels is None else whole.labels.split(len(x))
        return [ImitatorOutput(image, logits) for image, logits in zip(images, labels, strict=True)]

    def face(self, x: Tensor, photo: int | None) -> tuple[Tensor, Tensor]:
        """x (B, P) and pose (1, 3) of the face in one photo, or, with None, neutral and from the front."""
        if photo is None:
            return self._still(x), 0 * self.pose()[:1]
        return self._still(x) + self.weights()[photo] @ self.columns, self.pose()[photo : photo + 1]

    def _still(self, x: Tensor) -> Tensor:
        return x * self.neutral + self.resting

    def prior(self) -> Tensor:
        """(1,): sum of the weights, which draws small ones to exactly nothing, squares of their distance from the
        guess, and of the pose; mean over the photos."""
        units, angles = self.free.tensor_split([len(self.pairs)], 1)
        turned, cost = _TURNED
        # Straight for large angles: heads that are turned far are no rarer than those turned half as far.
        bent = ((1 + (angles * self.reach / 2 / turned) ** 2).sqrt() - 1) * turned * cost
        far = self.weights().sum(1) + bent.sum(1)
        if self.guess is not None:
            # A search alone takes a raised cheek for a shape of the cheek, and half a blink for narrow eyes.
            far = far + ((units - self.guess) ** 2).sum(1)
        return far.mean(0, keepdim=True)

    @torch.no_grad()
    def clamp(self) -> None:
        """Brings weights back into [0, 1] and angles into their reach."""
        count = len(self.pairs)
        self.free[:, :count] = self.free[:, :count].clamp(min=0).minimum(1 / self.spread)
        self.free[:, count:].clamp_(-2, 2)

    def expect(self, expressions: Sequence[FaceExpression]) -> None:
        """Begins at what the faces were guessed to do, and stays near it; as many as photos, or none."""
        self.stand(expressions)
        if expressions:
            self.guess = self.free[:, : len(self.pairs)].detach().clone()

    @torch.no_grad()
    def stand(self, expressions: Sequence[FaceExpression]) -> None:
        """Begins where an earlier search ended, if that was with as many photos."""
        if len(expressions) != len(self.free):
            return
        for row, face in zip(self.free, expressions, strict=True):
            found = [max(face.units.get(name, 0.0) for name in pair) for pair in self.pairs]
            row[: len(self.pairs)] = torch.tensor(found) / self.spread
            angles = (face.yaw, face.pitch, face.roll)
            row[len(self.pairs) :] = 2 * torch.tensor([angles[i] for i in self.angles]) / self.reach
        self.clamp()

    @torch.no_grad()
    def expressions(self, rolls: Sequence[float]) -> tuple[FaceExpression, ...]:
        """What each photo's face does. rolls: the tilts that the alignment has taken out of them, degrees."""
        units = [slider.name for slider in self.schema.continuous if slider.role == "expression"]
        found = []
        for weights, pose, roll in zip(self.weights().tolist(), self.pose().tolist(), rolls, strict=True):
            known = {name: weight for pair, weight in zip(self.pairs, weights, strict=True) for name in pair}
            found.append(
                FaceExpression(
                    units={name: known.get(name, 0.0) for name in units},
                    yaw=pose[0],
                    pitch=pose[1],
                    roll=pose[2] + roll,
                )
            )
        return tuple(found)


def apply_expression(schema: Schema, x: Tensor, face: FaceExpression) -> tuple[Tensor, Tensor]:
    """x (B, P) with the expression of a face, and its pose (1, 3) as imitators draw it: without the tilt that alignment
    takes out."""
    worn = x.clone()
    for name, weight in face.units.items():
        worn[:, schema.slices[name]] = weight
    return worn, torch.tensor([[face.yaw, face.pitch, 0.0]])
