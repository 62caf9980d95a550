"""Bundles, schemas and presets that one generation of workers serves."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["ServedBundles"]


@dataclass(frozen=True, kw_only=True)
class ServedBundles:
    """Answers to GetServerInfo and GetSchema.

    Attributes:
        bundles: the fields of BundleInfo of each, the default first.
        schemas: bundle's name -> serialised GetSchemaResponse.
        presets: names, the default recipe first.
    """

    bundles: tuple[dict[str, Any], ...]
    schemas: dict[str, bytes]
    presets: tuple[str, ...]

    @classmethod
    def from_facts(cls, reported: Sequence[dict[str, Any]]) -> "ServedBundles":
        """From the facts of the first worker of each lane; those that make characters know the engines."""
        facts = reported[0]
        return cls(
            bundles=tuple(facts["bundles"]),
            schemas={name: base64.b64decode(text) for name, text in facts["schemas"].items()},
            presets=tuple(facts["presets"]),
        )

    @property
    def default(self) -> dict[str, Any]:
        """The bundle for requests that name none."""
        return self.bundles[0]
