"""The server's TLS, from PEM files."""

import ssl
from pathlib import Path
from typing import Any

import grpc

from f2p.errors import ParameterError
from f2p.files import read_bounded
from f2p.limits import MAX_SETTINGS_BYTES
from f2p.serving.config import ServerConfig

__all__ = ["credentials"]


def credentials(config: ServerConfig) -> Any:
    """TLS as configured; None for plain HTTP/2. Raises ParameterError."""
    if config.tls_certificate is None or config.tls_key is None:
        return None
    chain, key = _pem(config.tls_certificate, b"CERTIFICATE"), _pem(config.tls_key, b"PRIVATE KEY")
    _check_pair(config.tls_certificate, config.tls_key)
    authority = None if config.tls_client_ca is None else _pem(config.tls_client_ca, b"CERTIFICATE")
    return grpc.ssl_server_credentials([(key, chain)], authority, require_client_auth=authority is not None)


def _check_pair(certificate: Path, key: Path) -> None:
    """Check that the key is the certificate's. grpc takes any, and then every handshake fails without a word."""

    def no_password() -> str:
        raise ParameterError(
            f"The key {key} is encrypted.", "Give it without a password: openssl pkey -in KEY -out PLAIN."
        )

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, no_password)
    except ssl.SSLError as error:
        if error.reason in ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH"):
            raise ParameterError(
                f"The key {key} is not that of the certificate {certificate}.",
                "Give the two files that were issued together; the server's own certificate comes first in its file.",
            ) from None
        raise ParameterError(
            f"The certificate {certificate} and the key {key} cannot be used: {error.reason or error}.",
            "Give PEM files.",
        ) from None


def _pem(path: Path, kind: bytes) -> bytes:
    try:
        content = read_bounded(path, MAX_SETTINGS_BYTES)
    except OSError as error:
        raise ParameterError(f"{path} cannot be read: {error.strerror}.", "Give a PEM file.") from None
    if kind + b"-----" not in content:
        raise ParameterError(f"{path} holds no {kind.decode().lower()}.", "Give a PEM file.")
    return content
