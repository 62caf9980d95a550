"""Generate f2p/v1 and deploy/envoy/f2p.binpb: `python scripts/generate_stubs.py [FOLDER]` (`make gen`).

FOLDER is where they are written; the repository's root by default. tests/contract/test_protocol.py runs
this into an empty folder and compares, so that the committed stubs cannot drift from the protocol files.
"""

import sys
from pathlib import Path

import google.rpc
import grpc_tools
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
INIT = '"""Generated from proto/f2p/v1 by scripts/generate_stubs.py; never edited by hand."""\n'


def generate(target: Path) -> None:
    """Write target/f2p/v1. Raises SystemExit with protoc's code where it fails."""
    protos = sorted(str(path) for path in (ROOT / "proto" / "f2p" / "v1").glob("*.proto"))
    target.mkdir(parents=True, exist_ok=True)
    outputs = [f"--{kind}_out={target}" for kind in ("python", "pyi", "grpc_python")]
    if code := protoc.main(["protoc", f"-I{ROOT / 'proto'}", *outputs, *protos]):
        raise SystemExit(code)
    descriptor = target / "deploy" / "envoy" / "f2p.binpb"
    descriptor.parent.mkdir(parents=True, exist_ok=True)
    # Envoy turns an error into JSON only if it knows the messages in the error's details.
    common = Path(google.rpc.__path__[0]).parents[1]
    includes = [f"-I{ROOT / 'proto'}", f"-I{common}", f"-I{Path(grpc_tools.__file__).parent / '_proto'}"]
    known = ["google/rpc/status.proto", "google/rpc/error_details.proto"]
    output = ["--include_imports", f"--descriptor_set_out={descriptor}"]
    if code := protoc.main(["protoc", *includes, *output, *protos, *known]):
        raise SystemExit(code)
    package = target / "f2p" / "v1"
    (package / "__init__.py").write_text(INIT, encoding="utf-8")
    # A file with messages only gets an empty services module, which nothing imports.
    for services in package.glob("*_pb2_grpc.py"):
        if "_service_" not in services.name:
            services.unlink()


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
