"""`f2p check`: whether a photo can be used, before anyone waits for a solve."""

from pathlib import Path
from typing import Annotated

import tyro


def check(photo: Annotated[Path, tyro.conf.Positional], *, face: int | None = None, bundle: Path | None = None) -> int:
    """Say whether a photo can be used, what lowers its likeness, and where its faces are.

    Args:
        photo: the photo file.
        face: which of several faces, from 0.
        bundle: the bundle's folder; the shipped one by default.
    """
    from f2p.bundle import load_bundle
    from f2p.cli.console import read_file
    from f2p.command_line import print_error
    from f2p.face.photo_check import inspect_photo

    data = read_file(photo)
    loaded = load_bundle(bundle)
    found = inspect_photo(data, loaded.frame_landmarks5, loaded.size, face)
    for number, box in enumerate(found.faces):
        across, down = box.left + box.width / 2, box.top + box.height / 2
        place = f"{100 * across:.0f} % from the left, {100 * down:.0f} % from the top"
        print(f"face {number}: {place}, {100 * box.width:.0f} % of the width, score {box.score:.2f}")
    if found.error is not None:
        print_error(found.error, str(photo))
        return 1
    if found.quality is not None:
        quality = found.quality
        print(f"face width {quality.face_px:.0f} px, brightness {quality.brightness:.2f}")
        print(f"blur {quality.blur:.2f} (0 is sharp)")
        print(f"leans {quality.roll_deg:+.1f} degrees, turned aside about {quality.yaw_hint:+.0f} degrees")
    for hint in found.hints:
        print(f"warning: {hint.reason}: {hint.message} {hint.remedy}")
    print(f"{photo} can be used")
    return 0
