"""The server's TLS, from PEM files."""

from pathlib import Path
from typing import Any

import grpc

from f2p.errors import ParameterError
from f2p.serving.config import ServerConfig

__all__ = ["credentials"]


def credentials(config: ServerConfig) -> Any:
    """TLS as configured; None for plain HTTP/2. Raises ParameterError."""
    if config.tls_certificate is None or config.tls_key is None:
        return None
    chain, key = _pem(config.tls_certificate, b"CERTIFICATE"), _pem(config.tls_key, b"PRIVATE KEY")
    authority = None if config.tls_client_ca is None else _pem(config.tls_client_ca, b"CERTIFICATE")
    return grpc.ssl_server_credentials([(key, chain)], authority, require_client_auth=authority is not None)


def _pem(path: Path, kind: bytes) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ParameterError(f"{path} cannot be read: {error.strerror}.", "Give a PEM file.") from None
    if kind + b"-----" not in content:
        raise ParameterError(f"{path} holds no {kind.decode().lower()}.", "Give a PEM file.")
    return content
