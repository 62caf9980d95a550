"""Thousands of hostile photos and requests against a real server; only documented codes, each in 2 s and 500 MB.

    python tests/fuzz/campaign.py --examples 20000 --out out/fuzz.jsonl     # stop it, and call it again to go on
    python tests/fuzz/campaign.py --only 17                                 # one chunk again

Examples come in chunks of `--chunk`, half photos for CheckPhoto, half requests of any call; the number of a chunk is
the seed of its examples, so that each can be had again. A chunk that is done is a line of the file and is not run
again. On a machine that does other work the time to an answer says little: too long is what took both as much time
and as much work of a processor. guided.py beside it looks for more by what the code does.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import grpc  # noqa: E402
from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from engine_bridge.makehuman.engine import reference_schema  # noqa: E402
from f2p import errors  # noqa: E402
from f2p.serving.contract import SERVICE_NAME  # noqa: E402
from f2p.v1 import character_service_pb2 as calls  # noqa: E402
from tests.helpers.hostile import changed_requests, mutated  # noqa: E402
from tests.helpers.processes import children, serving  # noqa: E402
from tests.helpers.tiny_bundle import save_tiny_bundle  # noqa: E402

LONGEST_S = 2.0
MOST_MIB = 500e6 / 2**20
FAULTS = {"INTERNAL", "UNKNOWN", "UNAVAILABLE", "DATA_LOSS"}
DOCUMENTED = {(kind.code, kind.reason) for kind in (getattr(errors, name) for name in errors.__all__)}


class Campaign:
    """One server and what it answered."""

    def __init__(self, port: int, process: Any) -> None:
        self._channel = grpc.insecure_channel(f"localhost:{port}")
        self._server = process.pid
        self.codes: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.slowest_s = self.busiest_s = self.largest_mib = 0.0

    def send(self, method: str, data: bytes) -> None:
        """One request; what it comes to is noted."""
        workers = [self._server, *children(self._server)]
        before = {pid: (_seconds(pid), _resident_mib(pid)) for pid in workers}
        for pid in workers:
            _forget_peak(pid)
        path, began = f"/{SERVICE_NAME}/{method}", time.monotonic()
        try:
            if method.startswith("Stream"):
                list(self._channel.unary_stream(path)(data, timeout=60))
            else:
                self._channel.unary_unary(path)(data, timeout=60)
            code, reason = "OK", ""
        except grpc.RpcError as error:
            failed: Any = error
            code, reason = failed.code().name, str(dict(failed.trailing_metadata() or ()).get("f2p-reason", ""))
            if code in FAULTS or (code, reason) not in DOCUMENTED:
                self.wrong.append(f"{method}: {code} {reason} {failed.details()}")
        taken = time.monotonic() - began
        busy = max((_seconds(pid) - before[pid][0] for pid in workers), default=0.0)
        grown = max((_peak_mib(pid) - before[pid][1] for pid in workers), default=0.0)
        self.codes[f"{code} {reason}".strip()] += 1
        self.slowest_s, self.busiest_s = max(self.slowest_s, taken), max(self.busiest_s, busy)
        self.largest_mib = max(self.largest_mib, grown)
        if min(taken, busy) > LONGEST_S:
            self.wrong.append(f"{method}: {taken:.1f} s, of these {busy:.1f} s of work")
        if grown > MOST_MIB:
            self.wrong.append(f"{method}: {grown:.0f} MiB")

    def run(self, number: int, examples: int) -> dict[str, Any]:
        """Chunk `number`."""
        began = time.monotonic()
        quiet = settings(
            max_examples=examples // 2,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )

        @quiet
        @seed(2 * number)
        @given(photo=mutated(with_faces=True) | st.binary(max_size=300))
        def photos(photo: bytes) -> None:
            self.send("CheckPhoto", calls.CheckPhotoRequest(photo=photo).SerializeToString())

        @quiet
        @seed(2 * number + 1)
        @given(request=changed_requests())
        def requests(request: tuple[str, bytes]) -> None:
            self.send(*request)

        photos()
        requests()
        return {
            "chunk": number,
            "examples": sum(self.codes.values()),
            "codes": dict(self.codes),
            "slowest_s": round(self.slowest_s, 3),
            "busiest_s": round(self.busiest_s, 3),
            "largest_mib": round(self.largest_mib, 1),
            "minutes": round((time.monotonic() - began) / 60, 2),
            "wrong": self.wrong,
        }


def _seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (float(fields[11]) + float(fields[12])) / os.sysconf("SC_CLK_TCK")


def _status_mib(pid: int, key: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) / 1024 for line in lines if line.startswith(f"{key}:")), 0.0)


def _resident_mib(pid: int) -> float:
    return _status_mib(pid, "VmRSS")


def _peak_mib(pid: int) -> float:
    return _status_mib(pid, "VmHWM")


def _forget_peak(pid: int) -> None:
    try:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    except OSError:
        return


def _done(out: Path) -> dict[int, dict[str, Any]]:
    lines = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
    return {chunk["chunk"]: chunk for chunk in map(json.loads, lines)}


def _summary(chunks: list[dict[str, Any]]) -> str:
    codes: Counter[str] = Counter()
    for chunk in chunks:
        codes.update(chunk["codes"])
    lines = [f"{sum(codes.values())} examples in {len(chunks)} chunks"]
    lines += [f"  {count:6d}  {code}" for code, count in codes.most_common()]
    for key in ("slowest_s", "busiest_s", "largest_mib"):
        lines.append(f"{key}: {max((chunk[key] for chunk in chunks), default=0)}")
    lines += [f"WRONG in chunk {chunk['chunk']}: {text}" for chunk in chunks for text in chunk["wrong"]]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=20_000)
    parser.add_argument("--chunk", type=int, default=250)
    parser.add_argument("--only", type=int, help="this chunk, whether it is done or not; nothing is written")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no chunk after so long")
    parser.add_argument("--out", type=Path, default=Path("out/fuzz.jsonl"))
    options = parser.parse_args()

    # Told to end, it ends its server too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    done = _done(options.out) if options.only is None else {}
    wanted = [options.only] if options.only is not None else range(-(-options.examples // options.chunk))
    until = time.monotonic() + 60 * options.minutes
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        bundle = save_tiny_bundle(Path(folder) / "tiny", reference_schema(), "makehuman")
        with serving(bundle, "--workers", "1", "--log-format", "json", log=Path(os.devnull)) as (port, process):
            for number in wanted:
                if number in done or time.monotonic() > until:
                    continue
                chunk = Campaign(port, process).run(number, options.chunk)
                done[number] = chunk
                if options.only is None:
                    with options.out.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(chunk) + "\n")
                print(f"chunk {number}: {chunk['minutes']} min, {len(chunk['wrong'])} wrong", flush=True)
    print(_summary(list(done.values())))
    if any(chunk["wrong"] for chunk in done.values()):
        sys.exit(1)


if __name__ == "__main__":
    main()
