"""The service beside the library: is it as right, how much slower is one call, how much more does it do?

    python benchmarks/service.py                                             # all of it, some minutes
    python benchmarks/service.py --only overhead --repeats 40                # one call, service against library
    python benchmarks/service.py --only check --repeats 100                  # CheckPhoto of 12 megapixels
    python benchmarks/service.py --only throughput --clients 8               # several at once against one after another
    python benchmarks/service.py --only load --clients 64 --seconds 300 --out out/load.json

overhead     median of (a call of the service - the same photo by the library), seconds, on idle cores
check        CheckPhoto on a photo of 12 megapixels, and a preview, seconds
throughput   characters a second by N clients at once, beside the same photos one after another by the library
load         N clients for a while with good, bad and hostile photos, a fifth of them leaving midway: latencies, what
             was answered, growth of memory after a warm-up, and whether every character equals the one computed alone

It fails where an answer is wrong, lost, or an error that the visit does not explain, and where memory grew by 50 MB.
"""

import argparse
import io
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
# As the workers have it: the last digits of a character depend on the number of threads.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from PIL import Image  # noqa: E402

from f2p.bundle import load_bundle  # noqa: E402
from f2p.client import CharacterClient, Connection, values  # noqa: E402
from f2p.creator import CharacterCreator  # noqa: E402
from f2p.errors import Cancelled, F2PError, PhotoError, QueueFull  # noqa: E402
from tests.helpers.bad_photos import BAD_PHOTOS, bad_photo, good_photo  # noqa: E402
from tests.helpers.hostile import corpus  # noqa: E402

_PARTS = ("overhead", "check", "throughput", "load")
_LEAVING = 0.2
_GOOD = 0.6
_GROWTH_MIB = 50e6 / 2**20


class _Left(Exception):
    """The client went away in the middle."""


@contextmanager
def _server(arguments: Sequence[str]) -> Any:
    command = [sys.executable, "-m", "f2p.cli", "serve", "--port", "0", "--http-port", "-1", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stderr is not None
    line = process.stdout.readline()
    if "f2p serves" not in line:
        sys.exit(f"the server said {line!r}: {process.stderr.read()}")
    http = ""
    while "metrics and probes" not in http:
        http = process.stderr.readline()
    threading.Thread(target=process.stderr.read, daemon=True).start()
    try:
        yield int(line.rsplit(":", 1)[1]), f"http://{http.split()[-1]}/metrics"
    finally:
        process.terminate()
        process.wait(60)


def _timed(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _share(sorted_values: Sequence[float], share: float) -> float:
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]


def _spread(found: Sequence[float]) -> dict[str, float]:
    ordered = sorted(found)
    if not ordered:
        return {}
    return {f"p{round(100 * share)}": round(_share(ordered, share), 3) for share in (0.5, 0.95, 0.99)}


def _photos(folder: Path | None) -> list[bytes]:
    if folder is not None:
        return [path.read_bytes() for path in sorted(folder.glob("*.jpg"))]
    # One portrait, in versions that the search treats differently.
    portrait = Image.open(io.BytesIO(good_photo()))
    found = []
    for turn in (0, 3, -3, 6):
        buffer = io.BytesIO()
        portrait.rotate(turn, Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=92)
        found.append(buffer.getvalue())
    return found


def _twelve_megapixels() -> bytes:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(good_photo())).resize((4000, 3000), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _memory(metrics_url: str) -> float:
    """MiB, of the server and its workers."""
    text = urllib.request.urlopen(metrics_url, timeout=10).read().decode()
    lines = [line for line in text.splitlines() if line.startswith(("f2p_worker_memory", "process_resident_memory"))]
    return sum(float(line.split()[-1]) for line in lines) / 2**20


class _Load:
    """Clients that behave like players on the first day."""

    def __init__(self, target: str, photos: Sequence[bytes], expected: Sequence[dict[str, float | str]]) -> None:
        self._target = target
        self._photos = photos
        self._expected = expected
        self._lock = threading.Lock()
        self.outcomes: Counter[str] = Counter()
        self.seconds: dict[str, list[float]] = {"create": [], "check": [], "refused": []}
        self.different = 0
        self.visits = 0

    @property
    def wrong(self) -> list[str]:
        """What must not have happened."""
        found = [f"{count} times {name}" for name, count in self.outcomes.items() if name.startswith("FAILED")]
        lost = self.visits - sum(self.outcomes.values())
        found += [f"{lost} visits without an end"] if lost else []
        found += [f"{self.different} characters differ from those computed alone"] if self.different else []
        return found

    def run(self, clients: int, seconds: float) -> None:
        """All clients, until the time is over and the last visit has ended."""
        until = time.monotonic() + seconds
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(lambda seed: self._play(seed, until), range(clients)))

    def _play(self, seed: int, until: float) -> None:
        chance = random.Random(seed)
        with CharacterClient(Connection(target=self._target, timeout=300, retries=0)) as client:
            while time.monotonic() < until:
                self._visit(client, chance)

    def _visit(self, client: CharacterClient, chance: random.Random) -> None:
        with self._lock:
            self.visits += 1
        number = chance.randrange(len(self._photos))
        bad = "" if chance.random() < _GOOD else chance.choice([*BAD_PHOTOS, "noise", "hostile", "hostile"])
        photo = self._photos[number]
        if bad:
            photo = bad_photo(bad) if bad in BAD_PHOTOS else self._hostile(bad, chance)
        leaves_at = chance.randrange(0, 40) if chance.random() < _LEAVING else -1

        def progress(step: Any) -> None:
            if 0 <= leaves_at <= step.iteration:
                raise _Left

        began = time.perf_counter()
        try:
            usable = client.check(photo).usable
            self._note("check", "", time.perf_counter() - began)
            began = time.perf_counter()
            character = client.create(photo, progress=progress)
        except _Left:
            return self._note("", "left", 0)
        except PhotoError as error:
            return self._note("refused", error.reason, time.perf_counter() - began)
        except (QueueFull, Cancelled) as error:
            self._note("", error.reason, 0)
            return time.sleep(chance.uniform(0.2, 1.0))
        except F2PError as error:
            return self._note("", f"FAILED {error.reason}", 0)
        self._note("create", "character" if usable else "FAILED check", time.perf_counter() - began)
        if bad or values(character) != self._expected[number]:
            with self._lock:
                self.different += 1
        return None

    @staticmethod
    def _hostile(kind: str, chance: random.Random) -> bytes:
        if kind == "noise":
            return chance.randbytes(chance.randrange(1, 20_000))
        data = bytearray(chance.choice(corpus()) or b"x")
        for _ in range(8):
            data[chance.randrange(min(len(data), 400))] = chance.randrange(256)
        return bytes(data)

    def _note(self, kind: str, outcome: str, seconds: float) -> None:
        with self._lock:
            if kind:
                self.seconds[kind].append(seconds)
            if outcome:
                self.outcomes[outcome] += 1


class _Bench:
    """The parts, each with its figures."""

    def __init__(self, options: argparse.Namespace, port: int, metrics_url: str) -> None:
        self._options = options
        self._target = f"localhost:{port}"
        self._metrics_url = metrics_url
        self._photos = _photos(options.photos)
        self._creator = CharacterCreator(load_bundle(options.bundle), render=False, confidence=False)
        self._creator.create(self._photos[0])
        self.wrong: list[str] = []
        with self._client() as client:
            client.create(self._photos[0])

    def _client(self) -> CharacterClient:
        return CharacterClient(Connection(target=self._target, timeout=900))

    def overhead(self) -> dict[str, Any]:
        repeats = self._options.repeats
        with self._client() as client:
            # In turn, so that whatever else the machine does touches both alike.
            pairs = [
                (_timed(lambda p=photo: client.create(p)), _timed(lambda p=photo: self._creator.create(p)))  # type: ignore[misc]
                for photo in (self._photos * repeats)[:repeats]
            ]
        return {
            "service_minus_library_s": _spread([service - library for service, library in pairs]),
            "library_s": _spread([library for _, library in pairs]),
        }

    def check(self) -> dict[str, Any]:
        large = _twelve_megapixels()
        average: dict[str, float | str] = {}
        with self._client() as client:
            client.check(large)
            return {
                "check_12_megapixels_s": _spread(
                    [_timed(lambda: client.check(large)) for _ in range(self._options.repeats)]
                ),
                "preview_s": _spread([_timed(lambda: client.preview(average)) for _ in range(self._options.repeats)]),
            }

    def throughput(self) -> dict[str, Any]:
        count = 2 * self._options.clients
        batch = [self._photos[number % len(self._photos)] for number in range(count)]
        alone = _timed(lambda: [self._creator.create(photo) for photo in batch])
        with self._client() as client, ThreadPoolExecutor(self._options.clients) as pool:
            together = _timed(lambda: list(pool.map(client.create, batch)))
        return {
            "library_per_s": round(count / alone, 3),
            "service_per_s": round(count / together, 3),
            "ratio": round(alone / together, 2),
        }

    def load(self) -> dict[str, Any]:
        clients, seconds = self._options.clients, self._options.seconds
        expected = [dict(self._creator.create(photo).values) for photo in self._photos]
        alone = statistics.median(_timed(lambda p=photo: self._creator.create(p)) for photo in self._photos)  # type: ignore[misc]
        warm_up = _Load(self._target, self._photos, expected)
        warm_up.run(clients, min(60.0, seconds / 5))
        time.sleep(1)
        before = _memory(self._metrics_url)
        load, began = _Load(self._target, self._photos, expected), time.monotonic()
        load.run(clients, seconds)
        lasted = time.monotonic() - began
        time.sleep(1)
        growth = _memory(self._metrics_url) - before
        self.wrong += [*warm_up.wrong, *load.wrong]
        self.wrong += [f"memory grew by {growth:.0f} MiB"] if growth > _GROWTH_MIB else []
        return {
            "seconds": round(lasted, 1),
            "visits": load.visits,
            "outcomes": dict(load.outcomes.most_common()),
            "different_from_alone": load.different,
            "characters_per_s": round(load.outcomes["character"] / lasted, 3),
            "library_one_after_another_per_s": round(1 / alone, 3),
            **{f"{kind}_s": _spread(found) for kind, found in load.seconds.items()},
            "memory_mib": [round(before), round(before + growth)],
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=_PARTS, action="append", help="these parts; all by default")
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--photos", type=Path, help="a folder of JPEGs; by default versions of the sample photo")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()

    import torch

    torch.set_num_threads(1)
    flags = ["--workers", str(options.workers), "--queue-capacity", str(2 * options.clients)]
    flags += ["--bundle", str(options.bundle)] if options.bundle else []
    result: dict[str, Any] = {"cores": os.cpu_count(), "clients": options.clients}
    with _server(flags) as (port, metrics_url):
        bench = _Bench(options, port, metrics_url)
        for part in options.only or _PARTS:
            result[part] = getattr(bench, part)()
            print(json.dumps({part: result[part]}), file=sys.stderr, flush=True)
    text = json.dumps(result, indent=2)
    print(text)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text + "\n", encoding="utf-8")
    if bench.wrong:
        sys.exit(f"wrong: {'; '.join(bench.wrong)}")


if __name__ == "__main__":
    main()
