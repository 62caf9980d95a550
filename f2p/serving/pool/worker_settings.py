"""The settings that the server hands to its workers."""

from dataclasses import dataclass

__all__ = ["WorkerSettings"]


@dataclass(frozen=True, kw_only=True)
class WorkerSettings:
    """Settings of the fork server and of all workers.

    Attributes:
        bundles: folders, the default first; the shipped one where empty.
        preset: for requests that name none.
        device: torch's name of where characters are solved: "cpu", "cuda", "cuda:1", ...
        threads: cores to use.
        photo_memory_mib: memory that reading one photo may take; 0: no limit.
        log_format: as in ServerConfig.
    """

    bundles: tuple[str, ...]
    preset: str
    device: str
    threads: int
    photo_memory_mib: int
    log_format: str

    @property
    def on_cpu(self) -> bool:
        """True where the networks run on the processor, so that all can be loaded before the fork."""
        return self.device == "cpu"
