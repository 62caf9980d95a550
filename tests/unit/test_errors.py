from __future__ import annotations

import inspect
import json
import pickle
import re
import subprocess
import sys

import pytest

from f2p import errors
from f2p.errors import F2PError, NoFace, PhotoError, SchemaError

CODES = {
    "CANCELLED",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
}
ALL = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, F2PError)]


@pytest.mark.parametrize("kind", ALL)
def test_each_error_is_exported_described_and_coded(kind: type[F2PError]) -> None:
    assert kind.__name__ in errors.__all__
    assert kind.__doc__
    assert re.fullmatch(r"[A-Z][A-Z0-9_]{2,62}", kind.reason)
    assert kind.code in CODES
    assert kind is F2PError or kind.__name__ in (errors.__doc__ or "")


def test_reasons_are_unique() -> None:
    reasons = [kind.reason for kind in ALL]
    assert len(set(reasons)) == len(reasons)


def test_text_is_message_and_remedy() -> None:
    error = NoFace("No face.", "Use another photo.", faces=0)
    assert str(error) == "No face. Use another photo."
    assert error.details == {"faces": 0}
    assert isinstance(error, PhotoError)
    assert str(NoFace("No face.")) == "No face."


def test_schema_error_says_where() -> None:
    assert str(SchemaError("Wrong.", path="a.yaml", line=3)) == "a.yaml:3: Wrong."
    assert str(SchemaError("Wrong.", "Mend it.")) == "Wrong. Mend it."


@pytest.mark.parametrize("error", [NoFace("a", "b", faces=2), SchemaError("a", "b", path="p", line=4, field="f")])
def test_errors_cross_process_borders(error: F2PError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.details) == (type(error), str(error), error.details)


@pytest.mark.parametrize("kind", ALL)
def test_errors_cross_the_wire_as_plain_values(kind: type[F2PError]) -> None:
    error = kind("a", "b")
    error.details["path"] = "p.yaml"
    values = json.loads(json.dumps(errors.to_dict(error)))
    again = errors.from_dict(values)
    assert type(again) is kind
    assert (str(again), errors.to_dict(again)) == (str(error), values)


def test_an_error_of_another_release_is_not_guessed() -> None:
    assert errors.from_dict({"reason": "FROM_TOMORROW", "message": "a", "remedy": "", "details": {}}) is None


def test_the_base_needs_neither_torch_nor_dlib() -> None:
    code = "import sys, f2p.errors, f2p.regions, f2p.schema; print(sorted({'torch', 'dlib', 'PIL'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
