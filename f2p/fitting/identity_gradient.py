"""Which way identity pulls: the recogniser's gradient, computed in a second thread beside the steps that use it.

The recogniser is half of a search's work and needs nothing of the rest, so on two cores it costs next to no time. The
order of asking and taking alone decides the result, never which thread was faster.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Self

import torch
from torch import Tensor

from f2p.face.crops import Jitter
from f2p.fitting.state import Search

__all__ = ["AsyncIdentityGradient"]


class AsyncIdentityGradient:
    """The identity term of one search, asked for now and taken later. A context manager: leaving it ends the thread."""

    def __init__(self, search: Search, beside: bool = True) -> None:
        """beside: in a thread of its own; else at once, where another core would be somebody else's."""
        self._search = search
        self._weight = search.objective.weights["identity"]
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="identity") if beside else None
        self._asked: Callable[[], tuple[Tensor, list[Tensor]]] | None = None
        self._taken: tuple[Tensor, list[Tensor]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        # A search may be closed at any step; what was asked is dropped, or waited for if it has begun.
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)

    def ask(self, neutral: bool) -> None:
        """Begins to compute identity where the search stands. neutral: of the character without its expression."""
        variables = self._search.variables()
        with torch.enable_grad():
            zooms = self._search.zooms()
            inputs = self._search.face(neutral), () if zooms is None else (zooms[self._search.leading],)
        compute = partial(self._compute, variables, *inputs, self._search.jitter())
        if self._thread is not None:
            self._asked = self._thread.submit(compute).result
        else:
            found = compute()
            self._asked = lambda: found

    def take(self, asked: bool) -> tuple[Tensor, list[Tensor]]:
        """The term, (1,), and its weighted gradient with respect to each of the search's variables.

        asked: whether what was asked last is waited for; else what was taken before is given once more.
        """
        if asked and self._asked is not None:
            self._taken, self._asked = self._asked(), None
        assert self._taken is not None, "nothing was asked yet"
        return self._taken

    def _compute(
        self, variables: Sequence[Tensor], face: Sequence[Tensor], zoom: Sequence[Tensor], jitter: Jitter | None
    ) -> tuple[Tensor, list[Tensor]]:
        with torch.enable_grad():
            # The variables move on meanwhile, in place; what is drawn here was computed from them before.
            leaves = [value.detach().requires_grad_() for value in (*face, *zoom)]
            image = self._search.bundle.imitator(*leaves[: len(face)]).image
            value = self._search.objective.identity_of(image, jitter, *leaves[len(face) :])
            pulls = torch.autograd.grad(self._weight * value.sum(), leaves)
            found = torch.autograd.grad((*face, *zoom), variables, pulls, allow_unused=True)
        zero = [torch.zeros_like(v) if g is None else g for v, g in zip(variables, found, strict=True)]
        return value.detach(), zero
