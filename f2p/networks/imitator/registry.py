"""Imitator architectures by name: the one place where weight files and training configs find them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from f2p.errors import WeightsError
from f2p.networks.imitator.base import Imitator
from f2p.networks.imitator.dcgan import Dcgan, DcganConfig
from f2p.networks.imitator.modulated import Modulated, ModulatedConfig
from f2p.schema import Schema

__all__ = ["build_imitator", "imitator_names"]

_ARCHITECTURES: dict[str, tuple[type[Any], Callable[[Schema, Any], Imitator]]] = {
    "modulated": (ModulatedConfig, Modulated),
    "dcgan": (DcganConfig, Dcgan),
}


def imitator_names() -> tuple[str, ...]:
    """Names that `build_imitator` knows."""
    return tuple(_ARCHITECTURES)


def build_imitator(arch: str, config: Mapping[str, Any], schema: Schema) -> Imitator:
    """A fresh imitator for `schema`; `config` holds fields of `ModulatedConfig` or `DcganConfig` (all optional).

    Raises WeightsError for an unknown architecture, an unknown option or an impossible size.
    """
    if arch not in _ARCHITECTURES:
        raise WeightsError(
            f"There is no imitator architecture {arch!r}.", f"Choose one of {', '.join(_ARCHITECTURES)}."
        )
    config_type, network = _ARCHITECTURES[arch]
    options = {key: tuple(value) if isinstance(value, list) else value for key, value in config.items()}
    unknown = options.keys() - asdict(config_type()).keys()
    if unknown:
        known = ", ".join(asdict(config_type()))
        raise WeightsError(f"The imitator {arch!r} has no option {', '.join(sorted(unknown))}.", f"It has {known}.")
    return network(schema, config_type(**options))
