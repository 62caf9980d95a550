"""An engine behind the pipe that exports and draws nothing: `python sculptor_program.py LOG [FORMAT ...]`.

Its files are JSON: what they were asked for. Each export adds a line to LOG. The hair "bald" ends the program, "long"
takes a second, and the longest nose six.
"""

import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from f2p.schema import dump_schema
from tests.helpers.toy_engine import toy_schema


def main(log: str, *formats: str) -> None:
    def say(head: object, body: bytes = b"") -> None:
        sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + body)
        sys.stdout.buffer.flush()

    say({"ready": "sculptor", "schema": dump_schema(toy_schema()), "labels": False, "formats": formats})
    for line in sys.stdin:
        job = json.loads(line)
        if job["op"] != "export":
            say({"error": "I only export"})
            continue
        with Path(log).open("a") as file:
            file.write(f"{job['format']} {job['size']}\n")
        if job["values"]["hair"] == "bald":
            os._exit(3)
        if job["values"]["hair"] == "long":
            time.sleep(1)
        if job["values"]["nose_length"] == 1:
            time.sleep(6)
        body = json.dumps({key: job[key] for key in ("values", "format", "size")}).encode()
        say({"bytes": len(body)}, body)


if __name__ == "__main__":
    main(*sys.argv[1:])
