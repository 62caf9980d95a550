"""`f2p migrate`: carries saved characters over to another bundle's schema, and back."""

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

if TYPE_CHECKING:
    from f2p.bundle import Bundle
    from f2p.character.migration import Migration, Renames
    from f2p.character.saved import SavedCharacter

REPORT = "migration.json"


def migrate(
    characters: Annotated[tuple[Path, ...], tyro.conf.Positional],
    *,
    out: Path,
    to: Path | None = None,
    renames: Annotated[Path | None, tyro.conf.arg(name="map")] = None,
    before: Annotated[Path | None, tyro.conf.arg(name="from")] = None,
    revert: bool = False,
) -> int:
    """Carry saved characters over to another schema, by name and engine value; OUT/migration.json says what changed.

    Args:
        characters: character files; folders, for all that are in and below them.
        out: the folder for the new files, another one than theirs.
        to: the bundle's folder that they are carried over to; the shipped one by default.
        renames: a YAML file: parameters: {old: new}, options: {old parameter: {old option: new option}}.
        before: the bundle's folder that made them: its imitator and the new one's then say how far the picture moved.
        revert: give back what files were before their last migration; edits since then are lost.
    """
    from f2p.bundle import load_bundle
    from f2p.character.saved import SavedCharacter
    from f2p.cli.characters import find_characters
    from f2p.cli.results import writing
    from f2p.command_line import print_error
    from f2p.errors import F2PError
    from f2p.files import check_writable, shown, write_files

    found = find_characters(characters, out)
    target = load_bundle(to)
    source = load_bundle(before) if before is not None else None
    mapping = _renames(renames, target)
    check_writable(out)
    report: dict[str, Any] = {}
    kinds: Counter[str] = Counter()
    failed = 0
    for item in found:
        try:
            saved = SavedCharacter.read(item.path)
            entry: dict[str, Any] = {"reverted": True}
            if revert:
                after = _reverted(saved)
            else:
                migration = _migrate(saved, target, mapping)
                after, entry = migration.saved(), migration.to_json()
                kinds.update(migration.counts)
                if source is not None:
                    entry["picture"] = _moved(saved, source, migration, target)
            place = out / item.name
            with writing(place.parent):
                write_files({place: after.to_json().encode()})
            report[shown(item.path)] = entry
            print(f"{shown(item.path)}: {_words(entry)}", flush=True)
        except F2PError as error:
            failed += 1
            report[shown(item.path)] = {"error": {"reason": error.reason, "message": str(error)}}
            print_error(error, "" if shown(item.path) in error.message else shown(item.path))
    with writing(out):
        document = {"format": 1, "to": {"name": target.name, "version": target.version}, "characters": report}
        write_files({out / REPORT: (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()})
    if len(found) > 1:
        summary = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "no parameter changed"
        print(f"{len(found) - failed} of {len(found)} characters: {summary}")
    print(shown(out / REPORT))
    return 1 if failed else 0


def _renames(path: Path | None, target: "Bundle") -> "Renames":
    from f2p.character.migration import Renames, parse_renames
    from f2p.errors import ParameterError
    from f2p.files import read_bounded, shown
    from f2p.limits import MAX_CHARACTER_BYTES

    if path is None:
        return Renames()
    try:
        found = parse_renames(read_bounded(path, MAX_CHARACTER_BYTES).decode())
        found.check(target.schema)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ParameterError(f"The map {shown(path)} cannot be read: {reason}.", "Give a YAML file.") from None
    except ParameterError as error:
        raise ParameterError(f"{shown(path)}: {error.message}", error.remedy) from None
    return found


def _migrate(saved: "SavedCharacter", target: "Bundle", renames: "Renames") -> "Migration":
    from f2p.character.migration import migrate as carry_over

    return carry_over(saved, target.schema, target.name, target.version, renames)


def _reverted(saved: "SavedCharacter") -> "SavedCharacter":
    from f2p.character.migration import revert

    return revert(saved)


def _moved(saved: "SavedCharacter", source: "Bundle", migration: "Migration", target: "Bundle") -> dict[str, float]:
    """How far the two imitators' drawings are from each other, in grey levels of 255."""
    import numpy as np
    from PIL import Image

    from f2p.character.character import Character
    from f2p.creator import CharacterCreator

    with CharacterCreator(source, render=False) as old, CharacterCreator(target, render=False) as new:
        first = old.draw(Character.from_saved(saved, source.schema))
        second = new.draw(migration.character)
    if first.shape != second.shape:
        size = (second.shape[1], second.shape[0])
        first = np.asarray(Image.fromarray(first).resize(size, Image.Resampling.BICUBIC))
    difference = np.abs(first.astype(np.float64) - second)
    return {"mean": round(float(difference.mean()), 2), "largest": round(float(difference.max()), 1)}


def _words(entry: dict[str, Any]) -> str:
    if "reverted" in entry:
        return "as it was before its migration"
    changes = ", ".join(f"{change['name']} {change['kind']}" for change in entry["changes"][:5])
    more = len(entry["changes"]) - 5
    moved = f"; picture moved by {entry['picture']['mean']:.2f} of 255" if "picture" in entry else ""
    return (
        f"{entry['carried']} carried{', ' if changes else ''}{changes}{f' and {more} more' if more > 0 else ''}{moved}"
    )
