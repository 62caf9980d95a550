"""Write the sample photo: `python examples/sample_photo.py out/demo.png`.

It is NASA's portrait of the astronaut Eileen Collins, in the public domain, which scikit-image carries.
"""

import sys
from pathlib import Path

from PIL import Image
from skimage import data


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/sample_photo.py FILE.png")
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(data.astronaut()).save(target)
    print(target)


if __name__ == "__main__":
    main()
