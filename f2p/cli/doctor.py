"""`f2p doctor`: checks of this machine."""

from collections.abc import Iterator
from pathlib import Path

from f2p.findings import Finding


def doctor(*, bundle: Path | None = None, service: bool = False, config: Path | None = None) -> int:
    """Check Python, packages, weights, the bundle, and the engine with its system libraries.

    Args:
        bundle: the bundle's folder; the shipped one by default.
        service: whether the machine is to run `f2p serve`: cores, memory, ports, TLS and tokens are checked too.
        config: the service's configuration file; implies --service.
    """
    from f2p.findings import print_findings

    return print_findings(_findings(bundle, service, config), width=28)


def _findings(bundle: Path | None, service: bool, config: Path | None) -> Iterator[Finding]:
    from f2p.doctor import examine

    yield from examine(bundle)
    if service or config is not None:
        from f2p.serving.checks import examine_service
        from f2p.serving.config import load_config

        yield from examine_service(load_config(config))
