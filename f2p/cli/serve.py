"""`f2p serve`: the gRPC server."""

from pathlib import Path
from typing import Literal


def serve(
    *,
    config: Path | None = None,
    host: str | None = None,
    port: int | None = None,
    bundle: tuple[Path, ...] = (),
    preset: str | None = None,
    workers: int | None = None,
    quick_workers: int | None = None,
    threads: int | None = None,
    queue_capacity: int | None = None,
    time_limit_s: float | None = None,
    message_limit_s: float | None = None,
    hang_limit_s: float | None = None,
    start_limit_s: float | None = None,
    photo_limit_s: float | None = None,
    photo_memory_mib: int | None = None,
    grace_s: float | None = None,
    reflection: bool | None = None,
    tls_certificate: Path | None = None,
    tls_key: Path | None = None,
    tls_client_ca: Path | None = None,
    tokens: Path | None = None,
    http_port: int | None = None,
    http_host: str | None = None,
    log_format: Literal["text", "json"] | None = None,
    tracing: bool | None = None,
) -> None:
    """Serve f2p.v1.CharacterService until SIGINT or SIGTERM; SIGHUP takes over changed tokens and bundles.

    Every setting can stand in the configuration file (`port = 50051`) and in the environment (F2P_PORT=50051) too; a
    flag wins over the environment, and that over the file. docs/operations.md explains them.

    Args:
        config: a TOML file of settings.
        host: the address to listen on, 127.0.0.1 if not set; 0.0.0.0 for all.
        port: where to listen, 50051 if not set; 0 takes a free port and prints it.
        bundle: the bundles' folders, the default first; the shipped one if not set.
        preset: for requests that name none.
        workers: processes that make characters; one a core if not set.
        quick_workers: processes for CheckPhoto, previews and comparisons.
        threads: cores that each worker uses: 1 makes most characters an hour, 2 each of them sooner.
        queue_capacity: requests that may wait besides those that are worked on.
        time_limit_s: longest time for one request.
        message_limit_s: longest time for a request to come in.
        hang_limit_s: a worker silent for so long is killed and replaced.
        start_limit_s: longest time for a worker to start.
        photo_limit_s: processor time for decoding one photo.
        photo_memory_mib: what reading one photo may take.
        grace_s: how long calls in flight may go on at the end.
        reflection: whether clients may ask for the protocol.
        tls_certificate: PEM file; without it there is no encryption.
        tls_key: PEM file.
        tls_client_ca: PEM file; clients must show a certificate of it.
        tokens: file of the tokens that may call.
        http_port: where /metrics, /healthz and /readyz are; 0: nowhere, -1: a free port.
        http_host: the address for these.
        log_format: text, or json for one object a line.
        tracing: whether spans go to OpenTelemetry.
    """
    import os

    flags = {name: value for name, value in locals().items() if name not in ("config", "bundle", "os")}
    flags["bundle"] = bundle or None

    from f2p.errors import ServiceUnavailable

    # grpc's core prints its own line about a taken port beside ours.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    try:
        from f2p.serving.config import load_config
        from f2p.serving.server import serve as run
    except ModuleNotFoundError as error:
        raise ServiceUnavailable(
            f"The package '{error.name}' is missing.", "Run: pip install 'face-to-parameter[serve]'."
        ) from error
    run(lambda: load_config(config, flags=flags))
