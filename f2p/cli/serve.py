"""`f2p serve`: the gRPC server."""

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from f2p.serving.config import ServerConfig, read_settings
from f2p.serving.system import check_system

__all__ = ["ServeArguments", "read_serve", "run_serve"]


@dataclass(frozen=True, kw_only=True)
class ServeArguments:
    """Serve f2p.v1.CharacterService until SIGINT or SIGTERM; SIGHUP takes over changed tokens and bundles.

    Every setting can stand in the configuration file (`port = 50051`) and in the environment (F2P_PORT=50051) too; a
    flag wins over the environment, and that over the file. The defaults below are those of both.
    """

    settings: Annotated[ServerConfig, tyro.conf.arg(name="")]
    config: Path | None = None
    """A TOML file of settings."""


def read_serve(arguments: Sequence[str], program: str = "f2p serve") -> Callable[[], ServerConfig]:
    """Read the command line; a function that reads file, environment and flags, again each time it is called.

    Raises:
        ParameterError: a setting is wrong.
        SystemExit: --help, or a wrong command line.
    """
    finder = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    finder.add_argument("--config", type=Path, nargs="?")
    file: Path | None = finder.parse_known_args(arguments)[0].config

    def read_config() -> ServerConfig:
        defaults = ServeArguments(settings=read_settings(file), config=file)
        read = tyro.cli(ServeArguments, default=defaults, args=arguments, prog=program)
        return read.settings.validated()

    read_config()
    return read_config


def run_serve(read_config: Callable[[], ServerConfig]) -> None:
    """Serve until the process is told to stop. Raises as `f2p.serving.run.serve`."""
    check_system()
    # grpc's core prints its own line about a taken port beside ours.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    from f2p.serving.run import serve

    serve(read_config)
