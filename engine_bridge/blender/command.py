"""Where Blender is, and the command lines that run our script in it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from f2p.errors import EngineFailed, EngineMissing

__all__ = ["VARIABLE", "command", "export_glb"]

VARIABLE: Final = "F2P_BLENDER"
CHILD: Final = Path(__file__).with_name("child.py")
# Blender prints to its standard output before any script runs: ours speaks on descriptor 3. It has a numpy of its own,
# which ours must not stand before.
_SHELL: Final = 'exec 3>&1 1>&2; unset PYTHONPATH PYTHONHOME; exec "$@"'


def command(*arguments: str) -> list[str]:
    """The command line that runs `child` with these arguments, answering on its standard output.

    ``F2P_BLENDER`` names the program: Blender itself, or a Python that has the package `bpy`; without it ``blender`` is
    looked for.

    Raises:
        EngineMissing: there is no such program.
    """
    named = os.environ.get(VARIABLE, "blender")
    program = shutil.which(named)
    if program is None:
        raise EngineMissing(
            f"Blender is not there: no program '{named}'.",
            f"Install Blender 4.2 or later, or bpy into an environment of its own, and give its path in {VARIABLE}.",
            engine="blender",
        )
    inner = [program, str(CHILD)]
    if Path(program).name.startswith("blender"):
        inner = [program, "--background", "--factory-startup", "--python-exit-code", "1", "--python", str(CHILD), "--"]
    return ["/bin/sh", "-c", _SHELL, "sh", *inner, *arguments]


def export_glb(blend: Path, glb: Path) -> None:
    """Write what a .blend holds as .glb, by Blender's own exporter.

    Raises:
        EngineMissing: there is no Blender.
        EngineFailed: the file cannot be opened or exported.
    """
    done = subprocess.run(command("export", str(blend), str(glb)), capture_output=True, text=True, check=False)
    if done.returncode or not glb.exists():
        last = [line for line in done.stderr.splitlines() if line.strip()][-1:] or ["no output"]
        raise EngineFailed(
            f"Blender could not export {blend.name}: {last[0]}.", "Open the file in Blender and mend it."
        )
