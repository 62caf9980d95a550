"""An engine that knows nothing of ours: it speaks the pipe's language with the standard library alone, and writes PNGs.

`python foreign_program.py [labels|no-labels|antialiased|garbage|wrong-size|dies]`: a grey face on black whose
brightness is the slider "tone", in engine units 0 to 200.
"""

import json
import os
import struct
import sys
import zlib

SCHEMA = """
schema: 1
name: foreign
version: "1"
continuous:
  - {name: tone, label: Tone, group: skin, role: appearance, average: 0.5, range: [0, 200], unit: level, spread: 0.2,
  frontal: true}
discrete: []
"""


def png(side, pixel):
    """The PNG file of a square picture; pixel(x, y) gives red, green and blue."""

    def chunk(kind, data):
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    rows = b"".join(b"\0" + bytes(level for x in range(side) for level in pixel(x, y)) for y in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def disc(side, inner, outer):
    """A disc before a ground."""
    return png(side, lambda x, y: inner if (2 * x - side) ** 2 + (2 * y - side) ** 2 < side**2 / 2 else outer)


def main(manner):
    out = sys.stdout.buffer

    def say(head, *bodies):
        out.write(json.dumps(head).encode() + b"\n" + b"".join(bodies))
        out.flush()

    say({"ready": "foreign", "schema": SCHEMA, "labels": manner != "no-labels"})
    for line in sys.stdin:
        job = json.loads(line)
        if manner == "garbage":
            print("Loading shaders ...", flush=True)
        if manner == "dies":
            os._exit(3)
        side = job["size"] // 2 if manner == "wrong-size" else job["size"]
        tone = round(job["engine_values"]["tone"])
        if tone > 190:
            say({"error": "the tone is too bright for my lamp"})
            continue

        edge = (148, 127, 122) if manner == "antialiased" else (232, 190, 172)
        image, labels = disc(side, (tone,) * 3, (0, 0, 0)), disc(side, edge, (64, 64, 72))
        pictures = [image, labels] if job["labels"] else [image]
        say({"png": [len(picture) for picture in pictures]}, *pictures)


if __name__ == "__main__":
    main((sys.argv[1:] or ["labels"])[0])
