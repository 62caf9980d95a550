"""What one generation of workers serves."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["ServedBundles"]


@dataclass(frozen=True, kw_only=True)
class ServedBundles:
    """Attributes:
    bundles: what BundleInfo says of each, the default first.
    schemas: bundle's name -> serialised GetSchemaResponse.
    presets: names, the default recipe first.
    """

    bundles: tuple[dict[str, Any], ...]
    schemas: dict[str, bytes]
    presets: tuple[str, ...]

    @classmethod
    def from_facts(cls, told: Sequence[dict[str, Any]]) -> "ServedBundles":
        """From what the first worker of each lane says; those that make characters know of the engines."""
        facts = told[0]
        return cls(
            bundles=tuple(facts["bundles"]),
            schemas={name: base64.b64decode(text) for name, text in facts["schemas"].items()},
            presets=tuple(facts["presets"]),
        )

    @property
    def default(self) -> dict[str, Any]:
        """The bundle for requests that name none."""
        return self.bundles[0]
