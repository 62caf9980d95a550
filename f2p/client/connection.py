"""Address of a server, credentials, and retries."""

import random
import re
from dataclasses import dataclass
from os import PathLike
from typing import Any

import grpc

from f2p import errors
from f2p.errors import F2PError
from f2p.files import read_bounded, shown
from f2p.limits import MAX_SETTINGS_BYTES

__all__ = ["Connection", "retry_delay"]

# Shorter than the idle limits of common proxies; the server permits two pings a second.
_KEEPALIVE_MS = 45_000
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0
_URL_SCHEMES = ("http", "https", "grpc", "grpcs", "ws", "wss", "tcp")


@dataclass(frozen=True, kw_only=True)
class Connection:
    """Settings of a connection to a server.

    Attributes:
        target: host:port.
        timeout: seconds that a call may take, all tries together; the server stops working when they are over.
        retries: further tries after UNAVAILABLE, a full queue or a used-up rate. Every call is safe to repeat.
        token: sent as `authorization: Bearer TOKEN`. Goes in clear without TLS.
        tls: whether to speak TLS; certificates turn it on too.
        root_certificates: PEM file of the authorities to trust; the system's where None.
        certificate, key: PEM files that show who this client is (mTLS); both or neither.

    Raises:
        ParameterError: the target is a URL, the token cannot be sent, or a certificate stands without its key.
    """

    target: str = "localhost:50051"
    timeout: float = 120.0
    retries: int = 2
    token: str = ""
    tls: bool = False
    root_certificates: str | PathLike[str] | None = None
    certificate: str | PathLike[str] | None = None
    key: str | PathLike[str] | None = None

    def __post_init__(self) -> None:
        scheme, sign, rest = self.target.partition("://")
        if sign and scheme.lower() in _URL_SCHEMES:
            tls = " with tls=True" if scheme.lower() in ("https", "grpcs") else ""
            raise errors.ParameterError(
                f"The target {self.target} is a URL.",
                f"Give {rest.partition('/')[0]}{tls}: HOST:PORT without {scheme}://.",
            )
        if not self.target.strip():
            raise errors.ParameterError("The target is empty.", "Give HOST:PORT.")
        if not re.fullmatch(r"[\x20-\x7e]*", self.token):
            # The token itself stays out of the message.
            raise errors.ParameterError(
                "The token has a line's end or another character that cannot be sent.",
                "Strip it: a file that was read often ends with a newline.",
            )
        if (self.certificate is None) != (self.key is None):
            raise errors.ParameterError("A client's certificate and its key belong together.", "Give both or neither.")

    @property
    def options(self) -> list[tuple[str, int]]:
        """Options of the channel."""
        # Our own retries know the server's reasons, and grpc's would come on top of them.
        return [
            ("grpc.keepalive_time_ms", _KEEPALIVE_MS),
            ("grpc.max_send_message_length", -1),
            # Exported characters are larger than the 4 MiB that grpc takes by itself.
            ("grpc.max_receive_message_length", -1),
            ("grpc.enable_retries", 0),
        ]

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Metadata of every call."""
        return (("authorization", f"Bearer {self.token}"),) if self.token else ()

    @property
    def encrypted(self) -> bool:
        """Whether TLS is spoken."""
        return self.tls or any((self.root_certificates, self.key, self.certificate))

    @property
    def credentials(self) -> Any:
        """Channel credentials for TLS; None for plain HTTP/2. Raises ParameterError where a file cannot be read."""
        files = (self.root_certificates, self.key, self.certificate)
        if not self.encrypted:
            return None
        return grpc.ssl_channel_credentials(*(None if file is None else _read(file) for file in files))

    def channel(self, kind: Any = grpc) -> Any:
        """A channel to the server: of the module grpc, or of grpc.aio. Raises as `credentials`."""
        credentials = self.credentials
        if credentials is None:
            return kind.insecure_channel(self.target, options=self.options)
        return kind.secure_channel(self.target, credentials, options=self.options)


def _read(file: str | PathLike[str]) -> bytes:
    try:
        return read_bounded(file, MAX_SETTINGS_BYTES)
    except OSError as error:
        raise errors.ParameterError(f"{shown(file)} cannot be read: {error.strerror}.", "Give a PEM file.") from None


def retry_delay(error: F2PError, tried: int, retries: int, remaining: float) -> float | None:
    """Seconds to wait before the next try; None where there should be none.

    Args:
        error: what the last try failed with.
        tried: tries so far.
        retries: how many may follow the first.
        remaining: seconds until the call's end.
    """
    if tried > retries or not isinstance(error, (errors.ServiceUnavailable, errors.QueueFull, errors.RateLimited)):
        return None
    if "cause" in error.details:
        # A wrong certificate or target is as wrong the next time.
        return None
    retry_ms = error.details.get("retry_ms")
    pause = float(retry_ms) / 1000 if retry_ms is not None else min(_FIRST_PAUSE_S * 3 ** (tried - 1), _LONGEST_PAUSE_S)
    # Never together with all the others that were refused at the same moment.
    pause *= random.uniform(1.0, 1.4)
    return pause if pause < remaining else None
