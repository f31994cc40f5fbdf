from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from sllm_core.findings import Finding
from sllm_core.store import Commit, Store
from web_service import CONFIG, Start, serving, until

START = datetime(2026, 1, 1, tzinfo=UTC)
LOG = "2026-03-02 00:00:00,000 ERROR [main] shop.Orders - payment failed\n"


def asked(path: str, findings: int = 3, **headers: str) -> httpx.Response:
    """The answer where there are findings 0, 1, 2..., each an hour later."""
    hour = timedelta(hours=1)
    first = Finding(id="0", analyzer="anomaly", label="critical", source="x", explanation="<script>")
    made = [
        replace(first, id=str(each), window=(START + each * hour, START + each * hour + hour))
        for each in range(findings)
    ]

    async def ask() -> httpx.Response:
        with Store() as store:
            store.commit(Commit("run", "x", "x", findings=made))
            async with serving(store=store) as (client, _):
                return await client.get(path, headers={name.replace("_", "-"): each for name, each in headers.items()})

    return asyncio.run(ask())


def ids(path: str) -> list[str]:
    return [each["id"] for each in asked(path).json()["findings"]]


def test_findings_come_by_pages() -> None:
    page = asked("/findings?limit=2").json()
    assert [each["id"] for each in page["findings"]] == ["2", "1"]
    rest = asked(f"/findings?limit=2&cursor={page['next']}").json()
    assert ([each["id"] for each in rest["findings"]], rest["next"]) == (["0"], None)


def test_findings_may_be_chosen() -> None:
    assert ids("/findings?analyzer=anomaly&label=critical&label=warning") == ["2", "1", "0"]
    assert ids("/findings?analyzer=summary") == []
    assert ids("/findings?since=2026-01-01T01:00:00Z&until=2026-01-01T02:00:00") == ["1"]


@pytest.mark.parametrize(
    ("query", "field"), [("limit=0", "limit"), ("limit=501", "limit"), ("cursor=-1", "cursor"), ("since=soon", "since")]
)
def test_a_wrong_parameter_is_told(query: str, field: str) -> None:
    answer = asked(f"/findings?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


def test_one_finding_may_be_asked_for() -> None:
    assert asked("/findings/1").json()["id"] == "1"
    assert asked("/findings/9").status_code == 404


@pytest.mark.parametrize("id", ["x", "-1", "1" * 20, "1;drop"])
def test_a_wrong_last_event_is_told(id: str) -> None:
    assert asked("/findings/events", last_event_id=id).status_code == 400


def test_a_stream_tells_what_a_run_finds_and_ends_with_the_service(serve: Start, tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("")
    reading = '[pipeline]\nidle = "100ms"\n[plugins.file]\npath = "app.log"\nfollow = true\npoll = "50ms"\n'
    served = serve(CONFIG + reading)
    with httpx.stream("GET", f"{served.url}/findings/events?analyzer=anomaly", timeout=60) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 2000"
        (tmp_path / "app.log").write_text(LOG * 30)
        told = next(each for each in lines if each.startswith("data: "))
        assert '"anomaly_status":"critical"' in told or '"anomaly_status":"warning"' in told
        served.process.terminate()
        assert [each for each in lines if each.startswith("never")] == []
    until(lambda: served.process.poll() is not None)
    assert served.process.returncode == 0
