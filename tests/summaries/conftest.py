"""Facts of windows to be merged and worded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from sllm_core.summaries.facts import shares
from sllm_core.summaries.requests import latency_facts
from sllm_core.summaries.sketch import sketch, to_json
from sllm_core.summaries.timeline import timeline

START = datetime(2024, 3, 4, 1, tzinfo=UTC)
Facts = Callable[..., dict[str, Any]]


@pytest.fixture
def facts() -> Facts:
    """`facts(hour, key=value, ...)`: facts of one hour with 1,245 requests; the keys given are changed."""

    def made(hour: int = 0, **changes: object) -> dict[str, Any]:
        start = START + timedelta(hours=hour)
        durations = np.full(1245, 180.0)
        base: dict[str, Any] = {
            "start": start.isoformat(),
            "end": (start + timedelta(hours=1)).isoformat(),
            "records": 1300,
            "errors": 5,
            "warnings": 2,
            "levels": {"INFO": 1293, "WARN": 2, "ERROR": 5},
            "services": [{"name": "web", "records": 1200, "errors": 1}, {"name": "db", "records": 100, "errors": 4}],
            "requests": 1245,
            "failures": 0,
            "latency": latency_facts(float(durations.sum()), to_json(sketch(durations))),
            "statuses": {"2xx": 1245},
            "endpoints": [{"name": "/api/users", "requests": 450, "failures": 0, "timed": 450, "total_ms": 81000.0}],
            "error_kinds": [{"name": "connection", "count": 3}, {"name": None, "count": 2}],
            "distinct_patterns": 7,
            "new_patterns": 1,
            "top_patterns": [{"name": "00000000000000aa", "template": "GET <*>", "count": 1245}],
            "top_new_patterns": [],
            "before": None,
            "timeline": timeline(start, timedelta(minutes=1), {"INFO": [1293] + [0] * 59}),
        }
        base |= changes
        return base | shares(base)

    return made
