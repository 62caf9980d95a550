"""`f2p golden record` and `f2p golden check`: a release held against what the last one made of the same photos."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

if TYPE_CHECKING:
    from f2p.bundle import Bundle
    from f2p.character.character import Character
    from f2p.comparison.golden import GoldenSet


def record(
    photos: Annotated[tuple[Path, ...], tyro.conf.Positional],
    *,
    out: Path,
    bundle: Path | None = None,
    preset: str = "default",
    seed: int = 0,
) -> None:
    """Make characters of photos and keep them as a golden set: OUT/golden.json and OUT/characters. Photos stay outside.

    Args:
        photos: photo files, or folders of them.
        out: the set's folder.
        bundle: the bundle's folder; the shipped one by default.
        preset: the recipe of the search.
        seed: same photo, preset and seed, same character.
    """
    from f2p.bundle import load_bundle
    from f2p.cli.results import writing
    from f2p.comparison.golden import GoldenSet, write_golden
    from f2p.files import check_writable, shown

    loaded = load_bundle(bundle)
    check_writable(out)
    made, characters = _made(photos, loaded, preset, seed)
    golden = GoldenSet(made.origin, made.photos, {name: character.saved() for name, character in characters.items()})
    with writing(out):
        write_golden(golden, out)
    print(f"{len(characters)} of {len(golden.photos)} photos became characters, {golden.seconds:.2f} s each")
    print(shown(out))


def check(
    golden: Annotated[Path, tyro.conf.Positional],
    photos: Annotated[tuple[Path, ...], tyro.conf.Positional],
    *,
    out: Path,
    bundle: Path | None = None,
    gate: Path | None = None,
    attributes: Path | None = None,
    preset: str | None = None,
    seed: int | None = None,
) -> None:
    """Make the characters of a golden set anew and hold them against it: OUT/compare.html, compare.json, compare.xml.

    Exits with 1 and one line where a limit of the gate is broken.

    Args:
        golden: the set's folder.
        photos: the photos that it was recorded of: files, or folders of them.
        out: the folder for the comparison.
        bundle: the bundle's folder; the shipped one by default.
        gate: a YAML file of limits, see docs/qa.md; drift that can be seen is refused by default.
        attributes: a CSV file with a column "name" and columns by which people are grouped.
        preset: the recipe; by default the record's.
        seed: by default the record's.
    """
    from f2p.bundle import load_bundle
    from f2p.character.character import Character
    from f2p.cli.compare import Run, read_splits, write_comparison
    from f2p.comparison.gate import Facts, broken_limits
    from f2p.comparison.golden import likeness, read_golden
    from f2p.comparison.origin import differing
    from f2p.errors import GateFailed
    from f2p.files import check_writable, shown

    recorded, limits, loaded = read_golden(golden), _gate(gate), load_bundle(bundle)
    check_writable(out)
    recipe = preset or recorded.origin["preset"], recorded.origin["seed"] if seed is None else seed
    made, characters = _made(photos, loaded, *recipe, hashes={n: p.sha256 for n, p in recorded.photos.items()})
    changed = differing(recorded.origin, made.origin)
    for line in changed or ["nothing: photos, schema, weights, code, libraries and processor are the record's"]:
        print(f"changed: {line}")
    before = {name: Character.from_saved(saved, loaded.schema) for name, saved in recorded.characters.items()}
    splits = read_splits(attributes) if attributes is not None else {}
    found = write_comparison(Run("recorded", before), Run("now", characters), loaded, out, splits)
    failing = [name for name, photo in made.photos.items() if photo.error and not recorded.photos[name].error]
    common = [name for name in before if name in characters]
    same_processor = recorded.origin["processor"] == made.origin["processor"]
    facts = Facts(
        likeness=likeness({name: characters[name] for name in common}),
        recorded_likeness=likeness({name: before[name] for name in common}),
        failures=tuple(failing),
        seconds_ratio=made.seconds / recorded.seconds if same_processor and recorded.seconds else None,
        same_origin=not changed,
    )
    broken = broken_limits(limits, found, facts)
    if broken:
        raise GateFailed(f"{'; '.join(broken)}.", f"See {shown(out / 'compare.html')}.")
    print(f"the gate holds: {shown(out / 'compare.html')}")


def _gate(path: Path | None) -> Mapping[str, Mapping[str, Any]]:
    from f2p.comparison.gate import DEFAULT_GATE, parse_gate
    from f2p.errors import ParameterError
    from f2p.files import read_bounded, shown
    from f2p.limits import MAX_CHARACTER_BYTES

    if path is None:
        return parse_gate(DEFAULT_GATE)
    try:
        return parse_gate(read_bounded(path, MAX_CHARACTER_BYTES).decode())
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ParameterError(f"The gate {shown(path)} cannot be read: {reason}.", "Give a YAML file.") from None
    except ParameterError as error:
        raise ParameterError(f"{shown(path)}: {error.message}", error.remedy) from None


def _made(
    photos: Sequence[Path], bundle: "Bundle", preset: str, seed: int, hashes: Mapping[str, str] | None = None
) -> "tuple[GoldenSet, dict[str, Character]]":
    """The set of photos, without its characters, and the characters, by name.

    Args:
        hashes: of the recorded photos, by name: those and no others are wanted.

    Raises:
        PhotoMissing, PhotoUnreadable: a recorded photo is not among them, or has other bytes.
    """
    from f2p import __version__
    from f2p.cli.console import read_photo_bytes
    from f2p.cli.inputs import find_photos, result_folders
    from f2p.cli.results import progress_bar
    from f2p.command_line import print_error
    from f2p.comparison.golden import GoldenPhoto, GoldenSet
    from f2p.comparison.origin import origin
    from f2p.creator import CharacterCreator
    from f2p.errors import PhotoError, PhotoMissing, PhotoUnreadable
    from f2p.files import shown

    found = find_photos(photos)
    for photo in found:
        if photo.error is not None:
            raise photo.error
    paths = {shown(name): photo.path for name, photo in zip(result_folders(found, Path()), found, strict=True)}
    for name in hashes or ():
        if name not in paths:
            raise PhotoMissing(f"The photo of '{name}' is not among those given.", "Give all photos of the record.")
    entries: dict[str, GoldenPhoto] = {}
    characters: dict[str, Character] = {}
    with CharacterCreator(bundle, preset=preset, seed=seed, render=False) as creator:
        for name, path in paths.items():
            if hashes is not None and name not in hashes:
                continue
            data = read_photo_bytes(path)
            digest = hashlib.sha256(data).hexdigest()
            if hashes is not None and hashes[name] != digest:
                raise PhotoUnreadable(f"{shown(path)} is not the photo that was recorded.", "Give the record's photos.")
            try:
                with progress_bar(path.name, creator.preset.steps) as report:
                    character = creator.create(data, progress=report)
            except PhotoError as error:
                print_error(error, shown(path))
                entries[name] = GoldenPhoto(sha256=digest, seconds=0.0, error=error.reason)
                continue
            characters[name] = character
            entries[name] = GoldenPhoto(sha256=digest, seconds=round(character.seconds, 3))
    return GoldenSet(origin(bundle, preset, seed, __version__), entries, {}), characters
