"""Tokens of the callers, from a file, each with a rate of its own.

    [[token]]
    name = "game-eu"                 # for logs and metrics
    sha256 = "9f86d081884c7d65..."   # of the token: `printf %s TOKEN | sha256sum`
    requests_per_minute = 600        # 0: no limit
    burst = 50                       # so many at once

The file holds no secret: a long random token cannot be computed from its hash.
"""

import hashlib
import re
import threading
import time
import tomllib
from collections.abc import Iterable
from pathlib import Path

from f2p.errors import ParameterError, RateLimited, TokenInvalid
from f2p.files import read_bounded
from f2p.limits import MAX_SETTINGS_BYTES

__all__ = ["TokenBook"]

_KEYS = {"name", "sha256", "requests_per_minute", "burst"}


class _Bucket:
    """A token bucket: `burst` calls at once, refilled at the rate."""

    def __init__(self, name: str, per_minute: float, burst: int) -> None:
        self.name = name
        self._rate = per_minute / 60
        self._burst = burst
        self._level = float(burst)
        self._at = time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> None:
        """Take one call. Raises RateLimited."""
        if not self._rate:
            return
        with self._lock:
            now = time.monotonic()
            self._level = min(self._burst, self._level + (now - self._at) * self._rate)
            self._at = now
            if self._level >= 1:
                self._level -= 1
                return
            wait = (1 - self._level) / self._rate
        raise RateLimited(
            "This token has used up its rate.", f"Call again in {max(1, round(wait))} s.", retry_ms=round(1000 * wait)
        )


class TokenBook:
    """The tokens of one file.

    Raises:
        ParameterError: the file cannot be read or is wrong.
    """

    def __init__(self, file: Path) -> None:
        try:
            entries = tomllib.loads(read_bounded(file, MAX_SETTINGS_BYTES).decode())["token"]
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
            raise ParameterError(f"The token file {file} cannot be read: {error}.", "See docs/operations.md.") from None
        self._buckets: dict[bytes, _Bucket] = {}
        for number, entry in enumerate(entries):
            where = f"{file}, token {number + 1}"
            if not isinstance(entry, dict) or not {"name", "sha256"} <= entry.keys() <= _KEYS:
                raise ParameterError(f"{where} is wrong.", f"It needs name and sha256; it may have {sorted(_KEYS)}.")
            if not re.fullmatch(r"[0-9a-f]{64}", str(entry["sha256"])):
                raise ParameterError(f"{where}: sha256 is not 64 hex digits.", "printf %s TOKEN | sha256sum")
            rate, burst = entry.get("requests_per_minute", 0), entry.get("burst", 10)
            if not isinstance(rate, (int, float)) or rate < 0 or not isinstance(burst, int) or burst < 1:
                raise ParameterError(f"{where}: rate or burst is wrong.", "A rate of 0 or more, a burst of 1 or more.")
            self._buckets[bytes.fromhex(entry["sha256"])] = _Bucket(str(entry["name"]), rate, burst)

    def admit(self, metadata: Iterable[tuple[str, str | bytes]]) -> str:
        """The name of the caller's token. Raises TokenInvalid, RateLimited."""
        for key, value in metadata:
            if key == "authorization" and isinstance(value, str) and value.lower().startswith("bearer "):
                # Looked up by hash: the time that takes does not depend on how much of the token was right.
                bucket = self._buckets.get(hashlib.sha256(value[7:].strip().encode()).digest())
                if bucket is not None:
                    bucket.take()
                    return bucket.name
                raise TokenInvalid("The token is not known here.", "Ask the operator for one.")
        raise TokenInvalid("The call carries no token.", "Send the metadata `authorization: Bearer TOKEN`.")
