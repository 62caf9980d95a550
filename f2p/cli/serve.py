"""`f2p serve`: the gRPC server."""

from pathlib import Path


def serve(
    *,
    port: int = 50051,
    host: str = "127.0.0.1",
    bundle: Path | None = None,
    preset: str = "default",
    queue_capacity: int = 8,
    time_limit_s: float = 300.0,
    reflection: bool = True,
) -> None:
    """Serve f2p.v1.CharacterService until SIGINT or SIGTERM.

    Args:
        port: where to listen; 0 takes a free port and prints it.
        host: the address to listen on; 0.0.0.0 for all. There is no encryption: put a proxy before it in the open.
        bundle: the bundle's folder; the shipped one by default.
        preset: for requests that name none.
        queue_capacity: requests that may wait besides the one that is worked on.
        time_limit_s: longest time for one request.
        reflection: whether clients may ask for the protocol.
    """
    import logging
    import os

    from f2p.errors import ServiceUnavailable

    # grpc's core prints its own line about a taken port beside ours.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    try:
        from f2p.serving.server import ServerConfig
        from f2p.serving.server import serve as run
    except ModuleNotFoundError as error:
        raise ServiceUnavailable(f"The package '{error.name}' is missing.", "Run: pip install 'f2p[serve]'.") from error
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    run(
        ServerConfig(
            host=host,
            port=port,
            bundle=bundle,
            preset=preset,
            queue_capacity=queue_capacity,
            time_limit_s=time_limit_s,
            reflection=reflection,
        )
    )
