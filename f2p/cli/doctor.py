"""`f2p doctor`: what is wrong with this machine, if anything."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any


def doctor(*, bundle: Path | None = None, service: bool = False, config: Path | None = None) -> int:
    """Check Python, packages, weights, the bundle, and the engine with its system libraries.

    Args:
        bundle: the bundle's folder; the shipped one by default.
        service: whether the machine is to run `f2p serve`: cores, memory, ports, TLS and tokens are checked too.
        config: the service's configuration file; implies --service.
    """
    faults = 0
    for finding in _findings(bundle, service, config):
        print(f"{'ok   ' if finding.ok else 'FAULT'} {finding.subject:28} {finding.detail}", flush=True)
        if not finding.ok:
            faults += 1
            print(f"      {'':28} {finding.remedy}")
    print("all well" if not faults else f"{faults} fault{'s' if faults > 1 else ''}")
    return 1 if faults else 0


def _findings(bundle: Path | None, service: bool, config: Path | None) -> Iterator[Any]:
    from f2p.doctor import examine

    yield from examine(bundle)
    if service or config is not None:
        from f2p.serving.checks import examine_service
        from f2p.serving.config import load_config

        yield from examine_service(load_config(config))
