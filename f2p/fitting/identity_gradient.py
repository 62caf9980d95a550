"""Gradient of the identity term, computed by an executor beside the steps that use it.

The recogniser is half of a search's work and needs nothing of the rest, so that on two cores it costs next to no time.
The order of `submit` and `result` alone decides the outcome, never which thread was faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future, wait
from functools import partial
from types import TracebackType
from typing import Self

import torch
from torch import Tensor

from f2p.face.crops import Jitter
from f2p.fitting.state import FitState

__all__ = ["AsyncIdentityGradient"]

Gradient = tuple[Tensor, list[Tensor]]


class AsyncIdentityGradient:
    """Identity term of one search and its gradient, submitted now and taken later.

    A context manager: leaving it drops what is pending, or waits for it if it has begun.

    Args:
        state: of the search.
        executor: computes the gradient; None computes it at once, in `submit`.
    """

    def __init__(self, state: FitState, executor: Executor | None = None) -> None:
        self._state = state
        self._weight = state.objective.weights["identity"]
        self._executor = executor
        self._pending: Future[Gradient] | None = None
        self._last: Gradient | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._pending is not None and not self._pending.cancel():
            wait([self._pending])

    def submit(self, neutral: bool) -> None:
        """Begin to compute the gradient at the present state. neutral: of the character without its expression."""
        state = self._state
        with torch.enable_grad():
            zooms = state.zooms()
            inputs = state.identity_inputs(neutral), () if zooms is None else (zooms[state.target.leading],)
        compute = partial(self._compute, state.variables(), *inputs, state.jitter())
        if self._executor is not None:
            self._pending = self._executor.submit(compute)
        else:
            self._pending = Future()
            self._pending.set_result(compute())

    def result(self, pending: bool) -> Gradient:
        """The term, (1,), and its weighted gradient with respect to each of the state's variables.

        pending: wait for what was submitted last; else the result before it is given once more.
        """
        if pending and self._pending is not None:
            self._last, self._pending = self._pending.result(), None
        assert self._last is not None, "nothing was submitted yet"
        return self._last

    def _compute(
        self, variables: Sequence[Tensor], face: Sequence[Tensor], zoom: Sequence[Tensor], jitter: Jitter | None
    ) -> Gradient:
        with torch.enable_grad():
            # The variables move on meanwhile, in place; the inputs were computed from them before.
            leaves = [value.detach().requires_grad_() for value in (*face, *zoom)]
            image = self._state.bundle.imitator(*leaves[: len(face)]).image
            value = self._state.objective.identity_of(image, jitter, *leaves[len(face) :])
            # An imitator of expressions without poses does nothing with the pose, which follows from no variable then.
            at_leaves = torch.autograd.grad(self._weight * value.sum(), leaves, materialize_grads=True)
            pairs = zip((*face, *zoom), at_leaves, strict=True)
            inputs, at_inputs = zip(*[(each, at) for each, at in pairs if each.requires_grad], strict=True)
            found = torch.autograd.grad(inputs, variables, at_inputs, allow_unused=True)
        gradients = [torch.zeros_like(v) if g is None else g for v, g in zip(variables, found, strict=True)]
        return value.detach(), gradients
