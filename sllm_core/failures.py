"""Why a run failed, in one message."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sllm_core.plugin import PluginError


class RunFailed(PluginError):
    """A source, a sink or the store failed; what was not acknowledged is read again at the next run."""

    exit_code = 1


class NotReady(PluginError):
    """What a plugin needs is not there at the start, or is set up otherwise than configured; nothing was read."""


def failure(error: Exception) -> RunFailed:
    """All causes in one message; those that are no fault of the user's are logged with their tracebacks."""
    causes = list(_leaves(error))
    for cause in causes:
        if not isinstance(cause, PluginError):
            logging.getLogger("sllm.runner").error("run failed", exc_info=cause, extra={"reason": str(cause)})
    return RunFailed("; ".join(dict.fromkeys(map(_reason, causes))))


def _leaves(error: BaseException) -> Sequence[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for each in error.exceptions for leaf in _leaves(each)]
    return [error]


def _reason(error: BaseException) -> str:
    text = str(error).rstrip(".")
    return text if isinstance(error, PluginError) else f"{type(error).__name__}: {text}"
