"""A fork server of fake workers: forks, descriptors and deaths are real, and it loads no torch.

Its own argument comes first: `broken` (it cannot load), `slow` (it takes a minute), or `well`.
"""

import socket
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from f2p.errors import BundleCorrupt
from f2p.serving.worker import fork_server_main
from tests.helpers import fake_worker

__all__ = ["program"]


def program(kind: str = "well") -> list[str]:
    """Its command line."""
    root = Path(__file__).resolve().parents[2]
    return [
        sys.executable,
        "-c",
        f"import sys; sys.path.insert(0, {str(root)!r}); from tests.helpers.fake_fork_server import main; main()",
        kind,
    ]


def main() -> None:
    def load(settings: Any) -> dict[str, Any]:
        if settings == "broken":
            raise BundleCorrupt("The file is damaged.", "Copy it anew.")
        if settings == "slow":
            time.sleep(60)
        return {}

    def work(bundles: Any, settings: Any, channel: Connection, engine: bool) -> None:
        fake_worker.NAME = "with engine" if engine else "without"
        fake_worker.main(channel)

    fork_server_main.load, fork_server_main.run_worker = load, work
    kind: Any = sys.argv[1]
    fork_server_main.main(kind, socket.socket(fileno=int(sys.argv[2])), Connection(int(sys.argv[3])))
