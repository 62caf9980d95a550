"""A server to be measured, and its own metrics."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

__all__ = ["ServerMetrics", "serve"]


@contextmanager
def serve(arguments: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """`f2p serve ARGUMENTS` in a process of its own: its port, and the addresses of its HTTP and its metrics.

    Raises SystemExit with the server's own words when it does not start.
    """
    ports = ("--port", "0", "--web-port", "-1", "--http-port", "-1")
    command = [sys.executable, "-m", "f2p.cli", "serve", *ports, *arguments]
    environment = {**os.environ, "OMP_WAIT_POLICY": os.environ.get("OMP_WAIT_POLICY", "PASSIVE")}
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment)
    assert process.stdout is not None
    assert process.stderr is not None
    line = process.stdout.readline()
    if "f2p serves" not in line:
        sys.exit(f"the server said {line!r}: {process.stderr.read()}")
    url = process.stdout.readline().split()[-1]
    http = ""
    while "metrics and probes" not in http:
        http = process.stderr.readline()
    threading.Thread(target=process.stderr.read, daemon=True).start()
    try:
        yield int(line.rsplit(":", 1)[1]), url, f"http://{http.split()[-1]}/metrics"
    finally:
        process.terminate()
        process.wait(60)


class ServerMetrics:
    """One reading of a server's metrics: memory of all its processes in MiB, worker restarts, calls by status code."""

    def __init__(self, metrics_url: str) -> None:
        text = urllib.request.urlopen(metrics_url, timeout=10).read().decode()
        lines = re.findall(r"^(\w+)(\{.*\})? (\S+)$", text, re.M)

        def total(name: str) -> float:
            return sum(float(value) for found, _, value in lines if found == name)

        self.memory_mib = (total("f2p_worker_memory_bytes") + total("process_resident_memory_bytes")) / 2**20
        self.restarts = round(total("f2p_worker_restarts"))
        self.codes: Counter[str] = Counter()
        for found, labels, value in lines:
            if found == "f2p_calls_total":
                self.codes[re.findall(r'code="(\w+)"', labels)[0]] += round(float(value))
