"""Record tests/golden/default_solve.json anew, after a change of the bundle, or of the search, that is meant.

    python scripts/record_solve.py

A solve of the sample photo by the default preset: the losses of each step, and the values.
`tests/integration/test_same_bits.py` compares with it.
"""

import io
import json
from pathlib import Path

from PIL import Image
from skimage import data

from f2p import CharacterCreator, load_bundle

GOLDEN = Path(__file__).resolve().parents[1] / "tests" / "golden" / "default_solve.json"
DIGITS = 6


def main() -> None:
    photo, steps = io.BytesIO(), list[dict[str, float]]()
    Image.fromarray(data.astronaut()).save(photo, "PNG")
    with CharacterCreator(load_bundle(), render=False) as creator:
        character = creator.create(
            photo.getvalue(), progress=lambda step: steps.append({"total": step.total, **step.losses})
        )
    rounded = [{name: round(value, DIGITS) for name, value in step.items()} for step in steps]
    GOLDEN.write_text(json.dumps({"steps": rounded, "values": dict(character.values)}, indent=0) + "\n", "utf-8")
    print(f"{GOLDEN}: {len(steps)} steps, total {steps[0]['total']:.3f} to {steps[-1]['total']:.3f}")


if __name__ == "__main__":
    main()
