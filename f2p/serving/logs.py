"""The log on stderr: text for people, or one JSON object a line. Never a photo, a face or a token."""

import json
import logging
import sys
import threading
import time
from typing import IO

__all__ = ["relay_lines", "set_up_logging"]

_FOREIGN = logging.getLogger("f2p.foreign")
_LONGEST_LINE = 65_536
_FIELDS = ("request_id", "method", "code", "reason", "seconds", "caller")


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        entry = {
            "time": f"{stamp}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **{name: getattr(record, name) for name in _FIELDS if hasattr(record, name)},
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def set_up_logging(log_format: str) -> None:
    """Log to stderr from INFO on, as "text" or "json"."""
    handler = logging.StreamHandler()
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(_JsonFormatter() if log_format == "json" else text)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def relay_lines(stream: IO[bytes]) -> threading.Thread:
    """Pass another process's stderr on in the log's JSON format, until it ends, in a thread of its own.

    Lines of `set_up_logging` stay as they are; what C libraries print there by themselves (libtiff does) becomes the
    message of a record of the logger f2p.foreign.
    """

    def relay() -> None:
        with stream:
            while line := stream.readline(_LONGEST_LINE):
                text = line.decode("utf-8", "replace").rstrip()
                if _is_record(text):
                    print(text, file=sys.stderr, flush=True)
                elif text:
                    _FOREIGN.warning("%s", text)

    thread = threading.Thread(target=relay, name="f2p-relay", daemon=True)
    thread.start()
    return thread


def _is_record(text: str) -> bool:
    try:
        entry = json.loads(text) if text.startswith("{") else None
    except ValueError:
        return False
    return isinstance(entry, dict) and {"time", "level", "logger", "message"} <= entry.keys()
