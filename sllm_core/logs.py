"""What sllm says about itself: structured lines on standard error, from structlog and logging alike."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TextIO

from sllm_core.log_context import bound_fields

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

Format = Literal["auto", "json", "console"]
TALKATIVE = (
    *("aiokafka", "apprise", "elastic_transport"),
    *("httpx", "httpx2", "httpcore", "httpcore2", "openai", "urllib3"),
    *("apscheduler", "asyncio", "uvicorn"),
)
"""Libraries that tell of every request or step, and at `debug` what is in it."""

MUTED = ("opentelemetry",)
"""Those whose failures sllm tells itself, once for each outage."""


def configure(level: str = "info", format: Format = "auto", stream: TextIO | None = None) -> None:
    """Sends all logs of the process to `stream` (standard error when None), and nothing else anywhere.

    `auto` is `console` on a terminal and `json` otherwise. Tracebacks never show the values of variables. Python's
    warnings become logs. May be called again.
    """
    import structlog

    target = sys.stderr if stream is None else stream
    shared = _shared()
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(format, target)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    _set_level(level)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def configure_later(level: str = "info", format: Format = "auto") -> None:
    """As `configure`, but at the first log: structlog takes longer to import than a short log file to be read.

    For commands that run no plugins of others, which may ask structlog itself for a logger.
    """
    root = logging.getLogger()
    root.handlers[:] = [_Later(level, format)]
    _set_level(level)


def _set_level(level: str) -> None:
    logging.getLogger().setLevel(level.upper())
    logging.captureWarnings(True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in MUTED:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


class _Later(logging.Handler):
    def __init__(self, level: str, format: Format) -> None:
        super().__init__()
        self._configure = partial(configure, level, format)

    def emit(self, record: logging.LogRecord) -> None:
        self._configure()
        logging.getLogger().handle(record)


def _shared() -> list[Processor]:
    from structlog import contextvars, processors, stdlib

    return [
        contextvars.merge_contextvars,
        _merge_bound,
        stdlib.add_logger_name,
        stdlib.add_log_level,
        processors.TimeStamper(fmt="iso", utc=True),
        processors.StackInfoRenderer(),
    ]


def _merge_bound(_: object, __: str, event: EventDict) -> EventDict:
    """What `log_context.bound` says; what stands in the line itself goes before."""
    for name, value in bound_fields().items():
        event.setdefault(name, value)
    return event


def _renderers(format: Format, stream: TextIO) -> list[Processor]:
    from structlog import dev, processors, tracebacks

    if format == "console" or (format == "auto" and stream.isatty()):
        return [dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=dev.plain_traceback)]
    transformer = tracebacks.ExceptionDictTransformer(show_locals=False)
    return [
        processors.ExceptionRenderer(transformer),
        processors.EventRenamer("message"),
        processors.JSONRenderer(serializer=_to_json),
    ]


def _to_json(event: object, default: Callable[[Any], Any], **_: object) -> str:
    import orjson

    try:
        return orjson.dumps(event, default=default, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # half a surrogate pair or an integer above 64 bits: log text can be anything
        return json.dumps(event, default=default)
