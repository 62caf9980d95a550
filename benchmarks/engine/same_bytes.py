"""Same values, same bytes: renders of random people in two processes, and on kernels compiled for other processors.

    python -m benchmarks.engine.same_bytes [--renders 200] [--size 128] [--sets generic nehalem haswell]

Every instruction set compiles all kernels anew into a folder of its own: some minutes each.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile

from benchmarks.command_line import run_command
from engine_bridge.makehuman.engine import MakeHumanEngine
from f2p.engines.protocol import View

# Processors without and with AVX, and with AVX2 and fused multiplication and addition.
FEATURES = {"generic": "", "nehalem": "", "sandybridge": "+avx", "haswell": "+avx2,+fma"}
VIEWS = (View(), View(yaw=25, light=3), View(pitch=-12, light=8), View(roll=7))


def digest(renders: int, size: int) -> str:
    """SHA-256 of so many random people in several poses and lights, with labels."""
    engine, out = MakeHumanEngine(), hashlib.sha256()
    for seed in range(renders):
        frame = engine.render(engine.sample(seed), size, VIEWS[seed % len(VIEWS)])
        out.update(frame.image.tobytes() + frame.labels.tobytes())
    return out.hexdigest()


def elsewhere(renders: int, size: int, forced: dict[str, str]) -> str:
    """`digest` in a process of its own with the environment variables ``forced``."""
    code = f"from benchmarks.engine.same_bytes import digest; print(digest({renders}, {size}))"
    run = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True, env=os.environ | forced
    )
    return run.stdout.strip()


def main(renders: int = 200, size: int = 128, sets: tuple[str, ...] = ("generic", "nehalem", "haswell")) -> int:
    """Compare the bytes; the exit code is 1 when any differ.

    Args:
        renders: random people drawn.
        size: pixels a side.
        sets: processors that the kernels are compiled for, names as LLVM knows them.
    """
    here = digest(renders, size)
    print(f"this process    {here}", flush=True)
    others = {"another process": elsewhere(renders, size, {})}
    print(f"another process {others['another process']}", flush=True)
    for name in sets:
        with tempfile.TemporaryDirectory(prefix="kernels-") as folder:
            forced = {
                "NUMBA_CPU_NAME": name,
                "NUMBA_CPU_FEATURES": FEATURES.get(name, ""),
                "NUMBA_CACHE_DIR": folder,
            }
            others[name] = elsewhere(renders, size, forced)
        print(f"{name:15} {others[name]}", flush=True)
    same = set(others.values()) == {here}
    print("All the same." if same else "THEY DIFFER.")
    return 0 if same else 1


if __name__ == "__main__":
    run_command(main)
