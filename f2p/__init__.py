"""f2p: one photo of a face in, the values of a game engine's character sliders out.

    from f2p import CharacterCreator, load_bundle

    character = CharacterCreator(load_bundle()).create("photo.jpg")

The names in `__all__`, `f2p.errors` and `f2p.client` are the public surface; all else may move between releases. Names
load what they need when they are first used, so that the thin gRPC client never pays for torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from f2p.numerics import prepare_environment

if TYPE_CHECKING:
    from f2p.bundle import Bundle, load_bundle
    from f2p.character.character import Candidate, Character
    from f2p.character.comparison import Comparison, compare
    from f2p.client import AsyncCharacterClient, CharacterClient
    from f2p.creator import CharacterCreator
    from f2p.engines.protocol import Engine, Frame, View
    from f2p.engines.registry import engine_names, open_engine
    from f2p.errors import F2PError
    from f2p.face.photo_check import Inspection, inspect_photo
    from f2p.fitting.presets import Preset, get_preset, preset_names
    from f2p.fitting.styling import Styling
    from f2p.imaging.decode import Photo, read_photo
    from f2p.schema import Schema, load_schema
    from f2p.targets.photo_set import PhotoSet

__version__ = "0.1.0"

__all__ = [
    "AsyncCharacterClient",
    "Bundle",
    "Candidate",
    "Character",
    "CharacterClient",
    "CharacterCreator",
    "Comparison",
    "Engine",
    "F2PError",
    "Frame",
    "Inspection",
    "Photo",
    "PhotoSet",
    "Preset",
    "Schema",
    "Styling",
    "View",
    "__version__",
    "compare",
    "engine_names",
    "get_preset",
    "inspect_photo",
    "load_bundle",
    "load_schema",
    "open_engine",
    "preset_names",
    "read_photo",
]

_HOMES = {
    "f2p.bundle": ("Bundle", "load_bundle"),
    "f2p.character.character": ("Candidate", "Character"),
    "f2p.character.comparison": ("Comparison", "compare"),
    "f2p.client": ("AsyncCharacterClient", "CharacterClient"),
    "f2p.creator": ("CharacterCreator",),
    "f2p.engines.protocol": ("Engine", "Frame", "View"),
    "f2p.engines.registry": ("engine_names", "open_engine"),
    "f2p.errors": ("F2PError",),
    "f2p.face.photo_check": ("Inspection", "inspect_photo"),
    "f2p.fitting.presets": ("Preset", "get_preset", "preset_names"),
    "f2p.fitting.styling": ("Styling",),
    "f2p.imaging.decode": ("Photo", "read_photo"),
    "f2p.schema": ("Schema", "load_schema"),
    "f2p.targets.photo_set": ("PhotoSet",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

# Before anything imports torch, or it has no effect.
prepare_environment()


def __getattr__(name: str) -> Any:
    """Load a public name's module when the name is first used (PEP 562)."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'f2p' has no attribute '{name}'")
    try:
        value = getattr(import_module(home), name)
    except ModuleNotFoundError as error:
        from f2p.errors.transport import install_command

        raise ImportError(
            f"f2p.{name} needs '{error.name}', which is not installed: {install_command('solve')}.", name=error.name
        ) from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
