"""What is said when messages cannot be read: one line, and not one for each message."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import NoReturn

import pytest
from aiokafka.structs import ConsumerRecord, TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.reading.poison import ErrorType, Poison
from sllm_core.store import Progress
from sllm_plugins.kafka.alarm import AGAIN, GRAIN, SPAN, Alarm, Recent
from sllm_plugins.kafka.decoding import Decoder
from sllm_plugins.kafka.figures import Figures
from sllm_plugins.kafka.partitions import Held


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def poison(count: int, kind: ErrorType = "reader-error") -> list[Poison]:
    exception = "KeyError" if kind == "reader-error" else ""
    return [Poison(number, kind, "what is wrong", exception) for number in range(count)]


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    return [(each.levelno, each.getMessage()) for each in caplog.records]


def message(offset: int, value: bytes) -> ConsumerRecord:
    return ConsumerRecord("logs", 0, offset, 1_700_000_000_000, 0, None, value, None, 0, len(value), ())


def decoded(values: Sequence[bytes]) -> Decoder:
    decoder = Decoder(UTC, 1000, "kafka", Figures())
    held = Held(TopicPartition("logs", 0), Progress(0), 0)
    letters = decoder.read(held, [message(*each) for each in enumerate(values)]).letters
    assert {each.error_type for each in letters} <= {"reader-error"}
    return decoder


def test_reader_that_fails_on_every_message_is_one_line_of_error(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> NoReturn:
        raise KeyError("a mistake")

    monkeypatch.setattr("sllm_core.reading.message_records.sift", failing)
    decoder = decoded([b"one", b"two", b"three"])
    ((level, text),) = told(caplog)
    assert level == logging.ERROR
    assert "failed on 3 of the last 3 messages (KeyError)" in text
    assert "sllm dlq list" in text and "sllm dlq replay" in text
    (metric,) = decoder.alarm.metrics()
    assert (metric.name, metric.kind, metric.value) == ("kafka_reader_errors_total", "counter", 3)
    (warning,) = decoder.alarm.warnings()
    assert "failed on 3 messages (KeyError)" in warning


def test_messages_that_are_read_give_no_alarm(caplog: pytest.LogCaptureFixture) -> None:
    alarm = decoded([b"one", b"two"]).alarm
    assert (told(caplog), list(alarm.warnings()), [each.value for each in alarm.metrics()]) == ([], [], [0])


def test_failures_that_go_on_are_told_again_after_a_while(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    alarm = Alarm("kafka", clock)
    for now in (0.0, 1.0, AGAIN - 1, AGAIN, AGAIN + 1):
        clock.now = now
        alarm.heed("logs", 10, poison(2))
    assert [text.partition(" messages")[0] for _, text in told(caplog)] == [
        "the reader itself failed on 2 of the last 10",
        "the reader itself failed on 8 of the last 40",
    ]


def test_end_of_failures_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    alarm = Alarm("kafka", Clock())
    for found in (poison(1), [], [], poison(1), [], []):
        alarm.heed("logs", SPAN, found)
    assert [level for level, _ in told(caplog)] == [logging.ERROR, logging.INFO]


def test_topic_most_of_which_cannot_be_read_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    alarm = Alarm("kafka", Clock())
    for _ in range(50):
        alarm.heed("wrong", 100, poison(60, "not-text"))
        alarm.heed("right", 100, [])
    ((level, text),) = told(caplog)
    assert level == logging.WARNING
    assert "600 of the last 1000 messages cannot be read, most of them as not-text" in text
    assert "[plugins.kafka]" in text


def test_topic_half_of_which_can_be_read_gives_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    alarm = Alarm("kafka", Clock())
    for _ in range(50):
        alarm.heed("logs", 100, poison(50, "broken-json"))
    assert told(caplog) == []


def test_few_messages_tell_nothing_of_their_topic(caplog: pytest.LogCaptureFixture) -> None:
    Alarm("kafka", Clock()).heed("logs", SPAN - 1, poison(SPAN - 1, "not-text"))
    assert told(caplog) == []


def test_reader_that_fails_is_no_fault_of_the_topic(caplog: pytest.LogCaptureFixture) -> None:
    Alarm("kafka", Clock()).heed("logs", SPAN, poison(SPAN))
    assert [level for level, _ in told(caplog)] == [logging.ERROR]


@given(st.lists(st.tuples(st.integers(0, 3 * GRAIN), st.integers(0, 3 * GRAIN)), max_size=80))
def test_recent_messages_are_the_last_ones_and_about_as_many_as_wanted(batches: list[tuple[int, int]]) -> None:
    recent = Recent()
    for messages, bad in batches:
        recent.add(messages, Counter(bad=min(messages, bad)))
    count = sum(messages for messages, _ in batches)
    assert min(count, SPAN) <= recent.messages <= SPAN + 3 * GRAIN
    assert 0 <= recent.kinds.total() <= recent.messages
