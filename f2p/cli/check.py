"""`f2p check`: whether photos can be used, before anyone waits for a solve."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

if TYPE_CHECKING:
    from f2p.bundle import Bundle
    from f2p.cli.inputs import Input
    from f2p.face.photo_check import Inspection


def check(
    photos: Annotated[tuple[Path, ...], tyro.conf.Positional],
    *,
    face: int | None = None,
    bundle: Path | None = None,
    json: bool = False,
) -> int:
    """Say whether photos can be used, what lowers their likeness, and where their faces are.

    Args:
        photos: photo files; folders, for all photos in and below them; - for one on standard input.
        face: which of several faces, from 0.
        bundle: the bundle's folder; the shipped one by default.
        json: print one JSON object a photo and nothing else on stdout.
    """
    from f2p.bundle import load_bundle
    from f2p.cli.inputs import find_photos
    from f2p.command_line import print_error
    from f2p.files import shown

    found = find_photos(photos)
    unusable = 0
    loaded = load_bundle(bundle)
    for photo in found:
        name, inspection = shown(photo.path), _inspect(photo, loaded, face)
        if json:
            _print_json(name, inspection)
        else:
            for line in _lines(inspection):
                print(line if len(found) == 1 else f"{name}: {line}")
            if inspection.error is None:
                print(f"{name} can be used", flush=True)
        if inspection.error is not None:
            unusable += 1
            print_error(inspection.error, name)
    if len(found) > 1 and not json:
        print(f"{len(found) - unusable} of {len(found)} photos can be used")
    return 1 if unusable else 0


def _inspect(photo: "Input", bundle: "Bundle", face: int | None) -> "Inspection":
    """What is found; whatever happens to one photo becomes its error."""
    from f2p.cli.console import read_photo_bytes
    from f2p.command_line import as_f2p_error
    from f2p.errors import F2PError
    from f2p.face.photo_check import Inspection, inspect_photo

    error: Any
    try:
        if photo.error is not None:
            raise photo.error
        return inspect_photo(read_photo_bytes(photo.path), bundle.frame_landmarks5, bundle.size, face)
    except F2PError as refused:
        error = refused
    except Exception as fault:
        error = as_f2p_error(fault, "solve")
    return Inspection(error, (), (), None)


def _lines(found: "Inspection") -> Iterator[str]:
    for number, box in enumerate(found.faces):
        across, down = box.left + box.width / 2, box.top + box.height / 2
        place = f"{100 * across:.0f} % from the left, {100 * down:.0f} % from the top"
        yield f"face {number}: {place}, {100 * box.width:.0f} % of the width, score {box.score:.2f}"
    if found.quality is not None:
        quality = found.quality
        yield f"face width {quality.face_px:.0f} px, brightness {quality.brightness:.2f}"
        yield f"blur {quality.blur:.2f} (0 is sharp)"
        yield f"leans {quality.roll_deg:+.1f} degrees, turned aside about {quality.yaw_hint:+.0f} degrees"
    for hint in found.hints:
        yield f"warning: {hint.reason}: {hint.message} {hint.remedy}"


def _print_json(name: str, found: "Inspection") -> None:
    from f2p.errors.transport import to_dict

    answer: dict[str, Any] = {"photo": name, "ok": found.error is None}
    if found.error is not None:
        answer["error"] = to_dict(found.error)
    answer["faces"] = [asdict(face) for face in found.faces]
    answer["hints"] = [{"reason": h.reason, "message": h.message, "remedy": h.remedy} for h in found.hints]
    if found.quality is not None:
        answer["quality"] = asdict(found.quality)
    print(json.dumps(answer, default=float), flush=True)
