"""Bundles, schemas, meshes and presets that one generation of workers serves."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from f2p.errors import BundleMissing
from f2p.serving.meshes import MeshShelf

__all__ = ["ServedBundles"]


@dataclass(frozen=True, kw_only=True)
class ServedBundles:
    """Answers to GetServerInfo, GetSchema and GetMesh.

    Attributes:
        bundles: the fields of BundleInfo of each, the default first.
        schemas: bundle's name -> serialised GetSchemaResponse.
        presets: names, the default recipe first.
        meshes: files that were asked for.
    """

    bundles: tuple[dict[str, Any], ...]
    schemas: dict[str, bytes]
    presets: tuple[str, ...]
    meshes: MeshShelf = field(default_factory=MeshShelf)

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

    def bundle(self, name: str) -> dict[str, Any]:
        """The fields of BundleInfo of that bundle; of the default where empty. Raises BundleMissing."""
        for bundle in self.bundles:
            if name in ("", bundle["name"]):
                return bundle
        there = ", ".join(bundle["name"] for bundle in self.bundles)
        raise BundleMissing(f"There is no bundle '{name[:60]}' here.", f"There are: {there}.")
