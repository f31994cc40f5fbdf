from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sllm_core.findings import Finding
from sllm_core.records import LogBatch
from sllm_plugins.summary import Summary, SummaryConfig

if TYPE_CHECKING:
    from tests.plugins.conftest import Scene


def summarise(scene: Scene, *batches: LogBatch, config: SummaryConfig | None = None) -> Finding:
    """The summary of the one window that the batches close."""
    [analyzer] = Summary("summary", config or SummaryConfig()).sllm_analyzers(scene.context)
    [finding] = [each for batch in batches for each in asyncio.run(analyzer.analyze(batch))]
    return finding


def test_records_levels_services_and_errors_are_counted(scene: Scene) -> None:
    lines = [scene.line("ok 1", service="web", count=7), scene.line("Connection refused 1", "ERROR", "db", count=3)]
    facts = summarise(scene, scene.batch(scene.window(0, *lines))).facts
    assert (facts["records"], facts["errors"], facts["levels"]) == (10, 3, {"INFO": 7, "ERROR": 3})
    assert facts["services"][1] == {"name": "db", "records": 3, "errors": 3}
    assert facts["error_kinds"] == [{"name": "connection", "count": 3}]


def test_requests_are_counted_over_batches(scene: Scene) -> None:
    get = scene.line('"GET /api/users/7 HTTP/1.1" 200 12 0.100', count=4)
    post = scene.line("POST /api/orders completed in 300ms status=500", count=2)
    first = scene.batch(records=scene.records(0, get))
    second = scene.batch(scene.window(0, get, post), records=scene.records(0, post))
    facts = summarise(scene, first, second).facts
    assert (facts["requests"], facts["failures"], facts["statuses"]) == (6, 2, {"2xx": 4, "5xx": 2})
    assert facts["latency"]["mean_ms"] == pytest.approx(1000 / 6)
    assert [each["name"] for each in facts["endpoints"]] == ["/api/users/<*>", "/api/orders"]


def test_failed_answers_without_a_level_of_error_are_errors(scene: Scene) -> None:
    silent = scene.line('"GET /a HTTP/1.1" 503 1', None, count=2)
    loud = scene.line("GET /b failed status=500 in 3ms", "ERROR", count=3)
    window = scene.window(0, silent, loud)
    facts = summarise(scene, scene.batch(window, records=scene.records(0, silent, loud))).facts
    assert (facts["errors"], facts["failures"]) == (5, 5)


def test_errors_of_answers_are_named_by_their_status_whatever_their_level(scene: Scene) -> None:
    silent, loud = (scene.line(f'"GET /a{level} HTTP/1.1" 503 1', level, count=2) for level in (None, "ERROR"))
    window = scene.window(0, silent, loud)
    facts = summarise(scene, scene.batch(window, records=scene.records(0, silent, loud))).facts
    assert facts["error_kinds"] == [{"name": "HTTP 503", "count": 4}]


def test_requests_belong_to_their_window(scene: Scene) -> None:
    get = scene.line("GET /a status=200 in 3ms")
    later = scene.batch(scene.window(0, get), records=scene.records(1, get))
    assert summarise(scene, later).facts["requests"] == 0


def test_started_requests_count_when_none_tells_its_end(scene: Scene) -> None:
    started = scene.line('Started GET "/users" for 1.2.3.4', count=5)
    facts = summarise(scene, scene.batch(scene.window(0, started), records=scene.records(0, started))).facts
    assert (facts["requests"], facts["endpoints"][0]["name"]) == (5, "/users")


def test_services_beyond_the_limit_are_joined(scene: Scene) -> None:
    lines = [scene.line("ok", service=f"s{each}", count=each + 1) for each in range(4)]
    batch = scene.batch(scene.window(0, *lines))
    services = summarise(scene, batch, config=SummaryConfig(services=2)).facts["services"]
    assert [(each["name"], each["records"]) for each in services] == [("s3", 4), ("s2", 3), (None, 3)]


def test_new_patterns_and_the_window_before(scene: Scene) -> None:
    scene.past(range(0, 3), scene.line("ok", count=10), scene.line("bad", "ERROR", count=2))
    window = scene.window(3, scene.line("ok", count=15), scene.line("bad", "ERROR"), scene.line("fresh"))
    facts = summarise(scene, scene.batch(window)).facts
    assert (facts["new_patterns"], facts["top_new_patterns"][0]["template"]) == (1, "fresh")
    assert (facts["before"]["records"], facts["before"]["errors"]) == (12, 2)
    assert facts["change"] == pytest.approx(17 / 12 - 1, abs=1e-4)


def test_windows_closed_together_see_one_another(scene: Scene) -> None:
    windows = [scene.window(hour, scene.line("ok"), scene.line("a" * (hour + 1))) for hour in range(2)]
    [analyzer] = Summary("summary", SummaryConfig()).sllm_analyzers(scene.context)
    first, second = asyncio.run(analyzer.analyze(scene.batch(*windows)))
    assert (first.facts["new_patterns"], second.facts["new_patterns"]) == (0, 1)
    assert second.facts["before"]["records"] == 2


def test_the_window_in_which_a_source_ended_is_not_compared(scene: Scene) -> None:
    scene.past(range(0, 3), scene.line("ok", count=10))
    assert summarise(scene, scene.batch(scene.window(3, scene.line("ok")), last=True)).facts["before"] is None


def test_merged_patterns_are_counted_as_one(scene: Scene) -> None:
    window = scene.window(0, scene.line("alpha"), scene.line("beta"))
    alpha, beta = (scene.patterns.add(each) for each in ("alpha", "beta"))
    scene.patterns.aliases[alpha] = beta
    assert summarise(scene, scene.batch(window)).facts["distinct_patterns"] == 1


def test_records_without_a_level_count_by_their_verdict(scene: Scene) -> None:
    window = scene.window(0, scene.line("panic here", None, count=2), scene.line("ok", None))
    assert summarise(scene, scene.batch(window)).facts["errors"] == 2


def test_the_finding_is_the_same_every_time_and_json(scene: Scene) -> None:
    scene.past(range(0, 3), scene.line("ok", count=10))
    batch = scene.batch(scene.window(3, scene.line("ok")))
    first, again = summarise(scene, batch), summarise(scene, batch)
    assert first == again
    assert Finding.from_json(first.to_json()).facts == first.facts


def test_an_empty_window_is_summarised(scene: Scene) -> None:
    assert summarise(scene, scene.batch(scene.window(0))).explanation == "In the past hour nothing was logged."


def test_the_timeline_has_a_count_for_each_slot(scene: Scene) -> None:
    window = scene.window(0, scene.line("ok", count=60, spacing=60), scene.line("x", "ERROR", second=3599))
    levels = summarise(scene, scene.batch(window)).facts["timeline"]["levels"]
    assert levels["INFO"] == [1] * 60
    assert np.flatnonzero(levels["ERROR"]).tolist() == [59]
