"""`f2p export`: a character as a file for games."""

from pathlib import Path
from typing import Annotated, Literal

import tyro


def export(
    character: Annotated[Path, tyro.conf.Positional],
    *,
    to: Literal["glb", "morphs"] = "glb",
    out: Path | None = None,
    size: int = 1024,
    bundle: Path | None = None,
) -> None:
    """Write a character as a file that game engines import.

    Args:
        character: a character.json.
        to: glb, the character with textures, bones and the 52 ARKit morph targets; or morphs, the same head with the
            bundle's shape sliders as morph targets, for live editing.
        out: the file to write; beside the character by default.
        size: side of the largest textures in pixels: 256, 512, 1024, 2048 or 4096.
        bundle: the bundle's folder; the shipped one by default.
    """
    from f2p.bundle import load_bundle
    from f2p.cli.results import read_character, writing
    from f2p.engines.exporting import check_texture_size, export_character
    from f2p.engines.protocol import check_sliders
    from f2p.engines.registry import open_engine
    from f2p.files import shown, write_files

    check_texture_size(size)
    found = load_bundle(bundle)
    values = read_character(character, found.schema).values
    target = out or character.with_suffix(".glb" if to == "glb" else f".{to}.glb")
    engine = open_engine(found.engine)
    try:
        check_sliders(engine, found.schema)
        data = export_character(engine, values, to, size)
    finally:
        engine.close()
    with writing(target.parent):
        write_files({target: data})
    print(f"{shown(target)}  {len(data) / 1e6:.2f} MB")
