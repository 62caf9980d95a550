"""Causes of a call that reached no server, told from the texts of grpc's core and from the settings of this machine."""

import os
import re
from urllib.parse import urlsplit

from f2p.client.connection import Connection
from f2p.errors import ServiceUnavailable

__all__ = ["unreachable"]

# In the order in which grpc's core looks at them.
_PROXY_VARIABLES = ("grpc_proxy", "https_proxy", "http_proxy")


def unreachable(text: str, to: Connection) -> ServiceUnavailable:
    """The error of a call that ended with UNAVAILABLE before a server answered.

    Where another try would end in the same way, `details["cause"]` names it.

    Args:
        text: details of the status, from grpc's core.
        to: the connection that was tried.
    """
    target = to.target
    proxy = _proxy(target)
    tls = to.encrypted
    if "CERTIFICATE_VERIFY_FAILED" in text:
        expired = "expired" in text
        return _lasting(
            "certificate",
            f"The certificate of {target} {'has expired' if expired else 'is signed by no authority that is trusted'}.",
            "Have the operator renew it."
            if expired
            else "Give the authority's PEM file as root_certificates; is this the right server?",
            text,
        )
    if "Hostname Verification" in text:
        return _lasting(
            "certificate_name",
            f"The certificate of {target} is for another name.",
            "Use the name in the certificate as the target, or have the operator issue one for this name.",
            text,
        )
    if tls and ("WRONG_VERSION_NUMBER" in text or "WRONG_SSL_VERSION" in text):
        return _lasting(
            "plaintext",
            f"The server at {target} does not speak TLS.",
            "Connect without tls and certificates, or start it with --tls-certificate and --tls-key.",
            text,
        )
    if "handshake failed" in text.lower():
        return _lasting("tls", f"No TLS connection to {target} came about.", "Check both sides' certificates.", text)
    if proxy is not None and _is_the_proxys(text, proxy[1]):
        name, url = proxy
        host = _host(target)
        return _lasting(
            "proxy",
            f"The proxy {_without_password(url)} (from the variable {name}) does not lead to {target}.",
            f"Set no_proxy={host} to go past it, or unset {name}.",
            text,
        )
    if "resolving" in text or "name resolution" in text.lower() or "DNS" in text:
        return ServiceUnavailable(
            f"There is no host of the name {_host(target)} (target {target}).",
            "Check the target: HOST:PORT.",
            detail=text,
        )
    if "GOAWAY" in text or "shutdown" in text.lower() or "shutting down" in text:
        return ServiceUnavailable(
            f"The server at {target} is draining: it ends.", "Try again in a moment.", detail=text
        )
    if any(part in text for part in ("Socket closed", "Connection reset", "Broken pipe")):
        if "failed to connect" not in text:
            return ServiceUnavailable(f"The connection to {target} broke off.", "Try again in a moment.", detail=text)
        if not tls:
            remedy = "It may speak TLS: connect with tls=True, or with root_certificates."
        elif to.certificate is None:
            remedy = "It may want a client's certificate (mTLS): give certificate and key."
        else:
            remedy = "It may not trust this client's certificate: have it signed by the authority that it trusts."
        return ServiceUnavailable(f"The server at {target} closed the connection before the call.", remedy, detail=text)
    if "HTTP/2" in text or "HTTP status" in text or "http2" in text:
        return _lasting(
            "protocol", f"What listens at {target} speaks no gRPC.", "Check the port: `f2p serve` prints it.", text
        )
    return ServiceUnavailable(f"No server answers at {target}.", "Start one with `f2p serve`.", detail=text)


def _lasting(cause: str, message: str, remedy: str, text: str) -> ServiceUnavailable:
    return ServiceUnavailable(message, remedy, cause=cause, detail=text)


def _proxy(target: str) -> tuple[str, str] | None:
    """The variable and the address of the proxy that grpc takes to the target; None where it takes none."""
    if target.startswith(("unix:", "/")):
        return None
    host = _host(target)
    excluded = next((os.environ[name] for name in ("no_grpc_proxy", "no_proxy") if os.environ.get(name)), "")
    for entry in (part.strip().lstrip(".") for part in excluded.split(",")):
        if entry and (host == entry or host.endswith(f".{entry}")):
            return None
    return next(((name, os.environ[name]) for name in _PROXY_VARIABLES if os.environ.get(name)), None)


def _is_the_proxys(text: str, url: str) -> bool:
    """Whether a text of grpc's core is about the proxy: its answer, its address, or a connection that it ended."""
    parts = urlsplit(url if "//" in url else f"//{url}")
    about_it = [f":{parts.port or 80}:", f"]:{parts.port or 80}:", f"{parts.hostname}:"]
    return "HTTP proxy" in text or any(part in text for part in about_it)


def _host(target: str) -> str:
    """The host of a target: dns:///HOST:PORT, HOST:PORT or [HOST]:PORT."""
    name = target.rpartition("/")[2]
    return re.sub(r":\d+$", "", name).strip("[]")


def _without_password(url: str) -> str:
    return re.sub(r"//[^@/]*@", "//", url)
