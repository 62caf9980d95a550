"""The studio's pages as they are committed: whole, of today's sources, small, and calling nobody else."""

import hashlib
import json
import re
from pathlib import Path

import f2p

BUILT = Path(f2p.__file__).parent / "studio"
SOURCES = Path(__file__).resolve().parents[2] / "studio"
FIRST_VIEW_BYTES = 400_000
ALL_BYTES = 1_500_000
# Names of XML's vocabularies: nobody fetches them.
NAMESPACES = re.compile(r"http://www\.w3\.org/(1998/Math/MathML|1999/xhtml|1999/xlink|2000/svg|XML/1998/namespace)")


def built_files() -> list[Path]:
    return [path for path in sorted(BUILT.rglob("*")) if path.is_file()]


def linked_files() -> list[Path]:
    page = (BUILT / "index.html").read_text("utf-8")
    return [BUILT / name for name in re.findall(r'(?:src|href)="\./([^"#]+)"', page)]


def test_everything_that_the_page_links_is_there() -> None:
    linked = linked_files()
    assert {path.suffix for path in linked} >= {".js", ".css", ".svg"}
    assert all(path.is_file() for path in linked)


def test_no_file_names_another_server() -> None:
    for path in built_files():
        if path.suffix in {".html", ".js", ".css", ".svg"}:
            text = NAMESPACES.sub("", path.read_text("utf-8"))
            assert not re.findall(r"\b(?:https?:|wss?:)?//[a-z0-9][a-z0-9.-]+\.[a-z]{2,}", text), path.name


def test_the_page_lets_nothing_else_in() -> None:
    page = (BUILT / "index.html").read_text("utf-8")
    policy = re.search(r'content="(default-src[^"]+)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'")
    assert "unsafe" not in policy[1]
    assert "<script>" not in page
    assert "<style" not in page


def test_it_is_small() -> None:
    first = [BUILT / "index.html", *linked_files(), *BUILT.glob("assets/*.woff2")]
    assert sum(path.stat().st_size for path in first) < FIRST_VIEW_BYTES
    assert sum(path.stat().st_size for path in built_files()) < ALL_BYTES


def test_the_licences_of_others_lie_beside_it() -> None:
    text = (BUILT / "licences.txt").read_text("utf-8")
    lock = json.loads((SOURCES / "package-lock.json").read_text("utf-8"))
    for name in lock["packages"][""]["dependencies"]:
        assert f"{name} {lock['packages'][f'node_modules/{name}']['version']}" in text


def test_it_was_built_from_these_sources() -> None:
    names = ["index.html", "package-lock.json", "public", "src", "vite.config.ts"]
    files = [
        path
        for name in names
        for path in ([SOURCES / name] if (SOURCES / name).is_file() else (SOURCES / name).rglob("*"))
    ]
    digest = hashlib.sha256()
    for name in sorted(path.relative_to(SOURCES).as_posix() for path in files if path.is_file()):
        digest.update(name.encode() + b"\0" + (SOURCES / name).read_bytes() + b"\0")
    stamp = json.loads((BUILT / "build.json").read_text("utf-8"))
    assert stamp["sources"] == digest.hexdigest(), "run `make studio` and commit f2p/studio with its sources"
