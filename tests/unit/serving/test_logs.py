"""Log lines for machines."""

import json
import logging
import subprocess
import sys

import pytest

from f2p.serving.logs import relay_lines, set_up_logging


def test_a_line_is_an_object_with_the_calls_fields(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("json")
    extra = {"request_id": "id-1", "method": "CheckPhoto", "code": "OK", "seconds": 0.1, "photo": "never"}
    logging.getLogger("f2p.calls").info("CheckPhoto\nOK", extra=extra)
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("f2p.serving").exception("a call failed")
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert first.pop("time").endswith("Z")
    assert first == {
        "level": "INFO",
        "logger": "f2p.calls",
        "message": "CheckPhoto\nOK",
        "request_id": "id-1",
        "method": "CheckPhoto",
        "code": "OK",
        "seconds": 0.1,
    }
    assert "ValueError: broken" in second["exception"]


def test_text_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("text")
    logging.getLogger("f2p.calls").info("CheckPhoto OK")
    assert capsys.readouterr().err.endswith("INFO f2p.calls: CheckPhoto OK\n")


def test_what_libraries_print_in_another_process_becomes_json(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("json")
    program = (
        "import logging, os\n"
        "from f2p.serving.logs import set_up_logging\n"
        "set_up_logging('json')\n"
        "os.write(2, b'TIFFFetchNormalTag: Warning, no such tag.\\n{\\n')\n"
        "logging.getLogger('f2p.worker').info('ready')\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        relay_lines(process.stderr).join(60)
    records = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(record["logger"], record["message"]) for record in records] == [
        ("f2p.foreign", "TIFFFetchNormalTag: Warning, no such tag."),
        ("f2p.foreign", "{"),
        ("f2p.worker", "ready"),
    ]
