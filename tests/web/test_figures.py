from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pyarrow as pa

from sllm_core.classifier.human_labels import HumanLabel
from sllm_core.learning.orders import Order
from tuning_scene import ScriptedTuning
from web_service import ANALYZERS, Tables, serving

LINE = r'sllm_[a-z_]+(\{([a-z_]+="([^"\\]|\\.)*",?)*\})? (NaN|[+-]?Inf|-?[0-9.e+-]+)'


def asked(tables: Tables, *before: str) -> str:
    """The figures once everything is read and other paths were asked for."""

    async def ask() -> httpx.Response:
        async with serving(tables) as (client, service), asyncio.timeout(60):
            while not service.runner.ended:
                await asyncio.sleep(0.001)
            for path in before:
                await client.get(path)
            return await client.get("/metrics")

    answer = asyncio.run(ask())
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.text


def test_every_line_is_one_that_prometheus_reads() -> None:
    lines = [each for each in asked(ANALYZERS, "/health", "/nothing").splitlines() if not each.startswith("#")]
    assert len(lines) > 30
    assert [each for each in lines if not re.fullmatch(LINE, each)] == []


def test_each_name_is_described_once() -> None:
    names = re.findall("# TYPE (.*) ", asked(ANALYZERS, "/health"))
    assert len(names) == len(set(names))


def test_the_run_is_counted(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("2026-03-02 00:00:00,000 ERROR payment failed\n" * 9)
    found = asked({"plugins": {"file": {"path": str(tmp_path / "app.log")}, **ANALYZERS["plugins"]}})
    assert "sllm_records_total 9\n" in found
    assert "sllm_windows_total 1\n" in found
    assert 'sllm_findings_total{analyzer="summary",label="summary",method="rules"} 1\n' in found


def test_learning_is_told_before_there_is_any() -> None:
    found = asked(ANALYZERS)
    assert re.search(r'sllm_classifier_info{version="embedded-[0-9a-f]+"} 1\n', found)
    assert 'sllm_human_labelled_patterns{task="sentiment"} 0\n' in found
    assert 'sllm_tuning_runs_total{outcome="promoted"} 0\n' in found
    assert "sllm_tuning_running 0\n" in found and "sllm_tuning_last_run" not in found


def test_a_run_of_tuning_is_counted_by_what_came_of_it() -> None:
    async def scene() -> str:
        async with serving() as (client, service), asyncio.timeout(60):
            service.tuning_runs.tuning = tuning = ScriptedTuning()
            tuning.go.set()
            run = await service.tuning_runs.start(Order(), "request", "local")
            await service.tuning_runs.ended(run.id)
            return (await client.get("/metrics")).text

    found = asyncio.run(scene())
    assert 'sllm_tuning_runs_total{outcome="promoted"} 1\n' in found
    assert "sllm_tuning_last_run_timestamp_seconds 1" in found


def test_labels_of_humans_are_counted_by_task() -> None:
    async def scene() -> str:
        async with serving() as (client, service), asyncio.timeout(60):
            patterns = service.store.patterns.assign("app", pa.array(["disk full", "payment stored"])).tolist()
            labels = [HumanLabel(each, "severity", "critical", "kim") for each in patterns]
            service.runner.verdicts.label([*labels, HumanLabel(patterns[0], "sentiment", "negative", "lee")])
            return (await client.get("/metrics")).text

    found = asyncio.run(scene())
    assert 'sllm_human_labelled_patterns{task="sentiment"} 1\n' in found
    assert 'sllm_human_labelled_patterns{task="anomaly"} 2\n' in found


def test_the_next_run_is_foretold_where_the_clock_has_something_to_do() -> None:
    found = asked({"plugins": {**ANALYZERS["plugins"], "classifier": {}}, "schedule": {"tune": "02:00"}})
    seconds = re.search(r"sllm_tuning_next_seconds (\d+)\n", found)
    assert seconds is not None and 0 <= int(seconds[1]) <= 25 * 3600


def test_answers_are_counted_by_route_and_status() -> None:
    found = asked(ANALYZERS, "/health/live", "/health/live", "/no/such/path?secret=1")
    assert 'sllm_http_requests_total{route="/health/live",method="GET",status="200"} 2' in found
    assert 'sllm_http_request_seconds_count{route="/health/live"} 2' in found
    assert 'route="(other)",method="GET",status="404"' in found
    assert "secret" not in found
