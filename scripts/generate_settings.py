"""Write the table of settings in docs/operations.md from ServerConfig: `python scripts/generate_settings.py`."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_PAGE = ROOT / "docs" / "operations.md"
_TABLE = re.compile(r"(?<=<!-- settings -->\n).*?(?=<!-- end of settings -->)", re.S)


def settings() -> list[tuple[str, str, str]]:
    """Name, default and docstring of every field of ServerConfig, as its source has them."""
    source = (ROOT / "f2p" / "serving" / "config.py").read_text("utf-8")
    (config,) = [node for node in ast.parse(source).body if getattr(node, "name", "") == "ServerConfig"]
    assert isinstance(config, ast.ClassDef)
    found = []
    for field, text in zip(config.body, config.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and field.value is not None:
            assert isinstance(text, ast.Expr), f"{field.target.id} has no docstring"
            default = ast.literal_eval(field.value)
            found.append((field.target.id, _written(default), ast.literal_eval(text.value)))
    return found


def _written(default: object) -> str:
    if default is None or default == ():
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else str(default)


def settings_table() -> str:
    """The table, in Markdown."""
    rows = [f"| `{name}` | {default} | {text} |" for name, default, text in settings()]
    return "\n".join(["| setting | default | |", "|---|---|---|", *rows, ""])


if __name__ == "__main__":
    _PAGE.write_text(_TABLE.sub(lambda _: settings_table(), _PAGE.read_text("utf-8")), encoding="utf-8")
