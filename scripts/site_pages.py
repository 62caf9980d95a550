"""Hooks of mkdocs: the repository's own pages on the site, and links that lead somewhere from there.

Pages are written to be read in the repository, where `../f2p/errors.py` is a file. On the site such a link leads to the
repository's address if mkdocs.yml has one, and is plain text otherwise.
"""

import posixpath
import re
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
# Where a page of the repository's root stands on the site.
PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
}
_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?![a-z]+:|#)([^)#\s]+)(#[^)]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the repository's root."""
    for source, page in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, **_: Any) -> str:
    """Rewrite a page's relative links from the repository's folders to the site's."""
    uri = page.file.src_uri
    source = {page: source for source, page in PAGES.items()}.get(uri, f"docs/{uri}")
    return rewritten(markdown, source, config.repo_url or "")


def rewritten(markdown: str, source: str, repository: str) -> str:
    """The text of a page with its links as the site needs them.

    Args:
        markdown: the page.
        source: its path in the repository, such as "docs/api.md" or "README.md".
        repository: the repository's address, or "".
    """
    here = posixpath.dirname(PAGES.get(source, source.removeprefix("docs/")))

    def link(match: re.Match[str]) -> str:
        image, text, target, anchor = match.group(1), match.group(2), match.group(3), match.group(4) or ""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        if path in PAGES or PurePosixPath(path).parts[0] == "docs":
            page = PAGES.get(path, path.removeprefix("docs/"))
            return f"{image}[{text}]({posixpath.relpath(page, here or '.')}{anchor})"
        return f"[{text}]({repository.rstrip('/')}/blob/HEAD/{path}{anchor})" if repository else text

    return _LINK.sub(link, markdown)
