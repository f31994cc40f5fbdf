"""The example log as a user sees it: for 25 minutes the payment database is down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sllm_core.cli import sllm

SHOP = Path(__file__).parents[3] / "examples" / "shop.log"

ROOT = {"en": "Connection failure", "ko": "연결 실패"}


@pytest.fixture(scope="module", params=[("1h", "en"), ("1h", "ko"), ("15m", "en"), ("6h", "en")], ids="-".join)
def report(request: pytest.FixtureRequest) -> dict[str, Any]:
    window, language = request.param
    arguments = ["analyze", str(SHOP), "--format", "json", "--window", window, "--language", language]
    result = CliRunner().invoke(sllm, arguments, standalone_mode=False)
    document: dict[str, Any] = json.loads(result.stdout)
    return {**document["anomaly"], "root": ROOT[language]}


def test_the_outage_is_one_critical_incident(report: dict[str, Any]) -> None:
    [outage] = [each for each in report["findings"] if each["anomaly_status"] == "critical"]
    assert outage["title"] == report["root"]
    assert outage["count"] == 208
    assert (outage["first"][11:16], outage["last"][11:15]) == ("13:12", "13:3")
    assert "payment-db.example.com" in outage["explanation"]


def test_everyday_warnings_are_not_incidents_of_an_hour(report: dict[str, Any]) -> None:
    titles = {each["title"] for each in report["findings"]}
    assert len(titles) <= 4
    assert not titles & {"Authentication failure", "Declined payment", "인증 실패", "결제 거절"}
