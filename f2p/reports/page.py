"""What the HTML pages share: templates, the style sheet, pictures inside the file."""

import base64
from functools import cache
from typing import Any

import jinja2

__all__ = ["picture", "spoken", "style", "template"]


def spoken(group: str) -> str:
    """A group's name for people."""
    return group.replace("_", " ")


def picture(data: bytes, kind: str, caption: str) -> dict[str, str]:
    """A picture's file as a page holds it."""
    return {"source": f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}", "caption": caption}


@cache
def _environment() -> jinja2.Environment:
    # Autoescape for all: labels and names come out of schemas and file names.
    loader = jinja2.PackageLoader("f2p.reports", "templates")
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def template(name: str) -> jinja2.Template:
    """A template of ours, which escapes what it is given."""
    return _environment().get_template(name)


@cache
def style() -> Any:
    """The style sheet of all pages."""
    # Our own file, and no HTML entity is one in CSS.
    from markupsafe import Markup

    loader = _environment().loader
    assert loader is not None
    return Markup(loader.get_source(_environment(), "style.css")[0])
