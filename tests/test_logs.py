from __future__ import annotations

import io
import json
import logging
import sys
import warnings
from collections.abc import Iterator

import pytest
import structlog

from sllm_core.logs import configure, configure_later


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def structlog_as_it_was() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_both_worlds_write_the_same_json() -> None:
    stream = io.StringIO()
    configure(stream=stream)
    structlog.get_logger("a").info("read", records=3)
    logging.getLogger("b").warning("left %s", "out", extra={"path": "x"})
    one, other = lines(stream)
    assert (one["message"], one["level"], one["logger"], one["records"]) == ("read", "info", "a", 3)
    assert (other["message"], other["level"], other["logger"], other["path"]) == ("left out", "warning", "b", "x")
    assert str(one["timestamp"]).endswith("Z")


def test_lower_levels_are_left_out() -> None:
    stream = io.StringIO()
    configure("warning", stream=stream)
    structlog.get_logger("a").info("no")
    logging.getLogger("b").info("no")
    assert lines(stream) == []


def test_tracebacks_show_no_variables() -> None:
    stream = io.StringIO()
    configure(stream=stream)
    password = "s3cret"
    try:
        raise ValueError(len(password))
    except ValueError:
        structlog.get_logger().exception("failed")
    (line,) = lines(stream)
    assert "ValueError" in json.dumps(line["exception"])
    assert "s3cret" not in stream.getvalue().replace('password = "s3cret"', "")


def test_a_terminal_gets_text() -> None:
    stream = Terminal()
    configure(stream=stream)
    structlog.get_logger().info("read", records=3)
    assert "read" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_the_format_may_be_forced() -> None:
    stream = Terminal()
    configure(format="json", stream=stream)
    logging.getLogger().error("x")
    assert lines(stream)[0]["message"] == "x"


def test_any_text_can_be_logged() -> None:
    stream = io.StringIO()
    configure(stream=stream)
    structlog.get_logger().info("half \ud800", number=2**70, odd={1: object})
    assert lines(stream)[0]["number"] == 2**70


def test_warnings_are_logs() -> None:
    stream = io.StringIO()
    configure(stream=stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn("old", stacklevel=1)
    assert lines(stream)[0]["logger"] == "py.warnings"


def test_nothing_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    structlog.get_logger().info("read")
    captured = capsys.readouterr()
    assert (captured.out, "read" in captured.err, sys.stderr is not None) == ("", True, True)


def test_the_first_log_configures_what_was_put_off(capsys: pytest.CaptureFixture[str]) -> None:
    configure_later("error")
    assert not structlog.is_configured()
    logging.getLogger("a").warning("no")
    logging.getLogger("a").error("failed", extra={"analyzer": "b"})
    (line,) = map(json.loads, capsys.readouterr().err.splitlines())
    assert (line["message"], line["analyzer"], structlog.is_configured()) == ("failed", "b", True)


def test_libraries_do_not_tell_of_every_request() -> None:
    stream = io.StringIO()
    configure("debug", "json", stream)
    logging.getLogger("httpx").info("HTTP Request: POST http://localhost:11434/api/chat")
    logging.getLogger("openai").debug("Request options: all of a prompt")
    assert stream.getvalue() == ""
