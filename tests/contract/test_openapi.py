"""The description of the HTTP interface: valid, fresh, and the whole of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from f2p.serving import contract
from f2p.serving.web.bodies import Body
from f2p.serving.web.operations import OPERATIONS, checked
from scripts.generate_openapi import TARGET, document

DESCRIPTION: dict[str, Any] = json.loads(TARGET.read_text("utf-8"))


def test_it_is_valid() -> None:
    validate(DESCRIPTION)


def test_it_is_as_the_table_the_comments_and_the_errors_say() -> None:
    assert document() == DESCRIPTION, "write it anew: make gen"


def test_every_call_is_described() -> None:
    described = {(verb.upper(), path) for path, verbs in DESCRIPTION["paths"].items() for verb in verbs}
    assert {(operation.verb, operation.path) for operation in OPERATIONS} <= described


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: f"{operation.verb} {operation.path}")
def test_what_can_be_named_says_what_it_is(operation: Any) -> None:
    found = DESCRIPTION["paths"][operation.path][operation.verb.lower()]
    assert found["summary"].endswith(".")
    for parameter in found["parameters"]:
        assert parameter["schema"], parameter["name"]
    assert Path(operation.path).parts[1] == "v1"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: f"{operation.verb} {operation.path}")
def test_examples_are_requests(operation: Any) -> None:
    for fields in operation.examples.values():
        body = Body([b"a photo"] if "photo" in fields else [], {k: v for k, v in fields.items() if k != "photo"})
        assert operation.build(contract.METHODS[operation.method], checked(operation, body, {}), {})
