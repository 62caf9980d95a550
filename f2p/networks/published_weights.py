"""Weights of networks that others trained and published, as `scripts/import_networks.py` wrote them.

Each file is in safetensors; its header names the package, the file in it, the licence and the sha256 that it came from.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeVar

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from f2p.errors import WeightsError

__all__ = ["PUBLISHED", "load_published"]

PUBLISHED: Final = Path(__file__).parents[1] / "data" / "networks"
_REMEDY: Final = "Install face-to-parameter again."

Network = TypeVar("Network", bound=nn.Module)


def load_published(network: Network, name: str) -> Network:
    """The network with the published weights of that name: frozen, in eval mode, float32, on the CPU.

    Raises:
        WeightsError: the file is missing, cannot be read, or is not this network's.
    """
    file = PUBLISHED / f"{name}.safetensors"
    if not file.is_file():
        raise WeightsError(
            f"The network '{name}' lacks its weights.", "Install face-to-parameter again.", file=file.name
        )
    try:
        tensors = {key: tensor.float() for key, tensor in load_file(file).items()}
        network.load_state_dict(tensors)
    except (SafetensorError, OSError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise WeightsError(f"The weights '{file.name}' cannot be used: {reason}", _REMEDY, file=file.name) from None
    return network.requires_grad_(False).eval()
