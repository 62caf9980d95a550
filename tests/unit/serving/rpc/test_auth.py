"""Tokens: who may call, and how often."""

import hashlib
from pathlib import Path

import pytest

from f2p.errors import ParameterError, RateLimited, TokenInvalid
from f2p.serving.rpc.auth import TokenBook


def _book(folder: Path, **entry: object) -> TokenBook:
    file = folder / "tokens.toml"
    values = {"name": "game", "sha256": hashlib.sha256(b"right").hexdigest(), **entry}
    lines = [f"{key} = {value!r}" for key, value in values.items()]
    file.write_text("[[token]]\n" + "\n".join(lines))
    return TokenBook(file)


def test_only_known_tokens_come_in(tmp_path: Path) -> None:
    book = _book(tmp_path)
    assert book.admit([("other", "x"), ("authorization", "Bearer right")]) == "game"
    for metadata in (
        [],
        [("authorization", "Bearer wrong")],
        [("authorization", "right")],
        [("authorization", b"Bearer")],
    ):
        with pytest.raises(TokenInvalid):
            book.admit(metadata)


def test_a_rate_is_kept_and_the_answer_says_when_to_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("f2p.serving.rpc.auth.time.monotonic", lambda: now)
    book = _book(tmp_path, requests_per_minute=30, burst=2)
    right = [("authorization", "Bearer right")]
    book.admit(right)
    book.admit(right)
    with pytest.raises(RateLimited) as limited:
        book.admit(right)
    assert limited.value.details["retry_ms"] == 2000
    now += 2.0
    book.admit(right)
    with pytest.raises(RateLimited):
        book.admit(right)


@pytest.mark.parametrize("entry", [{"sha256": "abc"}, {"burst": 0}, {"requests_per_minute": -1}, {"token": "in clear"}])
def test_a_wrong_token_file_is_refused(tmp_path: Path, entry: dict[str, object]) -> None:
    with pytest.raises(ParameterError, match=r"tokens\.toml"):
        _book(tmp_path, **entry)
