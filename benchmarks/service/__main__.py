"""The service beside the library: is it as right, how much slower is one call, how much more does it do?

    python -m benchmarks.service                                             # all of it, some minutes
    python -m benchmarks.service --only overhead --repeats 40                # one call, service against library
    python -m benchmarks.service --only check --repeats 100                  # CheckPhoto of 12 megapixels
    python -m benchmarks.service --only throughput --clients 8               # several at once against one after another
    python -m benchmarks.service --only batch                                # several in one tensor, against one by one
    python -m benchmarks.service --only load --clients 64 --seconds 300 --out out/load.json

overhead     a call of the service less the same photo by the library, seconds, on idle cores; and the same without what
             either took from photo to values, which is what other work on the machine changes most
check        CheckPhoto on a photo of 12 megapixels, and a preview, seconds
throughput   characters a second by N clients at once, beside one after another: by the service, by the library as a
             worker has it, and by the library on two cores
batch        two steps of a search, one with the recogniser and one without, for several characters in one tensor:
             seconds of one core for each
load         N clients for a while with good, bad and hostile photos, a fifth of them leaving midway: latencies, what
             was answered, and growth of memory after a warm-up

It fails where an answer of the load is not the one computed alone, is lost, or is an error that the visit does not
explain, where the server counted a fault of its own, and where memory grew by 50 MB.
"""

import argparse
import io
import json
import os
import re
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

from benchmarks.service.load import Case, Load, bad_photos  # noqa: E402
from f2p.bundle import load_bundle  # noqa: E402
from f2p.client import CharacterClient, Connection  # noqa: E402
from f2p.creator import CharacterCreator  # noqa: E402
from f2p.fitting.presets import get_preset  # noqa: E402
from f2p.fitting.state import FitState  # noqa: E402
from tests.helpers.bad_photos import good_photo  # noqa: E402

_PARTS = ("overhead", "check", "throughput", "batch", "load")
_GROWTH_MIB = 50e6 / 2**20


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


class _Figures:
    """What the server says of itself."""

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


class _Bench:
    """The parts, each with its figures."""

    def __init__(self, options: argparse.Namespace, port: int, metrics_url: str) -> None:
        self._options = options
        self._target = f"localhost:{port}"
        self._metrics_url = metrics_url
        self._photos = _photos(options.photos)
        # As a worker has it, one core for each.
        self._creator = CharacterCreator(load_bundle(options.bundle), render=False, confidence=False, parallel=False)
        self._creator.create(self._photos[0])
        self.wrong: list[str] = []
        with self._client() as client:
            client.create(self._photos[0])

    def _client(self) -> CharacterClient:
        return CharacterClient(Connection(target=self._target, timeout=900))

    def overhead(self) -> dict[str, Any]:
        repeats = self._options.repeats
        apart, around, library = [], [], []
        with self._client() as client:
            for photo in (self._photos * repeats)[:repeats]:
                # In turn, so that whatever else the machine does touches both alike.
                began = time.perf_counter()
                served = client.create(photo)
                between = time.perf_counter()
                own = self._creator.create(photo)
                ended = time.perf_counter()
                library.append(ended - between)
                apart.append(between - began - library[-1])
                around.append(between - began - served.solve_seconds - (library[-1] - own.seconds))
        return {
            "service_minus_library_s": _spread(apart),
            "without_their_solves_s": _spread(around),
            "library_s": _spread(library),
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
        many = [self._photos[number % len(self._photos)] for number in range(count)]
        few = many[: max(4, count // 2)]

        def rate(create: Callable[[bytes], Any]) -> float:
            return len(few) / _timed(lambda: [create(photo) for photo in few])

        library = rate(self._creator.create)
        self._creator.parallel = True
        library_two_cores = rate(self._creator.create)
        self._creator.parallel = False
        with self._client() as client, ThreadPoolExecutor(self._options.clients) as pool:
            alone = rate(client.create)
            together = count / _timed(lambda: list(pool.map(client.create, many)))
        return {
            "library_per_s": round(library, 3),
            "library_two_cores_per_s": round(library_two_cores, 3),
            "service_one_after_another_per_s": round(alone, 3),
            "service_per_s": round(together, 3),
            "ratio_to_one_after_another": round(together / alone, 2),
            "ratio_to_library_two_cores": round(together / library_two_cores, 2),
        }

    def batch(self) -> dict[str, Any]:
        import torch

        photo_set, recipe = self._creator.measure(self._photos[0]), get_preset("default")
        state = FitState(self._creator.bundle, photo_set.target, recipe)
        imitator, objective = self._creator.bundle.imitator, state.objective

        def steps(count: int) -> None:
            for recogniser in (True, False):
                x = state.x().detach().repeat(count, 1).requires_grad_()
                without = () if recogniser else ("identity",)
                terms = objective.terms(imitator(x), state.sliders.z().detach().repeat(count, 1), without=without)
                torch.autograd.grad(objective.total(terms).sum(), x)

        sizes = (1, 2, 4, 8)
        for count in sizes:
            steps(count)
        found: dict[int, list[float]] = {count: [] for count in sizes}
        for _ in range(self._options.repeats):
            for count in sizes:
                began = time.process_time()
                steps(count)
                found[count].append((time.process_time() - began) / count)
        return {f"each_of_{count}_s": round(statistics.median(times), 4) for count, times in found.items()}

    def load(self) -> dict[str, Any]:
        clients, seconds = self._options.clients, self._options.seconds
        good, bad = ([Case.alone(self._creator, photo) for photo in photos] for photos in (self._photos, bad_photos()))
        alone = [_timed(lambda p=photo: self._creator.create(p)) for photo in self._photos * 2]  # type: ignore[misc]
        warm_up = Load(self._target, good, bad)
        warm_up.run(clients, min(60.0, seconds / 5))
        time.sleep(1)
        before = _Figures(self._metrics_url)
        load, began = Load(self._target, good, bad), time.monotonic()
        load.run(clients, seconds)
        lasted = time.monotonic() - began
        time.sleep(1)
        after = _Figures(self._metrics_url)
        growth = after.memory_mib - before.memory_mib
        self.wrong += [*warm_up.wrong, *load.wrong]
        self.wrong += [f"{after.codes[code]} times {code}" for code in ("INTERNAL", "UNKNOWN") if after.codes[code]]
        self.wrong += [f"memory grew by {growth:.0f} MiB"] if growth > _GROWTH_MIB else []
        return {
            "seconds": round(lasted, 1),
            "visits": load.visits,
            "outcomes": dict(load.outcomes.most_common()),
            "server_codes": dict((after.codes - before.codes).most_common()),
            "characters_per_s": round(load.outcomes["character"] / lasted, 3),
            "library_one_after_another_per_s": round(1 / statistics.mean(alone), 3),
            "library_s": _spread(alone),
            **{f"{kind}_s": _spread(found) for kind, found in load.seconds.items()},
            "memory_mib": [round(before.memory_mib), round(after.memory_mib)],
            "worker_restarts": after.restarts,
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
