"""The parts of the service's benchmark."""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from benchmarks.service.load import Case, Load, bad_photos
from benchmarks.service.server import ServerMetrics
from benchmarks.service.visitor import crowd
from f2p.bundle import load_bundle
from f2p.client import CharacterClient, Connection
from f2p.creator import CharacterCreator
from f2p.fitting.presets import get_preset
from f2p.fitting.state import FitState
from tests.helpers.bad_photos import good_photo

__all__ = ["PARTS", "Bench", "Options"]

PARTS = ("overhead", "check", "throughput", "batch", "load")
GROWTH_MIB = 50e6 / 2**20
"""Growth of memory under load that counts as a leak."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """Size of the benchmark: see `benchmarks.service.__main__.main`."""

    bundle: Path | None
    photos: Path | None
    clients: int
    seconds: float
    repeats: int
    slow: int


class Bench:
    """The parts of the benchmark; each method measures one and returns its figures.

    Attributes:
        wrong: what must not have happened under load, in words.
    """

    def __init__(self, options: Options, port: int, url: str, metrics_url: str) -> None:
        self._options = options
        self._target = f"localhost:{port}"
        self._url = url
        self._metrics_url = metrics_url
        self._photos = _photos(options.photos)
        # As in a worker: one core.
        self._creator = CharacterCreator(load_bundle(options.bundle), render=False, confidence=False, parallel=False)
        self._creator.create(self._photos[0])
        self.wrong: list[str] = []
        with self._client() as client:
            client.create(self._photos[0])

    def _client(self) -> CharacterClient:
        return CharacterClient(Connection(target=self._target, timeout=900))

    def overhead(self) -> dict[str, Any]:
        """One call: the service less the library on the same photo, seconds."""
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
        """CheckPhoto of 12 megapixels and RenderPreview, seconds."""
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
        """Characters a second: service and library, one after another and together."""
        count = 2 * self._options.clients
        many = [self._photos[number % len(self._photos)] for number in range(count)]
        few = many[: max(4, count // 2)]

        def rate(create: Callable[[bytes], Any]) -> float:
            return len(few) / _timed(lambda: [create(photo) for photo in few])

        library = rate(self._creator.create)
        self._creator.parallel = True
        library_parallel = rate(self._creator.create)
        self._creator.parallel = False
        with self._client() as client, ThreadPoolExecutor(self._options.clients) as pool:
            alone = rate(client.create)
            together = count / _timed(lambda: list(pool.map(client.create, many)))
        return {
            "library_per_s": round(library, 3),
            "library_parallel_per_s": round(library_parallel, 3),
            "service_one_after_another_per_s": round(alone, 3),
            "service_per_s": round(together, 3),
            "ratio_to_one_after_another": round(together / alone, 2),
            "ratio_to_library_parallel": round(together / library_parallel, 2),
        }

    def batch(self) -> dict[str, Any]:
        """Processor seconds for each of several characters that share the tensors of two search steps."""
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
        """Latencies, outcomes and growth of memory while many clients visit, half of them over HTTP."""
        clients, seconds = self._options.clients, self._options.seconds
        good, bad = ([Case.alone(self._creator, photo) for photo in photos] for photos in (self._photos, bad_photos()))
        alone = [_timed(lambda p=photo: self._creator.create(p)) for photo in self._photos * 2]  # type: ignore[misc]
        warm_up = Load(self._target, good, bad, self._url)
        warm_up.run(clients, min(60.0, seconds / 5))
        time.sleep(1)
        before = ServerMetrics(self._metrics_url)
        load, began = Load(self._target, good, bad, self._url), time.monotonic()
        with crowd(self._url, self._options.slow):
            load.run(clients, seconds)
        lasted = time.monotonic() - began
        time.sleep(1)
        after = ServerMetrics(self._metrics_url)
        growth = after.memory_mib - before.memory_mib
        self.wrong += [*warm_up.wrong, *load.wrong]
        self.wrong += [f"{after.codes[code]} times {code}" for code in ("INTERNAL", "UNKNOWN") if after.codes[code]]
        self.wrong += [f"memory grew by {growth:.0f} MiB"] if growth > GROWTH_MIB else []
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
