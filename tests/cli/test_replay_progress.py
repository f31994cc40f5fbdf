from __future__ import annotations

import asyncio

import pytest

from replay_lists import ListHistory, ListOutlet, document
from sllm_core.cli.replay_ends import _chosen
from sllm_core.cli.replay_progress import remaining, shown, speed_text
from sllm_core.plugin import PluginError
from sllm_core.replay.ranges import RangeStream
from sllm_core.replay.rate_limit import RateLimit
from sllm_core.replay.running import Replay


@pytest.mark.parametrize(
    ("done", "left", "seconds", "said"),
    [(100, 300, 20.0, ", 0:01:00 left"), (1, 7200, 0.5, ", 1:00:00 left"), (0, 100, 5.0, ""), (100, 0, 5.0, "")],
)
def test_how_much_longer_it_takes(done: int, left: int, seconds: float, said: str) -> None:
    assert remaining(done, left, seconds) == said


def test_documents_and_bytes_are_told_a_second() -> None:
    assert speed_text(1500, 3_000_000, 2) == "1,500 documents, 3.0 MB, 750 and 1.5 MB a second"


def test_without_a_terminal_there_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sllm_core.cli.replay_progress.LINE", 0.02)

    async def run() -> None:
        stream = RangeStream(ListHistory([document(number, number) for number in range(300)]), None, None, 2)
        replay = Replay(stream, ListOutlet(), RateLimit(1000))
        await replay.begin()
        await shown(replay, replay.run(), 300)

    asyncio.run(run())
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) > 1
    assert all(each.startswith("sllm: ") and " documents, " in each for each in lines)


def test_what_fails_is_passed_on() -> None:
    async def fails() -> None:
        raise PluginError("no")

    async def run() -> None:
        stream = RangeStream(ListHistory([]), None, None, 2)
        await shown(Replay(stream, ListOutlet(), RateLimit(None)), fails(), 0)

    with pytest.raises(PluginError, match="no"):
        asyncio.run(run())


def test_the_only_end_need_not_be_named() -> None:
    assert _chosen({"kafka": 1}, None, "--to", "takes a replay", "add one") == 1


@pytest.mark.parametrize(
    ("found", "name", "told"),
    [
        ({}, None, "no section of the configuration takes a replay; add one"),
        ({"a": 1, "b": 2}, None, "say which: --to a or --to b"),
        ({"a": 1, "b": 2}, "c", r"\[plugins.c\] is none that takes a replay; type --to a or --to b"),
    ],
)
def test_an_end_that_is_not_clear_is_told(found: dict[str, int], name: str | None, told: str) -> None:
    with pytest.raises(PluginError, match=told):
        _chosen(found, name, "--to", "takes a replay", "add one")
