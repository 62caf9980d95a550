"""What the servicer works with once a request is understood: plain values, no protobuf."""

from dataclasses import dataclass

__all__ = ["CreateOrder", "ServerFacts"]


@dataclass(frozen=True, kw_only=True)
class CreateOrder:
    """One character, please. `face` counts from 0; None where none was chosen."""

    photo: bytes
    preset: str
    seed: int
    face: int | None
    pictures: bool


@dataclass(frozen=True, kw_only=True)
class ServerFacts:
    """What a server says about itself. `jobs` run or wait now."""

    version: str
    bundle_name: str
    bundle_version: str
    schema_hash: str
    engine_name: str
    engine_available: bool
    presets: tuple[str, ...]
    default_preset: str
    queue_capacity: int
    jobs: int
