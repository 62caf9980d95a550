"""Service against library: equal answers, overhead of one call, throughput, and behaviour under load.

    python -m benchmarks.service                                             # all of it, some minutes
    python -m benchmarks.service --only overhead --repeats 40                # one call, service against library
    python -m benchmarks.service --only check --repeats 100                  # CheckPhoto of 12 megapixels
    python -m benchmarks.service --only throughput --clients 8               # several at once against one after another
    python -m benchmarks.service --only batch                                # several in one tensor, against one by one
    python -m benchmarks.service --only load --clients 64 --seconds 300 --slow 50 --out out/load.json

overhead     a call of the service less the same photo by the library, seconds, on idle cores; and the same without what
             either took from photo to values, which is what other work on the machine changes most
check        CheckPhoto on a photo of 12 megapixels, and a preview, seconds
throughput   characters a second by N clients at once and one after another, of the service; of the library on one core
             and on two
batch        two steps of a search, one with the recogniser and one without, for several characters in one tensor:
             seconds of one core for each
load         N clients for a while, half of them over HTTP, with good, bad and hostile photos, a fifth of them leaving
             midway: latencies, what was answered, and growth of memory after a warm-up

It fails where an answer of the load is not the one computed alone, is lost, or is an error that the visit does not
explain, where the server counted a fault of its own, and where memory grew by 50 MB.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, Literal

import torch

from benchmarks.command_line import run_command
from benchmarks.service.parts import PARTS, Bench, Options
from benchmarks.service.server import serve


def main(
    only: tuple[Literal["overhead", "check", "throughput", "batch", "load"], ...] = (),
    bundle: Path | None = None,
    photos: Path | None = None,
    clients: int = 8,
    seconds: float = 30.0,
    repeats: int = 20,
    slow: int = 0,
    workers: int = 0,
    out: Path | None = None,
) -> int:
    """Measure the service.

    Args:
        only: these parts; all by default.
        bundle: the bundle's folder; the shipped one by default.
        photos: a folder of JPEGs; by default versions of the sample photo.
        clients: that call at once.
        seconds: of load.
        repeats: of each timed call.
        slow: clients besides, under load, that send a byte of a photo a second over HTTP.
        workers: of the server; 0 for its own choice.
        out: where the figures go, as JSON.
    """
    torch.set_num_threads(1)  # as in a worker: the last digits of a character depend on the number of threads
    options = Options(bundle=bundle, photos=photos, clients=clients, seconds=seconds, repeats=repeats, slow=slow)
    flags = ["--workers", str(workers), "--queue-capacity", str(2 * clients)]
    flags += ["--bundle", str(bundle)] if bundle else []
    result: dict[str, Any] = {"cores": os.cpu_count(), "clients": clients}
    with serve(flags) as (port, url, metrics_url):
        bench = Bench(options, port, url, metrics_url)
        for part in only or PARTS:
            result[part] = getattr(bench, part)()
            print(json.dumps({part: result[part]}), file=sys.stderr, flush=True)
    text = json.dumps(result, indent=2)
    print(text)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text + "\n", encoding="utf-8")
    if bench.wrong:
        print(f"wrong: {'; '.join(bench.wrong)}", file=sys.stderr)
    return 1 if bench.wrong else 0


if __name__ == "__main__":
    run_command(main)
