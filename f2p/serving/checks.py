"""Checks whether this machine can run the service as configured, for `f2p doctor`."""

from collections.abc import Iterator
from pathlib import Path

from f2p.errors import F2PError
from f2p.findings import Finding
from f2p.serving.address import address, is_local, taken
from f2p.serving.config import ServerConfig, core_count
from f2p.serving.rpc.auth import TokenBook
from f2p.serving.rpc.tls import credentials
from f2p.serving.system import check_system

__all__ = ["examine_service"]

# Libraries and the shipped bundle, which all workers share, with the server; and what each worker adds while it works.
_SHARED_MIB = 650
_WORKER_MIB = 180
_FILES_NEEDED = 1024


def examine_service(config: ServerConfig) -> Iterator[Finding]:
    """Check the operating system, cores, memory, files, ports, TLS and tokens."""
    try:
        check_system()
    except F2PError as error:
        yield Finding("service: system", False, error.message, error.remedy)
        return
    # Linux has them.
    import resource

    from f2p.serving.memory import overwrite_freed

    cores, busy = core_count(), config.worker_count * config.threads
    yield Finding(
        "service: cores",
        busy <= cores,
        f"{cores} cores for {config.worker_count} workers of {config.threads} threads",
        "Fewer workers or threads: more than there are cores only hinder one another.",
    )
    needed_mib = _SHARED_MIB + _WORKER_MIB * (config.worker_count + config.quick_workers)
    available_mib = _available_mib()
    yield Finding(
        "service: memory",
        available_mib >= needed_mib,
        f"{available_mib} MiB are free, about {needed_mib} MiB are needed, twice that while bundles are swapped, and "
        f"besides up to {config.photo_memory_mib} MiB for each photo that is being read",
        "Fewer workers, or more memory.",
    )
    yield Finding(
        "service: photos in memory",
        overwrite_freed(False),
        "the C library can overwrite what is freed",
        "Use Linux with glibc: elsewhere photos linger in freed memory until it is used again.",
    )
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    yield Finding(
        "service: open files",
        files == resource.RLIM_INFINITY or files >= _FILES_NEEDED,
        f"{files} may be open at once",
        f"ulimit -n {_FILES_NEEDED} or more: every connection is one.",
    )
    yield _port("port", config.host, config.port)
    if config.web_port > 0:
        yield _port("web_port", config.web_host, config.web_port)
    if config.http_port > 0:
        yield _port("http_port", config.http_host, config.http_port)
    yield _access(config)


def _port(name: str, host: str, port: int) -> Finding:
    where, reason = address(host, port), taken(host, port)
    detail = f"{where}: {reason}" if reason else f"{where} is free"
    return Finding(f"service: {name}", not reason, detail, f"Choose another {name} or host.")


def _access(config: ServerConfig) -> Finding:
    loopback = is_local(config.host)
    try:
        encrypted = credentials(config) is not None
        tokens = config.tokens is not None and TokenBook(config.tokens) is not None
    except F2PError as error:
        return Finding("service: access", False, error.message, error.remedy)
    found = f"{'TLS' if encrypted else 'no TLS'}, {'tokens' if tokens else 'no tokens'}, on {config.host}"
    return Finding("service: access", True, found if loopback or encrypted else f"{found}: encrypt before it, in Envoy")


def _available_mib() -> int:
    """Memory that is free on the machine, or in the control group where that is less."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    machine = next(int(line.split()[1]) // 1024 for line in lines if line.startswith("MemAvailable"))
    group = Path("/sys/fs/cgroup")
    try:
        limit = int((group / "memory.max").read_text(encoding="ascii"))
        used = int((group / "memory.current").read_text(encoding="ascii"))
        return min(machine, (limit - used) // 2**20)
    except (OSError, ValueError):
        return machine
