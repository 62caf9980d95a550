"""The names that others may rely on: `f2p.__all__`. What is not in it may move between releases."""

import subprocess
import sys

import f2p

PUBLIC = {
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
}


def test_the_public_names_are_these() -> None:
    """A name may be added here with a line in CHANGELOG.md; none is taken away without a new major version."""
    assert set(f2p.__all__) == PUBLIC
    assert list(f2p.__all__) == sorted(f2p.__all__)


def test_each_name_is_there_and_is_listed() -> None:
    for name in f2p.__all__:
        assert getattr(f2p, name) is not None
        assert name in dir(f2p)


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(f2p, "load_bundel")


def test_a_missing_package_is_told_with_what_to_install() -> None:
    program = (
        "import sys\n"
        "sys.modules['torch'] = None\n"
        "import f2p\n"
        "try: f2p.load_bundle\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == (
        "f2p.load_bundle needs 'torch', which is not installed: pip install 'face-to-parameter[solve]'."
    )
