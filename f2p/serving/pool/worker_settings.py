"""The settings that the server hands to its workers."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class WorkerSettings:
    """What a worker must know.

    Attributes:
        bundles: folders, the default first; the shipped one where empty.
        preset: for requests that name none.
        threads: cores to use.
        photo_memory_mib: what reading one photo may take; 0: no limit.
        log_format: as in ServerConfig.
    """

    bundles: tuple[str, ...]
    preset: str
    threads: int
    photo_memory_mib: int
    log_format: str
