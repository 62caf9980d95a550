"""Bodies of every sort, at a server without workers: refused by name, or taken and told that it is starting."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from f2p.serving.config import ServerConfig
from f2p.serving.server import RunningServer
from f2p.serving.web.operations import OPERATIONS
from tests.helpers.web import call

_NAMES = sorted(
    {"options", "photo", "photos", "parameters", "format", "preset", "seed", "bundle", "renames"}.union(
        *(operation.fields for operation in OPERATIONS)
    )
)
_JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8) | some.sampled_from(_NAMES),
    lambda inner: (
        some.lists(inner, max_size=4)
        | some.dictionaries(some.sampled_from(_NAMES) | some.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=12,
)
_POSTS = [operation for operation in OPERATIONS if operation.verb == "POST"]


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    running = RunningServer(ServerConfig(port=0, web_port=-1, workers=1))
    running.listen()
    yield running
    running.stop()


@pytest.mark.parametrize("operation", _POSTS, ids=lambda operation: operation.path)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=some.dictionaries(some.sampled_from(_NAMES), _JSON, max_size=5))
@example({"first": {}, "second": {}, "bundle": "\ud800"})
def test_any_json_is_refused_by_name_or_taken(server: RunningServer, operation: Any, document: Any) -> None:
    body = json.dumps(document)
    answer = call(f"http://localhost:{server.web_port}{operation.path}", body, {"Content-Type": "application/json"})
    assert answer.status in (400, 413, 503), (document, answer.body)
    assert answer.json()["code"] not in ("INTERNAL", "F2P_ERROR")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=some.binary(max_size=300),
    kind=some.sampled_from(["multipart/form-data; boundary=x", "application/json", "image/jpeg", "text/x", ""]),
    query=some.text(some.characters(codec="ascii", exclude_categories=["Cc"], exclude_characters=" "), max_size=20),
)
def test_any_bytes_are_refused_by_name_or_taken(server: RunningServer, body: bytes, kind: str, query: str) -> None:
    if kind.startswith("multipart"):
        body = b'--x\r\nContent-Disposition: form-data; name="' + body + b"\r\n--x--\r\n"
    answer = call(f"http://localhost:{server.web_port}/v1/check?{query}", body, {"Content-Type": kind})
    assert answer.status in (400, 413, 415, 503), (kind, body, answer.body)
    assert answer.json()["code"] not in ("INTERNAL", "F2P_ERROR")
