"""The documents say what the code does."""

import re
from pathlib import Path

import pytest

from f2p import __version__, errors

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]


def test_the_table_of_errors_is_complete() -> None:
    page = (ROOT / "docs" / "errors.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| `(\w+)` \| (.+) \|$", page, re.M)
    documented = {name: (reason, code) for reason, code, name, _ in rows}
    kinds = [getattr(errors, name) for name in errors.__all__ if name != "F2PError"]
    assert documented == {kind.__name__: (kind.reason, kind.code) for kind in kinds}
    assert all(remedy.strip() for *_, remedy in rows)


def test_reasons_are_unique_and_well_formed() -> None:
    reasons = [getattr(errors, name).reason for name in errors.__all__]
    assert len(set(reasons)) == len(reasons)
    assert all(re.fullmatch(r"[A-Z][A-Z0-9_]{2,62}", reason) for reason in reasons)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_readmes_programs_are_python() -> None:
    for program in re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S):
        compile(program, "README.md", "exec")


def test_the_changelog_has_this_version() -> None:
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_folders_and_modules_that_pages_name_exist(page: Path) -> None:
    """Every `path/` or `path/file.py` in backticks."""
    folders = "f2p|imitator_training|engine_bridge|proto|tests|docs|examples|scripts"
    for name in re.findall(rf"`((?:{folders})/[\w./]*)`", page.read_text("utf-8")):
        assert (ROOT / name).exists(), f"{page.name} names {name}"
