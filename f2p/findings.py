"""Results of checks of a machine, a service or an engine, and how they are printed."""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Finding", "print_findings"]


@dataclass(frozen=True)
class Finding:
    """Result of one check.

    Attributes:
        subject: what was checked.
        ok: whether it passes.
        detail: what was found.
        remedy: what to do where it does not pass.
    """

    subject: str
    ok: bool
    detail: str
    remedy: str = ""


def print_findings(findings: Iterable[Finding], width: int) -> int:
    """Print findings on stdout as they come, then a count of the faults.

    Args:
        findings: results of checks.
        width: characters of the column of subjects.

    Returns:
        Exit code: 0 where all pass, else 1.
    """
    faults = 0
    for finding in findings:
        print(f"{'ok   ' if finding.ok else 'FAULT'} {finding.subject:{width}} {finding.detail}", flush=True)
        if not finding.ok:
            faults += 1
            print(f"      {'':{width}} {finding.remedy}", flush=True)
    print("all well" if not faults else f"{faults} fault{'s' if faults > 1 else ''}", flush=True)
    return 1 if faults else 0
