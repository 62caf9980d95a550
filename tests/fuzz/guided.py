"""Coverage-guided: photos and requests that reach ever more of the code, where `pip install atheris` runs.

    python tests/fuzz/guided.py -max_total_time=600 -timeout=2          # flags are libFuzzer's

The first byte says what the rest is: a photo to check, or a request of one of the calls. What Pillow,
f2p.imaging.decode and f2p.serving do is followed line by line.
It ends at the first input that raises anything but an error of ours, takes
longer than `-timeout`, or more memory than `-rss_limit_mb`; that input lies in the present folder then.
"""

import contextlib
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("OMP_NUM_THREADS", "1")

import atheris
import torch
from google.protobuf.message import DecodeError

with atheris.instrument_imports(include=["PIL", "f2p.imaging.decode", "f2p.face.photo_check", "f2p.serving"]):
    from PIL import Image

    from f2p.imaging import decode as _photo  # noqa: F401 - followed
    from f2p.serving.worker.handlers import Handlers
from f2p.errors import DeadlineExceeded, F2PError
from f2p.serving.contract import METHODS
from f2p.v1 import character_service_pb2 as calls
from tests.helpers.hostile import corpus
from tests.helpers.toy_bundle import toy_bundle

REQUESTS = sorted(method for method in METHODS if not method.startswith("Get"))
SEEDS = Path(__file__).resolve().parents[1] / "contract" / "v1" / "requests"


class Hasty:
    """Wants no search."""

    def check(self) -> None: ...

    def stage(self, name: str) -> None:
        if name == "solve":
            raise DeadlineExceeded("Enough.")

    def progress(self, message: bytes) -> None: ...


def seeds(folder: Path) -> None:
    """What to begin with: every sort of photo, and the recorded requests."""
    for number, data in enumerate(corpus()):
        (folder / f"photo-{number}").write_bytes(bytes([0]) + data)
    for path in SEEDS.glob("*.binpb"):
        method = path.stem.partition("-")[2].removesuffix("Request")
        if method in REQUESTS:
            (folder / path.stem).write_bytes(bytes([1 + REQUESTS.index(method)]) + path.read_bytes())


def main() -> None:
    Image.init()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        bundle = toy_bundle(Path(folder) / "toy")
        handlers = Handlers({bundle.name: bundle, "makehuman": bundle}, {}, "default", 450, cores=1)
        found = Path(folder) / "corpus"
        found.mkdir()
        seeds(found)

        def one(data: bytes) -> None:
            kind, body = (data[0] if data else 0) % (1 + len(REQUESTS)), data[1:]
            method = REQUESTS[kind - 1] if kind else "CheckPhoto"
            request = body if kind else calls.CheckPhotoRequest(photo=body).SerializeToString()
            try:
                METHODS[method].FromString(request)
            except DecodeError:
                return  # which the server itself refuses
            with contextlib.suppress(F2PError):
                handlers.answer(method, request, Hasty(), 1e12)

        atheris.Setup([*sys.argv, str(found)], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
