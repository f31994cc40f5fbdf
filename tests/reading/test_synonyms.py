"""The fields of the usual libraries and shippers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sllm_core.reading.objects import object_columns
from sllm_core.reading.timestamps import Clock
from sllm_core.records import LEVELS

CLOCK = Clock(UTC, datetime(2026, 6, 1, tzinfo=UTC))
TIME = {"@timestamp": "2026-05-01T12:00:00Z"}
ORIGIN = {"class": "a.B", "method": "f", "file": "B.java", "line": 12}

ECS_NESTED = {
    **TIME,
    **{"log": {"level": "ERROR", "logger": "a.B"}, "process": {"pid": 1, "thread": {"name": "main"}}, "message": "m"},
    **{
        "service": {"name": "pay", "version": "1"},
        "host": {"name": "h"},
        "trace": {"id": "t"},
        "ecs": {"version": "8"},
    },
    **{"event": {"dataset": "d"}, "span": {"id": "s"}, "error": {"stack_trace": "E: bad"}},
}
ECS_DOTTED = {
    **TIME,
    **{"log.level": "ERROR", "log.logger": "a.B", "process.thread.name": "main", "message": "m", "service.name": "pay"},
    **{"host.name": "h", "trace.id": "t", "ecs.version": "1.2.0", "event.dataset": "d", "error.stack_trace": "E: bad"},
}
LOGSTASH = {
    **TIME,
    **{"@version": "1", "message": "m", "logger_name": "a.B", "thread_name": "main", "level": "ERROR"},
    **{"level_value": 40000, "HOSTNAME": "h", "appname": "pay", "traceId": "t", "stack_trace": "E: bad"},
}
LOGSTASH_LAYOUT = {
    **TIME,
    **{"source_host": "h", "message": "m", "thread_name": "main", "level": "ERROR", "logger_name": "a.B", "app": "pay"},
    **{"line_number": "12", "traceId": "t", "exception": {"stacktrace": "E: bad"}},
}
GELF = {
    **{"version": "1.1", "short_message": "m", "timestamp": 1777636800.0, "level": 3, "_level_name": "ERROR"},
    **{"_process_pid": 1, "_process_thread_name": "main", "host": "h", "_log_logger": "a.B", "_service_name": "pay"},
    **{"_trace_id": "t", "full_message": "m\n\nE: bad", "_error_stack_trace": "E: bad"},
}
LOG4J2 = {
    **{"instant": {"epochSecond": 1777636800, "nanoOfSecond": 0}, "thread": "main", "level": "ERROR", "message": "m"},
    **{
        "loggerName": "a.B",
        "thrown": {"message": "bad", "extendedStackTrace": "E: bad"},
        "source": ORIGIN,
        "app": "pay",
    },
    **{"endOfBatch": False, "threadId": 1, "contextMap": {"traceId": "t"}, "hostName": "h"},
}
FLUENT_BIT = {
    **{"date": 1777636800.0, "log": "m", "stream": "stdout", "_p": "F", "level": "error", "trace_id": "t"},
    **{"kubernetes": {"pod_name": "pay-1", "container_name": "pay", "host": "h", "docker_id": "x"}, "logger": "a.B"},
    "stack_trace": "E: bad",
}
JOURNALD = {
    **{"__REALTIME_TIMESTAMP": "1777636800000000", "__CURSOR": "c", "_BOOT_ID": "b", "PRIORITY": "3", "_HOSTNAME": "h"},
    **{
        "SYSLOG_IDENTIFIER": "pay",
        "SYSLOG_FACILITY": "3",
        "MESSAGE": "m",
        "_PID": "1",
        "_EXE": "/bin/pay",
        "_COMM": "p",
    },
    **{"_SYSTEMD_UNIT": "pay.service", "_MACHINE_ID": "x", "CODE_FILE": "a.c", "LOGGER": "a.B", "TRACE_ID": "t"},
    "stack_trace": "E: bad",
}
DOCUMENTS = {
    **{"ecs nested": ECS_NESTED, "ecs dotted": ECS_DOTTED, "logstash": LOGSTASH, "logstash layout": LOGSTASH_LAYOUT},
    **{"gelf": GELF, "log4j2": LOG4J2, "fluent bit": FLUENT_BIT, "journald": JOURNALD},
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=list(DOCUMENTS))
def test_fields_of_usual_documents(document: dict[str, Any]) -> None:
    found = object_columns([document], CLOCK)
    assert found.times[0] == 1777636800_000000
    assert LEVELS[found.codes[0]] == "ERROR"
    told = [found.strings[name][0].as_py() for name in ("service", "host", "logger", "trace_id")]
    assert told == ["pay", "h", "a.B", "t"]
    assert found.messages[0].as_py() == "m\nE: bad"


def test_line_of_docker() -> None:
    document = {"log": "m\n", "stream": "stderr", "time": "2026-05-01T12:00:00.5Z", "attrs": {"tag": "x"}}
    found = object_columns([document], CLOCK)
    assert (found.messages[0].as_py(), found.times[0]) == ("m", 1777636800_500000)
