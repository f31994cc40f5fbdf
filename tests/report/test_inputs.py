"""How the heading of a report names what was read."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sllm_core.report.inputs import file_names, heading, topic_names
from sllm_core.report.words import ENGLISH, KOREAN

TOPIC = st.from_regex(r"[a-z][a-z0-9._-]{0,20}", fullmatch=True)


def test_files_are_named_once_and_from_the_folder_of_the_configuration() -> None:
    shards = ["/srv/app.log", "/srv/app.log~2", "/var/log/syslog", "stdin:20260101T000000.000000"]
    assert file_names(shards, "/srv") == ["app.log", "/var/log/syslog", "stdin"]


def test_a_heading_has_few_names() -> None:
    names = [f"app-{number}.log" for number in range(1_010)]
    assert heading(names[:6], ENGLISH) == ", ".join(names[:6])
    assert heading(names, ENGLISH) == f"{', '.join(names[:6])} and 1,004 more"
    assert heading(names, KOREAN).endswith("app-5.log 외 1,004개")


def test_topics_are_named_with_the_number_of_their_partitions() -> None:
    shards = ["orders-0", "orders-1", "orders-10", "auth-7-0"]
    assert topic_names(shards, ENGLISH) == ["orders (3 partitions)", "auth-7 (1 partition)"]
    assert topic_names(shards, KOREAN) == ["orders (파티션 3개)", "auth-7 (파티션 1개)"]


@given(st.dictionaries(TOPIC, st.integers(1, 12)))
def test_every_partition_is_counted_in_its_topic(topics: dict[str, int]) -> None:
    shards = [f"{topic}-{number}" for topic, count in topics.items() for number in range(count)]
    told = topic_names(shards, ENGLISH)
    assert Counter(each.partition(" ")[0] for each in told) == Counter(topics.keys())
    assert [int(each.partition("(")[2].split()[0]) for each in told] == list(topics.values())
