"""The operating system that the server needs."""

import sys

from f2p.errors import ServiceUnavailable

__all__ = ["check_system"]


def check_system() -> None:
    """Raise ServiceUnavailable where the server cannot run on this operating system."""
    if sys.platform != "linux":
        raise ServiceUnavailable(
            f"The server runs on Linux only, and this is {sys.platform}: it forks its workers and limits their memory.",
            "Run it in a Linux container, in WSL 2 or on another machine; the library and the client run here.",
        )
