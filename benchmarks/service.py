"""The service under load, beside the library: is it as right, how much slower is one call, how much more does it do?

    python benchmarks/service.py                     # a minute: overhead, CheckPhoto, throughput, 30 s of load
    python benchmarks/service.py --seconds 600 --clients 16 --out out/service.json

overhead     median of (a call of the service - the same photo by the library), seconds, on idle cores
check        CheckPhoto on a photo of 12 megapixels, seconds
throughput   characters a second by N clients at once, beside the same photos one after another by the library
load         N clients for a while with good, bad and hostile photos, a fifth of them leaving midway: latencies, what
             was answered, growth of memory, and whether every character equals the one computed alone
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

_LEAVING = 0.2
_GOOD = 0.6


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

    def play(self, seed: int, until: float) -> None:
        chance = random.Random(seed)
        with CharacterClient(Connection(target=self._target, timeout=300, retries=0)) as client:
            while time.monotonic() < until:
                self._visit(client, chance)

    def _visit(self, client: CharacterClient, chance: random.Random) -> None:
        number = chance.randrange(len(self._photos))
        bad = "" if chance.random() < _GOOD else chance.choice([*BAD_PHOTOS, "noise"])
        photo = self._photos[number]
        if bad:
            photo = bad_photo(bad) if bad in BAD_PHOTOS else chance.randbytes(chance.randrange(1, 20_000))
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

    def _note(self, kind: str, outcome: str, seconds: float) -> None:
        with self._lock:
            if kind:
                self.seconds[kind].append(seconds)
            if outcome:
                self.outcomes[outcome] += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--photos", type=Path, help="a folder of JPEGs; by default versions of the sample photo")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()

    import torch

    torch.set_num_threads(1)
    photos = _photos(options.photos)
    creator = CharacterCreator(load_bundle(options.bundle), render=False)
    creator.create(photos[0])
    expected = [dict(creator.create(photo).values) for photo in photos]
    flags = ["--workers", str(options.workers), "--queue-capacity", str(2 * options.clients)]
    flags += ["--bundle", str(options.bundle)] if options.bundle else []
    result: dict[str, Any] = {"cores": os.cpu_count(), "clients": options.clients}
    with _server(flags) as (port, metrics_url):
        target = f"localhost:{port}"
        with CharacterClient(Connection(target=target, timeout=300)) as client:
            client.create(photos[0])
            # In turn, so that whatever else the machine does touches both alike.
            pairs = [
                (_timed(lambda p=photo: client.create(p)), _timed(lambda p=photo: creator.create(p)))  # type: ignore[misc]
                for photo in (photos * options.repeats)[: options.repeats]
            ]
            result["overhead_s"] = round(statistics.median(service - library for service, library in pairs), 4)
            result["library_s"] = round(statistics.median(library for _, library in pairs), 3)
            large = _twelve_megapixels()
            result["check_12_megapixels_s"] = _spread([_timed(lambda: client.check(large)) for _ in range(20)])
            result["preview_s"] = _spread([_timed(lambda: client.preview(expected[0])) for _ in range(20)])
        count = 2 * options.clients
        batch = [photos[number % len(photos)] for number in range(count)]
        alone = _timed(lambda: [creator.create(photo) for photo in batch])
        with (
            CharacterClient(Connection(target=target, timeout=600)) as client,
            ThreadPoolExecutor(options.clients) as pool,
        ):
            together = _timed(lambda: list(pool.map(client.create, batch)))
        result["throughput"] = {
            "library_per_s": round(count / alone, 3),
            "service_per_s": round(count / together, 3),
            "ratio": round(alone / together, 2),
        }
        load = _Load(target, photos, expected)
        load.play(-1, time.monotonic() + min(5.0, options.seconds / 4))
        before = _memory(metrics_url)
        load = _Load(target, photos, expected)
        until = time.monotonic() + options.seconds
        with ThreadPoolExecutor(options.clients) as pool:
            list(pool.map(lambda seed: load.play(seed, until), range(options.clients)))
        time.sleep(1)
        result["load"] = {
            "outcomes": dict(load.outcomes),
            "different_from_alone": load.different,
            **{f"{kind}_s": _spread(found) for kind, found in load.seconds.items()},
            "memory_mib": [round(before), round(_memory(metrics_url))],
        }
    text = json.dumps(result, indent=2)
    print(text)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text + "\n", encoding="utf-8")
    failed = [name for name in load.outcomes if name.startswith("FAILED")]
    if failed or load.different:
        sys.exit(f"wrong: {failed}, {load.different} characters differ from those computed alone")


if __name__ == "__main__":
    main()
