"""Take outputs and execution counts out of notebooks: `python scripts/strip_notebooks.py NOTEBOOK...`.

A photo's pixels would be among them. Exit code 1 where one had any, as pre-commit expects of a hook that changes files.
"""

import sys
from pathlib import Path

import nbformat


def strip(path: Path) -> bool:
    """Strip one notebook in place; give whether it had something to take out."""
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    full = [cell for cell in cells if cell.outputs or cell.execution_count is not None]
    for cell in full:
        cell.outputs, cell.execution_count = [], None
    if full:
        nbformat.write(notebook, path)
    return bool(full)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python scripts/strip_notebooks.py NOTEBOOK...")
    changed = [strip(Path(name)) for name in sys.argv[1:]]
    sys.exit(1 if any(changed) else 0)
