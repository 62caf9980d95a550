"""`f2p doctor`: what is wrong with this machine, if anything."""

from pathlib import Path


def doctor(*, bundle: Path | None = None) -> int:
    """Check Python, packages, weights, the bundle, and the engine with its system libraries.

    Args:
        bundle: the bundle's folder; the shipped one by default.
    """
    from f2p.doctor import examine

    faults = 0
    for finding in examine(bundle):
        print(f"{'ok   ' if finding.ok else 'FAULT'} {finding.subject:28} {finding.detail}", flush=True)
        if not finding.ok:
            faults += 1
            print(f"      {'':28} {finding.remedy}")
    print("all well" if not faults else f"{faults} fault{'s' if faults > 1 else ''}")
    return 1 if faults else 0
