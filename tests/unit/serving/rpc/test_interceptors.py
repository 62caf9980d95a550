"""The interceptor of every call: statuses, refusals, request ids, metrics, the log."""

import logging
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from f2p import errors
from f2p.serving.observability.metrics import Metrics
from f2p.serving.rpc.interceptors import CallInterceptor
from f2p.serving.rpc.status import to_status


def test_a_status_says_the_reason_three_times_and_stays_small() -> None:
    status = to_status(errors.NoFace("No face." + "x" * 9000, "Try y.", huge="z" * 9000))
    assert status.code is grpc.StatusCode.INVALID_ARGUMENT
    assert status.details.startswith("NO_FACE: No face.")
    trailers = dict(status.trailing_metadata)
    assert trailers["f2p-reason"] == "NO_FACE"
    assert sum(len(key) + len(value) for key, value in trailers.items()) < 4096


def test_a_status_says_when_to_come_back() -> None:
    trailers = dict(to_status(errors.QueueFull("Full.", retry_ms=1500), "id-1").trailing_metadata)
    assert (trailers["f2p-retry-ms"], trailers["grpc-retry-pushback-ms"]) == ("1500", "1500")
    assert trailers["x-request-id"] == "id-1"
    details = status_pb2.Status.FromString(trailers["grpc-status-details-bin"]).details
    retry = error_details_pb2.RetryInfo()
    assert any(detail.Unpack(retry) for detail in details)
    assert retry.retry_delay.ToMilliseconds() == 1500


@contextmanager
def _serving(behaviour: Any, **options: Any) -> Iterator[Any]:
    """A channel to a server with one call."""
    interceptor = CallInterceptor("f2p.v1.CharacterService", **options)
    handlers = {
        "Call": grpc.unary_unary_rpc_method_handler(behaviour),
        "StreamCall": grpc.unary_stream_rpc_method_handler(
            lambda request, context: iter([behaviour(request, context)])
        ),
    }
    server = grpc.server(futures.ThreadPoolExecutor(2), interceptors=[interceptor])
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("f2p.v1.CharacterService", handlers),))
    port = server.add_insecure_port("localhost:0")
    server.start()
    try:
        with grpc.insecure_channel(f"localhost:{port}") as channel:
            yield channel
    finally:
        server.stop(0).wait()


def _failure(channel: Any, method: str = "Call", request: bytes = b"") -> Any:
    path = f"/f2p.v1.CharacterService/{method}"
    call = channel.unary_stream(path) if method.startswith("Stream") else channel.unary_unary(path)
    with pytest.raises(grpc.RpcError) as caught:
        list(call(request, timeout=5)) if method.startswith("Stream") else call(request, timeout=5)
    return caught.value


def _broken(request: bytes, context: Any) -> bytes:
    raise RuntimeError("/srv/secret/imitator.safetensors is missing")


@pytest.mark.parametrize("method", ["Call", "StreamCall"])
def test_nothing_of_an_unexpected_exception_reaches_a_client(method: str) -> None:
    with _serving(_broken) as channel:
        failed = _failure(channel, method)
    assert failed.code() is grpc.StatusCode.INTERNAL
    assert failed.details().startswith("INTERNAL: ")
    assert "secret" not in failed.details()
    assert "secret" not in str(failed.trailing_metadata())


def test_the_gate_refuses_before_the_request_is_read() -> None:
    def gate(method: str, metadata: Any) -> str:
        raise errors.TokenInvalid("No token.")

    with _serving(_broken, gate=gate) as channel:
        for method in ("Call", "StreamCall"):
            # Above the default limit of 4 MiB: a server that read it would say RESOURCE_EXHAUSTED.
            failed = _failure(channel, method, bytes(5 * 2**20))
            assert failed.code() is grpc.StatusCode.UNAUTHENTICATED
            assert dict(failed.trailing_metadata())["f2p-reason"] == "TOKEN_INVALID"


def test_a_callers_request_id_comes_back_and_a_bad_one_does_not() -> None:
    with _serving(lambda request, context: request) as channel:
        call = channel.unary_unary("/f2p.v1.CharacterService/Call")

        def returned(given: str) -> str:
            _, done = call.with_call(b"", timeout=5, metadata=(("x-request-id", given),))
            return dict(done.trailing_metadata())["x-request-id"]

        assert returned("game-7.42") == "game-7.42"
        assert len(returned("a b<script>")) == 32


def test_calls_are_counted_and_logged_without_their_content(caplog: pytest.LogCaptureFixture) -> None:
    metrics = Metrics()
    with caplog.at_level(logging.INFO, "f2p.calls"), _serving(_broken, metrics=metrics) as channel:
        _failure(channel, request=b"the photo")
    text = metrics.text().decode()
    assert 'f2p_calls_total{code="INTERNAL",method="Call",reason="INTERNAL"} 1.0' in text
    assert 'f2p_call_duration_seconds_count{method="Call"} 1.0' in text
    (record,) = [record for record in caplog.records if record.levelno == logging.INFO]
    assert (record.method, record.code, record.reason) == ("Call", "INTERNAL", "INTERNAL")
    assert len(record.request_id) == 32
    assert "the photo" not in caplog.text
