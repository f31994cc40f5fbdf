from __future__ import annotations

import pytest

from sllm_core.plugin import PluginError
from sllm_core.replay.job import Standing, job_name

COMMAND = ("http://a:9200 logs-*", 1, 2, "logs.replay")


def test_the_same_command_is_the_same_job() -> None:
    assert job_name(*COMMAND) == job_name(*COMMAND)
    assert len(job_name(*COMMAND)) == 16


@pytest.mark.parametrize(
    "other",
    [
        ("http://b:9200 logs-*", 1, 2, "logs.replay"),
        ("http://a:9200 logs-*", None, 2, "logs.replay"),
        ("http://a:9200 logs-*", 1, None, "logs.replay"),
        ("http://a:9200 logs-*", 1, 2, "logs.other"),
    ],
)
def test_whatever_differs_makes_another_job(other: tuple[str, int | None, int | None, str]) -> None:
    assert job_name(*other) != job_name(*COMMAND)


def test_a_standing_is_read_as_it_was_written() -> None:
    standing = Standing("ab", 5, 700, [["digest", 3]])
    assert Standing.from_text(standing.to_text()) == standing


def test_a_replay_that_has_not_begun_stands_at_nothing() -> None:
    assert Standing.from_text(None) == Standing()


@pytest.mark.parametrize("text", ["", "[1]", '{"other": 1}', "{", "5"])
def test_what_is_no_standing_is_told(text: str) -> None:
    with pytest.raises(PluginError, match="--again"):
        Standing.from_text(text)
