"""A program behind the folder door, as an editor's script would be.

`python folder_program.py FOLDER [crash-at-third|idle|no-labels-file|error]`: plain pictures whose brightness is
the slider "tone" of `tests.helpers.foreign_program`.
"""

import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from foreign_program import png


def plain(side, colour):
    """A picture of one colour."""
    return png(side, lambda x, y: colour)


def main(folder, manner):
    done, count = folder / "done", 0
    while True:
        for job in sorted((folder / "jobs").glob("*.json")):
            if manner == "idle":
                continue
            content = json.loads(job.read_text())
            job.unlink()
            count += 1
            if manner == "crash-at-third" and count == 3:
                os._exit(4)
            side, tone = content["size"], round(content["engine_values"]["tone"])
            (done / f"{job.stem}.png").write_bytes(plain(side, (tone,) * 3))
            if manner != "no-labels-file":
                (done / f"{job.stem}.labels.png").write_bytes(plain(side, (232, 190, 172)))
            (done / f"{job.stem}.done").write_text("the lamp is broken" if manner == "error" else "")
        time.sleep(0.005)


if __name__ == "__main__":
    main(Path(sys.argv[1]), (sys.argv[2:] or [""])[0])
