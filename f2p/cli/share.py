"""`f2p share` and `f2p receive`: a character as a short code, and back."""

from pathlib import Path
from typing import Annotated

import tyro


def share(
    character: Annotated[Path, tyro.conf.Positional], *, qr: Path | None = None, bundle: Path | None = None
) -> None:
    """Print a character's share code: its values in some 300 letters and digits, nothing of its photo.

    Args:
        character: a character.json.
        qr: a .png or .svg file for the code as a QR picture.
        bundle: the bundle's folder; the shipped one by default.
    """
    import io

    import segno

    from f2p.bundle import load_bundle
    from f2p.character.share_code import share_code
    from f2p.cli.results import read_character, writing
    from f2p.errors import ParameterError
    from f2p.files import shown, write_files

    if qr is not None and qr.suffix.lower() not in (".png", ".svg"):
        raise ParameterError(f"{shown(qr)} is neither .png nor .svg.", "Name the picture so.")
    code = share_code(read_character(character, load_bundle(bundle).schema))
    if qr is not None:
        buffer = io.BytesIO()
        segno.make_qr(code, error="m").save(buffer, kind=qr.suffix.lower()[1:], scale=6)
        with writing(qr.parent):
            write_files({qr: buffer.getvalue()})
    print(code)


def receive(code: Annotated[str, tyro.conf.Positional], *, out: Path, bundle: Path | None = None) -> None:
    """Write the character of a share code to a file.

    Args:
        code: the code; - to read it from standard input.
        out: the character.json to write.
        bundle: the bundle's folder; the shipped one by default.
    """
    import sys

    from f2p.bundle import load_bundle
    from f2p.character.share_code import read_share_code
    from f2p.cli.results import writing
    from f2p.files import shown, write_files

    found = read_share_code(sys.stdin.read() if code == "-" else code)
    loaded = load_bundle(bundle)
    character = found.character(loaded.schema, loaded.name, loaded.version)
    with writing(out.parent):
        write_files({out: character.to_json().encode()})
    print(shown(out))
