"""The log of aiokafka in an outage."""

from __future__ import annotations

import logging

from sllm_plugins.kafka.chatter import Chatter, quieted


def said(text: str, level: int = logging.ERROR, *args: object) -> logging.LogRecord:
    return logging.LogRecord("aiokafka", level, "client.py", 1, text, args, None)


def test_one_line_of_a_kind_is_shown_in_a_minute_and_the_others_are_counted() -> None:
    now = [0.0]
    chatter = Chatter(clock=lambda: now[0])
    shown = [chatter.filter(said("no node %s", logging.ERROR, number)) for number in range(2400)]
    now[0] = 60.0
    later = said("no node %s", logging.ERROR, 7)
    assert shown == [True] + [False] * 2399
    assert chatter.filter(later) and later.getMessage() == "no node 7 (and 2399 lines like it)"


def test_another_kind_of_line_is_shown() -> None:
    chatter = Chatter(clock=lambda: 0.0)
    assert [chatter.filter(said(text)) for text in ("one", "two", "one")] == [True, True, False]


def test_what_is_no_warning_is_left_alone() -> None:
    chatter = Chatter(clock=lambda: 0.0)
    assert all(chatter.filter(said("joined", logging.INFO)) for _ in range(3))


def test_loggers_are_as_they_were_afterwards() -> None:
    logger = logging.getLogger("aiokafka.consumer.fetcher")
    before = list(logger.filters)
    with quieted(), quieted():
        assert len(logger.filters) == len(before) + 1
    assert logger.filters == before
