"""Processes `sllm serve` that tune: stopped, killed while they do, and two that share an Elasticsearch."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from sllm_core.runner import Runner
from sllm_core.settings import settings_from
from sllm_core.store import Store
from sllm_core.web.service import Service
from web_service import CONFIG, Served, started, until

WAITING = """
import asyncio
from sllm_core.learning.orders import Step
from sllm_core.learning.tuning import Tuning
from sllm_core.plugin import Plugin, PluginConfig

async def tune(self, order, run, tell):
    tell(Step("training", 1, 4))
    await asyncio.Event().wait()

class Waiting(Plugin[PluginConfig]):
    Tuning.tune = tune
"""
"""A plugin with which no run of tuning comes to an end."""


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Where that plugin is installed."""
    folder = tmp_path / "installed"
    (folder / "waiting-1.0.dist-info").mkdir(parents=True)
    (folder / "waiting_module.py").write_text(WAITING)
    (folder / "waiting-1.0.dist-info/METADATA").write_text("Name: waiting\nVersion: 1.0\n")
    (folder / "waiting-1.0.dist-info/entry_points.txt").write_text("[sllm]\nwaiting = waiting_module:Waiting\n")
    return str(folder)


def config(more: str = "") -> str:
    return f"{CONFIG}[plugins.classifier]\n[plugins.waiting]\n{more}"


def folder(tmp_path: Path, name: str, text: str) -> Path:
    (tmp_path / name).mkdir(exist_ok=True)
    (tmp_path / name / "config.toml").write_text(text)
    return tmp_path / name


def runs(served: Served) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{served.url}/fine-tune").json()["runs"]
    return found


def at_work(served: Served) -> bool:
    return any(each["state"] == "running" and each["steps"] for each in runs(served))


def test_a_signal_stops_a_run_within_the_time_to_drain(tmp_path: Path, path: str) -> None:
    place = folder(tmp_path, "a", config())
    with started(place, path) as served:
        assert httpx.post(f"{served.url}/fine-tune").status_code == 202
        until(lambda: at_work(served))
        assert served.stop(signal.SIGTERM) == 0
    with started(place, path) as served:
        assert [each["state"] for each in runs(served)] == ["cancelled"]


def test_a_run_is_lost_with_its_process_and_the_next_may_begin(tmp_path: Path, path: str) -> None:
    place = folder(tmp_path, "a", config())
    with started(place, path) as served:
        httpx.post(f"{served.url}/fine-tune")
        until(lambda: at_work(served))
        served.stop(signal.SIGKILL)
    with started(place, path) as served:
        assert [each["state"] for each in runs(served)] == ["lost"]
        assert httpx.post(f"{served.url}/fine-tune").status_code == 202
        until(lambda: at_work(served))


def test_of_two_services_one_tunes_at_a_time(tmp_path: Path, path: str, elasticsearch_url: str, index: str) -> None:
    names = f'index = "{index}"\nlabels_index = "{index}.labels"\nclaims_index = "{index}.claims"\n'
    text = config(f'[plugins.elasticsearch-sink]\nurl = "{elasticsearch_url}"\n{names}')
    with (
        started(folder(tmp_path, "a", text), path) as one,
        started(folder(tmp_path, "b", text), path) as other,
    ):
        begun = httpx.post(f"{one.url}/fine-tune", timeout=60)
        refused = httpx.post(f"{other.url}/fine-tune", timeout=60)
        assert (begun.status_code, refused.status_code) == (202, 409)
        assert f"run {begun.json()['id']}" in refused.json()["detail"]
        httpx.delete(f"{one.url}{begun.headers['location']}", timeout=60)
        until(lambda: httpx.post(f"{other.url}/fine-tune", timeout=60).status_code == 202)


@pytest.mark.parametrize(
    ("section", "slot"),
    [
        ({}, "tune-2026-11-25 17:00"),
        ({"zone": "UTC"}, "tune-2026-11-24 02:00"),
        ({"tune": "0 4 * * 3"}, "tune-2026-11-25T04:00 19:00"),
        ({"tune": ""}, ""),
        ({"enabled": False}, ""),
    ],
)
def test_the_schedule_is_as_the_settings_say(tmp_path: Path, section: dict[str, Any], slot: str) -> None:
    tables = {"timezone": "Asia/Seoul", "schedule": section, "plugins": {"classifier": {}}}
    with Store(tmp_path) as store:
        settings = settings_from(tables)
        schedule = Service(settings, store, Runner(settings, store), lambda: None).clock.schedule
    found = None if schedule is None else schedule.after(datetime(2026, 11, 23, 18, tzinfo=UTC))
    assert ("" if found is None else f"{found.key} {found.at:%H:%M}") == slot
