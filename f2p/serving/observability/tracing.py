"""Spans for OpenTelemetry, where the extra `tracing` is installed and asked for; otherwise nothing."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from f2p.errors import PackageMissing, install_command

__all__ = ["NoTracing", "OpenTelemetry", "Tracing", "open_tracing"]

Note = Callable[[str], None]
"""Called with the status code's name at the end of the call."""


class Tracing(Protocol):
    """Opener of spans."""

    def span(self, method: str, metadata: Mapping[str, str], request_id: str) -> AbstractContextManager[Note]: ...

    def close(self) -> None: ...


class NoTracing:
    """Tracing that opens no span."""

    @contextmanager
    def span(self, method: str, metadata: Mapping[str, str], request_id: str) -> Iterator[Note]:
        yield lambda code: None

    def close(self) -> None:
        """Do nothing: no span is held."""


class OpenTelemetry:
    """A server span for each call, the child of the caller's where its metadata carries a W3C `traceparent`.

    Args:
        provider: an opentelemetry.sdk TracerProvider.
    """

    def __init__(self, provider: Any) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("f2p.serving")

    @contextmanager
    def span(self, method: str, metadata: Mapping[str, str], request_id: str) -> Iterator[Note]:
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        parent = TraceContextTextMapPropagator().extract(dict(metadata))
        attributes = {
            "rpc.system.name": "grpc",
            "rpc.method": f"f2p.v1.CharacterService/{method}",
            "f2p.request_id": request_id,
        }
        span = self._tracer.start_span(method, context=parent, kind=SpanKind.SERVER, attributes=attributes)
        try:
            yield lambda code: span.set_attribute("rpc.response.status_code", code)
        finally:
            span.end()

    def close(self) -> None:
        """Send the spans that are still held."""
        self._provider.shutdown()


def open_tracing(wanted: bool) -> Tracing:
    """Tracing as OpenTelemetry's own environment variables say, or none. Raises PackageMissing without the extra."""
    if not wanted:
        return NoTracing()
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise PackageMissing(
            f"Tracing needs the package '{error.name}', which is not installed.",
            f"Run: {install_command('tracing')}, or switch tracing off.",
        ) from None
    provider = TracerProvider(resource=Resource.create({"service.name": "f2p"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return OpenTelemetry(provider)
