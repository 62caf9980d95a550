"""Torch devices by name, checked before anything is moved there."""

from __future__ import annotations

import torch

from f2p.errors import DeviceUnavailable

__all__ = ["usable_device"]


def usable_device(device: str | torch.device) -> torch.device:
    """The device of that name: "cpu", "cuda", "cuda:1", "mps", or another that this torch can compute on.

    Raises:
        DeviceUnavailable: torch does not know the name, or cannot compute there on this machine.
    """
    try:
        found = torch.device(device)
        # Only a number that comes back proves that the device computes: "meta" takes tensors and holds none.
        torch.ones(1, device=found).add(1).item()
    except (RuntimeError, AssertionError, TypeError, NotImplementedError) as error:
        # Of torch's own text the first sentence: some of them list every kernel there is.
        reason = (str(error).splitlines() or [type(error).__name__])[0].split(". ")[0].rstrip(".")
        raise DeviceUnavailable(
            f"torch cannot compute on the device '{device}': {reason}.",
            f"Choose one of: {', '.join(_present())}. For a GPU, install the torch that was built for it.",
            device=str(device),
        ) from None
    return found


def _present() -> list[str]:
    """Names of the devices that this machine seems to have, the CPU first."""
    cuda = [f"cuda:{index}" for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    return ["cpu", *cuda, *(["mps"] if torch.backends.mps.is_available() else [])]
