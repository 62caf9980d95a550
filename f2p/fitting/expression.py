"""Expression and head pose in each photo, solved jointly with the character.

The character itself stays neutral and frontal; expression and pose belong to a photo, and are put aside at the end.

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
    """Expression and pose of each photo, as free parameters of one search.

    Attributes:
        params: (V, K + A) what is optimised: units in their spreads, angles in halves of their reach; 0 is neutral and
            frontal.
        prior_units: (V, K) the units that the prior is centred at, in their spreads; None where it is at neutral.

    Args:
        schema: the parameters.
        imitator: names the units and angles that it draws; others cannot be solved.
        units: units to solve, by the name without its side: both sides go together, for a parser cannot tell a crooked
            smile from a turned head.
        pose: whether to solve the pose.
        photos: V.
        device: of the parameters.
    """

    def __init__(
        self,
        schema: Schema,
        imitator: Imitator,
        units: Sequence[str],
        pose: bool,
        photos: int,
        device: torch.device | None = None,
    ) -> None:
        pairs = [[unit + side for side in _SIDES if unit + side in imitator.expressions] for unit in units]
        self.pairs = [pair for pair in pairs if pair]
        reach = imitator.pose if pose else ()
        self.angles = [i for i, limit in enumerate(reach) if limit > 0]
        self.schema = schema
        columns = torch.zeros(len(self.pairs), schema.size)
        for row, pair in enumerate(self.pairs):
            for name in pair:
                columns[row, schema.slices[name]] = 1.0
        neutral = torch.ones(schema.size)
        for slider in schema.continuous:
            if slider.role == "expression":
                neutral[schema.slices[slider.name]] = 0.0
        resting = torch.from_numpy(schema.average().copy()) * (1 - neutral)
        self.spread = torch.tensor([imitator.expressions[pair[0]] for pair in self.pairs], device=device)
        self.reach = torch.tensor([reach[i] for i in self.angles], device=device)
        self.columns, self.neutral, self.resting = columns.to(device), neutral.to(device), resting.to(device)
        self.params = torch.zeros(photos, len(self.pairs) + len(self.angles), device=device).requires_grad_()
        self.prior_units: Tensor | None = None

    def __bool__(self) -> bool:
        """True where there is anything to solve."""
        return self.params.shape[1] > 0

    def weights(self) -> Tensor:
        """(V, K) weights of the units, in [0, 1]."""
        return self.params[:, : len(self.pairs)] * self.spread

    def pose(self) -> Tensor:
        """(V, 3) yaw, pitch and roll in degrees."""
        turned = self.params[:, len(self.pairs) :] * self.reach / 2
        angles = [turned.new_zeros(len(turned))] * 3
        for column, place in enumerate(self.angles):
            angles[place] = turned[:, column]
        return torch.stack(angles, 1)

    def draw(self, draw: Callable[[Tensor, Tensor], ImitatorOutput], x: Tensor) -> list[ImitatorOutput]:
        """Drawings of x (B, P), one for each photo with its expression and pose, in one batch: cheaper than one by one.

        draw: draws faces (N, P) in poses (N, 3).
        """
        still = self._at_rest(x)
        faces = torch.cat([still + row for row in self.weights() @ self.columns])
        whole = draw(faces, self.pose().repeat_interleave(len(x), 0))
        images = whole.image.split(len(x))
        labels = [None] * len(images) if whole.labels is None else whole.labels.split(len(x))
        return [ImitatorOutput(image, logits) for image, logits in zip(images, labels, strict=True)]

    def face(self, x: Tensor, photo: int | None) -> tuple[Tensor, Tensor]:
        """x (B, P) and pose (1, 3) of the face in one photo, or, with None, neutral and from the front."""
        if photo is None:
            return self._at_rest(x), 0 * self.pose()[:1]
        return self._at_rest(x) + self.weights()[photo] @ self.columns, self.pose()[photo : photo + 1]

    def _at_rest(self, x: Tensor) -> Tensor:
        return x * self.neutral + self.resting

    def prior(self) -> Tensor:
        """(1,): sum of the weights (an L1 term, which draws small ones to exactly 0), squares of their distance from
        `prior_units`, and a pseudo-Huber loss of the angles; mean over the photos."""
        units, angles = self.params.tensor_split([len(self.pairs)], 1)
        turned, cost = _TURNED
        # Pseudo-Huber: heads that are turned far are hardly rarer than those turned half as far.
        bent = ((1 + (angles * self.reach / 2 / turned) ** 2).sqrt() - 1) * turned * cost
        far = self.weights().sum(1) + bent.sum(1)
        if self.prior_units is not None:
            # A search alone takes a raised cheek for a shape of the cheek, and half a blink for narrow eyes.
            far = far + ((units - self.prior_units) ** 2).sum(1)
        return far.mean(0, keepdim=True)

    @torch.no_grad()
    def project(self) -> None:
        """Bring weights back into [0, 1] and angles into their reach."""
        count = len(self.pairs)
        self.params[:, :count] = self.params[:, :count].clamp(min=0).minimum(1 / self.spread)
        self.params[:, count:].clamp_(-2, 2)

    def set_prior(self, expressions: Sequence[FaceExpression]) -> None:
        """Begin at these expressions, and centre the prior there; one for each photo, or none."""
        self.initialise(expressions)
        if expressions:
            self.prior_units = self.params[:, : len(self.pairs)].detach().clone()

    @torch.no_grad()
    def initialise(self, expressions: Sequence[FaceExpression]) -> None:
        """Begin at these expressions, if there is one for each photo."""
        if len(expressions) != len(self.params):
            return
        for row, face in zip(self.params, expressions, strict=True):
            found = [max(face.units.get(name, 0.0) for name in pair) for pair in self.pairs]
            row[: len(self.pairs)] = row.new_tensor(found) / self.spread
            angles = (face.yaw, face.pitch, face.roll)
            row[len(self.pairs) :] = 2 * row.new_tensor([angles[i] for i in self.angles]) / self.reach
        self.project()

    @torch.no_grad()
    def expressions(self, rolls: Sequence[float]) -> tuple[FaceExpression, ...]:
        """Expression and pose of each photo's face. rolls: tilts that the alignment took out of the photos, degrees."""
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
    """x (B, P) with the expression of a face, and its pose (1, 3) as imitators draw it: without the roll, which the
    alignment takes out."""
    expressive = x.clone()
    for name, weight in face.units.items():
        expressive[:, schema.slices[name]] = weight
    return expressive, x.new_tensor([[face.yaw, face.pitch, 0.0]])
