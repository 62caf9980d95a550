"""Addresses to listen on: names, IPv4, IPv6 and unix sockets, as grpc reads them and as people do."""

import contextlib
import socket
import stat
from pathlib import Path

__all__ = ["address", "is_local", "is_unix", "taken"]


def address(host: str, port: int) -> str:
    """HOST:PORT, [::1]:PORT for an IPv6 host; a unix socket (unix:/run/f2p.sock) has no port."""
    if is_unix(host):
        return host
    bare = host.strip("[]")
    return f"[{bare}]:{port}" if ":" in bare else f"{bare}:{port}"


def is_unix(host: str) -> bool:
    """Whether a host is a unix socket."""
    return host.startswith(("unix:", "unix-abstract:"))


def is_local(host: str) -> bool:
    """Whether a host can be reached from this machine only."""
    return is_unix(host) or host.strip("[]") in ("::1", "localhost") or host.startswith("127.")


def _socket_path(host: str) -> Path | None:
    """File of a unix socket; None for other hosts."""
    return Path(host.removeprefix("unix:").removeprefix("//")) if host.startswith("unix:") else None


def taken(host: str, port: int) -> str:
    """Why nobody can listen there, in words; empty where one can.

    For a unix socket: whether somebody listens already, which grpc would push aside; and whether its folder is there.
    """
    path = _socket_path(host)
    try:
        if path is not None:
            return _socket_taken(path)
        if is_unix(host):
            return ""
        bare = host.strip("[]")
        family = socket.AF_INET6 if ":" in bare else socket.AF_INET
        with socket.create_server((bare, port), family=family):
            return ""
    except socket.gaierror as error:
        return f"not an address of this machine ({error.strerror})"
    except OSError as error:
        return str(error.strerror or error)


def _socket_taken(path: Path) -> str:
    if len(bytes(path)) > 107:
        return "the path of a unix socket has at most 107 bytes"
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    if not path.exists():
        return ""
    if not stat.S_ISSOCK(path.stat().st_mode):
        return "a file that is no socket stands there"
    with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(ConnectionRefusedError):
        probe.connect(str(path))
        return "a server listens there"
    return ""
