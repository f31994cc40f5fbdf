from __future__ import annotations

import asyncio
import logging

import pytest

from sllm_core.metrics import Metric, log_metrics, sums


def told(metrics: list[Metric], caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What is logged in two minutes."""
    minutes: list[float] = []

    async def sleep(seconds: float) -> None:
        minutes.append(seconds)
        if len(minutes) > 2:
            raise asyncio.CancelledError

    with caplog.at_level(logging.INFO), pytest.raises(asyncio.CancelledError):
        asyncio.run(log_metrics(lambda: metrics, sleep))
    return caplog.records


def test_figures_of_one_name_are_summed() -> None:
    assert sums([Metric("lag", 2, "", labels={"partition": "a"}), Metric("lag", 5, "")]) == {"lag": 7}


def test_the_log_tells_them_every_minute(caplog: pytest.LogCaptureFixture) -> None:
    found = told([Metric("lag", 2, ""), Metric("lag", 5, "")], caplog)
    assert [getattr(each, "lag", None) for each in found if each.name == "sllm.metrics"] == [7, 7]


def test_where_all_is_zero_there_is_no_line(caplog: pytest.LogCaptureFixture) -> None:
    assert [each for each in told([Metric("lag", 0, "")], caplog) if each.name == "sllm.metrics"] == []
