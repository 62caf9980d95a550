"""Spans: the caller's trace goes on, and nothing of the request is in it."""

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from f2p.errors import PackageMissing
from f2p.serving.observability.tracing import NoTracing, OpenTelemetry, open_tracing


def test_a_span_continues_the_callers_trace() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing = OpenTelemetry(provider)
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    metadata = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01", "authorization": "Bearer secret"}
    with tracing.span("CheckPhoto", metadata, "id-1") as note:
        note("OK")
    tracing.close()
    (span,) = exporter.get_finished_spans()
    assert span.name == "CheckPhoto"
    assert f"{span.context.trace_id:032x}" == trace
    assert dict(span.attributes) == {
        "rpc.system.name": "grpc",
        "rpc.method": "f2p.v1.CharacterService/CheckPhoto",
        "f2p.request_id": "id-1",
        "rpc.response.status_code": "OK",
    }


def test_without_it_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(open_tracing(False), NoTracing)
    with NoTracing().span("CheckPhoto", {}, "id") as note:
        note("OK")
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(PackageMissing, match=r"face-to-parameter\[tracing\]"):
        open_tracing(True)
