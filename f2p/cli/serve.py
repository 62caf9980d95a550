"""`f2p serve`: the server over gRPC and HTTP. `f2p studio`: the same, and its page in the browser."""

import argparse
import os
import webbrowser
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import tyro

from f2p.errors import PackageMissing, ParameterError
from f2p.errors.transport import install_command
from f2p.serving.config import ServerConfig, read_settings
from f2p.serving.system import check_system

__all__ = ["ServeArguments", "StudioArguments", "read_serve", "read_studio", "run_serve", "run_studio"]


@dataclass(frozen=True, kw_only=True)
class ServeArguments:
    """Serve characters over gRPC and HTTP until SIGINT or SIGTERM; SIGHUP takes over changed tokens and bundles.

    Every setting can stand in the configuration file (`port = 50051`) and in the environment (F2P_PORT=50051) too; a
    flag wins over the environment, and that over the file. The defaults below are those of both.
    """

    settings: Annotated[ServerConfig, tyro.conf.arg(name="")]
    config: Path | None = None
    """A TOML file of settings."""


@dataclass(frozen=True, kw_only=True)
class StudioArguments(ServeArguments):
    """Serve as `f2p serve` does, and open the studio in the browser, until Ctrl-C."""

    browser: bool = True
    """Open the page; otherwise only print its address."""


Arguments = TypeVar("Arguments", bound=ServeArguments)


def read_serve(arguments: Sequence[str], program: str = "f2p serve") -> Callable[[], ServerConfig]:
    """Read the command line; a function that reads file, environment and flags, again each time it is called.

    Raises:
        ParameterError: a setting is wrong.
        SystemExit: --help, or a wrong command line.
    """
    return _reader(ServeArguments, ServerConfig(), arguments, program)[1]


def read_studio(
    arguments: Sequence[str], program: str = "f2p studio"
) -> tuple[StudioArguments, Callable[[], ServerConfig]]:
    """Read the command line of the studio: as given, and as `read_serve`. Raises as it does."""
    # gRPC on a free port: a server that runs already is no obstacle.
    given, read_config = _reader(StudioArguments, ServerConfig(port=0), arguments, program)
    if read_config().web_port == 0:
        raise ParameterError("The studio is a page, and web_port is 0: no HTTP.", "Give --web-port 8080.")
    return given, read_config


def _reader(
    kind: type[Arguments], base: ServerConfig, arguments: Sequence[str], program: str
) -> tuple[Arguments, Callable[[], ServerConfig]]:
    finder = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    finder.add_argument("--config", type=Path, nargs="?")
    file: Path | None = finder.parse_known_args(arguments)[0].config

    def read() -> Arguments:
        defaults = kind(settings=read_settings(file, base=base), config=file)
        return tyro.cli(kind, default=defaults, args=arguments, prog=program)

    def read_config() -> ServerConfig:
        return read().settings.validated()

    read_config()
    return read(), read_config


def run_serve(read_config: Callable[[], ServerConfig]) -> None:
    """Serve until the process is told to stop. Raises as `f2p.serving.run.serve`."""
    check_system()
    # grpc's core prints its own line about a taken port beside ours.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    from f2p.serving.run import serve

    serve(read_config)


def run_studio(read: tuple[StudioArguments, Callable[[], ServerConfig]]) -> None:
    """Serve, and open the page once the server takes work.

    Raises:
        PackageMissing: the pages are not in this installation.
        F2PError: as `f2p.serving.run.serve`.
    """
    check_system()
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    from f2p.serving.run import serve
    from f2p.serving.web.studio import STUDIO

    if not (STUDIO / "index.html").is_file():
        raise PackageMissing(
            "The studio's pages are not in this installation.",
            f"Run: {install_command('serve')}; in a checkout build them: make studio.",
        )
    given, read_config = read

    def open_page(url: str) -> None:
        print(f"The studio: {url}", flush=True)
        if given.browser:
            webbrowser.open(url)

    serve(read_config, open_page)
