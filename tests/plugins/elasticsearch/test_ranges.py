from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sllm_plugins.elasticsearch.ranges import Range, milliseconds, resolve, written
from sllm_plugins.elasticsearch.source_config import ElasticsearchConfig

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 22, 0, 30, tzinfo=SEOUL)


def meant(since: str = "", until: str = "", day: str = "") -> tuple[str | None, str | None, str]:
    """What the settings mean half an hour after midnight in Seoul."""
    found = resolve(since, until, day, NOW, SEOUL)
    begin, end = (None if each is None else written(each) for each in (found.since, found.until))
    return begin, end, found.name


def test_yesterday_is_that_of_the_zone() -> None:
    assert meant(day="yesterday") == ("2026-11-20T15:00:00.000Z", "2026-11-21T15:00:00.000Z", "2026-11-21")


def test_a_day_may_be_a_date() -> None:
    assert meant(day="2026-11-05") == ("2026-11-04T15:00:00.000Z", "2026-11-05T15:00:00.000Z", "2026-11-05")


def test_a_day_is_as_long_as_the_clocks_have_it() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    found = resolve("", "", "2026-10-25", NOW, berlin)
    assert found.since is not None and found.until is not None and found.until - found.since == 25 * 3_600_000


def test_a_time_without_zone_is_that_of_the_zone() -> None:
    assert meant(since="2026-11-20T09:30")[0] == "2026-11-20T00:30:00.000Z"
    assert meant(since="2026-11-20T09:30+01:00")[0] == "2026-11-20T08:30:00.000Z"


def test_days_are_meant_whole() -> None:
    span = ("2026-11-20T15:00:00.000Z", "2026-11-21T15:00:00.000Z")
    assert meant("yesterday", "yesterday") == (*span, "/".join(span))


def test_how_long_ago_moves_with_time() -> None:
    assert meant("-24h", "-1h") == ("2026-11-20T15:30:00.000Z", "2026-11-21T14:30:00.000Z", "")
    assert meant("7d")[0] == "2026-11-14T15:30:00.000Z"


def test_nothing_is_everything_up_to_now() -> None:
    assert meant() == (None, None, "") and meant(until="now") == (None, None, "")


def test_an_end_before_the_beginning_is_told() -> None:
    with pytest.raises(ValueError, match="is no time; correct since and until"):
        meant("2026-11-20", "2026-11-18")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"since": "last week"}, "is no time; write"),
        ({"day": "tomorrow"}, "is no day; write yesterday"),
        ({"day": "yesterday", "follow": True}, "day stands alone"),
        ({"day": "yesterday", "since": "-24h"}, "day stands alone"),
        ({"index": "logs,,"}, "names or patterns"),
        ({"index": "logs", "data_view": "logs"}, "index and data_view"),
        ({"kibana_url": "http://kibana:5601"}, "only asked for a data_view"),
        ({"page": 20_000}, "less than or equal to 10000"),
    ],
)
def test_what_cannot_be_meant_is_told(options: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        ElasticsearchConfig.model_validate(options)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2261, 1, 1), timezones=st.just(UTC)))
def test_what_is_written_means_the_same(moment: datetime) -> None:
    number = milliseconds(moment)
    assert milliseconds(datetime.fromisoformat(written(number))) == number
    assert resolve(written(number), "", "", NOW, SEOUL) == Range(number, None)
