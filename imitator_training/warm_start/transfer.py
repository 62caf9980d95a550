"""The bookkeeping of a warm start: which tensors were copied, which converted, and which start fresh."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from torch import Tensor, nn

__all__ = ["Transfer"]

SHOWN = 12


class Transfer:
    """From old tensors into a network, in place. What was not treated one by one is copied by `finish`."""

    def __init__(self, network: nn.Module, old: Mapping[str, Tensor]) -> None:
        self._new = network.state_dict()  # its tensors are the network's own
        self._old = old
        self._treated: set[str] = set()
        self._taken: set[str] = set()

    def old(self, name: str) -> Tensor:
        """An old tensor in float64, so that converting by factors of 1 changes no bit; empty when there is none."""
        return self._old[name].double() if name in self._old else Tensor([]).double()

    def new(self, name: str) -> Tensor:
        """A tensor of the new network as it is, in float64; empty when there is none."""
        return self._new[name].double() if name in self._new else Tensor([]).double()

    def keep(self, name: str) -> None:
        """The new network's own tensor stays."""
        self._treated.add(name)

    def put(self, name: str, convert: Callable[[Tensor], Tensor]) -> bool:
        """Put the converted old tensor in place; False (and nothing done) when there is none or it does not fit."""
        self._treated.add(name)
        if name not in self._old or name not in self._new:
            return False
        try:
            value = convert(self.old(name))
        except RuntimeError:  # widths differ: the multiplication says so
            return False
        if value.shape != self._new[name].shape:
            return False
        self._new[name].copy_(value)
        self._taken.add(name)
        return True

    def finish(self, path: Path, changed: Mapping[str, list[str]]) -> str:
        """Copy everything else of the same name and shape; say what was copied and what starts fresh."""
        for name, value in self._new.items():
            if name not in self._treated and name in self._old and self._old[name].shape == value.shape:
                value.copy_(self._old[name])
                self._taken.add(name)
        fresh = [name for name in self._new if name not in self._taken and not name.startswith("feature_")]
        weights = sum(self._new[name].numel() for name in self._taken)
        lines = [f"warm start from {path}: {len(self._taken)} of {len(self._new)} tensors copied ({weights:,} weights)"]
        for title, names in {**changed, "fresh layers": fresh}.items():
            if names:
                more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
                lines.append(f"  {title}: {', '.join(names[:SHOWN])}{more}")
        return "\n".join(lines)
