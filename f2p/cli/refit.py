"""`f2p refit`: solves a character again around what its player edited."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

if TYPE_CHECKING:
    from f2p.schema import Schema


def refit(
    character: Annotated[Path, tyro.conf.Positional],
    *,
    photo: tyro.conf.UseAppendAction[tuple[Path, ...]],
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])],
    lock: tyro.conf.UseAppendAction[tuple[str, ...]] = (),
    edits: Annotated[tyro.conf.UseAppendAction[tuple[str, ...]], tyro.conf.arg(name="set")] = (),
    bundle: Path | None = None,
    device: str = "cpu",
    preset: str | None = None,
    seed: int | None = None,
    face: int | None = None,
    strength: float = 1.0,
    flatter: float = 0.0,
    remove_glasses: bool = False,
    remove_beard: bool = False,
    keep_expression: bool = False,
    candidates: int = 1,
) -> None:
    """Solve a character again around what was edited: OUT/character.json, character.png and report.html.

    Args:
        character: a character.json.
        photo: the photo; several times for several photos of the person.
        out: the folder for the files.
        lock: a parameter or a group that stays as it is; may be given several times.
        edits: NAME=VALUE, normalised or an option's name; stays so too; may be given several times.
        bundle: the bundle's folder; the shipped one by default.
        device: where to solve: cpu, cuda, cuda:1 or another device of torch.
        preset: the recipe; by default the character's.
        seed: by default the character's.
        face: which of several faces, as `f2p check` numbers them, from 0.
        strength: that the character was made with, as for `f2p create`.
        flatter: that the character was made with.
        remove_glasses: take glasses off.
        remove_beard: shave the beard.
        keep_expression: let the character wear the photo's expression.
        candidates: characters to choose from, as for `f2p create`.
    """
    from f2p.bundle import load_bundle
    from f2p.cli.console import read_photo_bytes
    from f2p.cli.results import describe, progress_bar, read_character, write_character
    from f2p.creator import CharacterCreator
    from f2p.errors import ParameterError
    from f2p.files import check_writable, shown
    from f2p.fitting.presets import refit_preset
    from f2p.fitting.styling import Styling

    wishes = Styling(
        strength=strength,
        flatter=flatter,
        remove_glasses=remove_glasses,
        remove_beard=remove_beard,
        keep_expression=keep_expression,
    )
    if not photo:
        raise ParameterError("No photo was given.", "Name it with --photo.")
    loaded = load_bundle(bundle, device=device)
    before = read_character(character, loaded.schema)
    changes = _edits(edits, loaded.schema)
    recipe, number = preset or before.preset, before.seed if seed is None else seed
    check_writable(out)
    with CharacterCreator(loaded, preset=recipe, seed=number) as creator:
        photo_set = creator.measure(read_photo_bytes(photo[0]) if len(photo) == 1 else photo, face)
        with progress_bar(character.name, refit_preset(creator.preset).steps) as report:
            after = creator.refit(
                before, photo_set, lock, changes, progress=report, styling=wishes, candidates=candidates
            )
    write_character(after, out, photo_set.aligned.photo, f"{shown(character.name)}, refitted")
    print(shown(out))
    for line in describe(after, photo):
        print(f"  {line}")
    for warning in after.warnings:
        print(f"warning: {shown(photo[0])}: {warning}", file=sys.stderr)


def _edits(texts: Sequence[str], schema: "Schema") -> dict[str, float | str]:
    """The values of texts NAME=VALUE. Raises ParameterError."""
    from f2p.errors import ParameterError
    from f2p.schema import Discrete

    changes: dict[str, float | str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise ParameterError(f"--set {text} is not NAME=VALUE.", "Write for example --set hair_style=bob.")
        if isinstance(schema.parameter(name), Discrete):
            changes[name] = value
            continue
        try:
            changes[name] = float(value)
        except ValueError:
            raise ParameterError(f"'{name}' is a slider; '{value}' is not a number.", "Give 0 to 1.") from None
    return changes
