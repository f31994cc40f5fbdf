"""Formats that are remembered, and when others are looked for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sllm_core.reading import known_formats
from sllm_core.reading.detection import detect
from sllm_core.reading.formats import Header
from sllm_core.reading.headers import ABSENT
from sllm_core.reading.known_formats import FEW, KnownFormats
from sllm_core.reading.lines import Lines, split_lines
from sllm_core.reading.timestamps import Clock

CLOCK = Clock(UTC, datetime(2024, 6, 1, tzinfo=UTC))
LOG4J = b"2024-05-01 12:00:00,123 INFO [main] com.acme.Shop - sold\n"
SYSLOG = b"May  1 12:00:00 web app[1]: up\n"


def known(formats: KnownFormats, text: bytes) -> list[bool]:
    found: list[bool] = (formats.match(split_lines(text), CLOCK).kinds != ABSENT).tolist()
    return found


def test_formats_are_found_at_once_and_kept() -> None:
    formats = KnownFormats()
    assert known(formats, LOG4J) == [True]
    assert known(formats, SYSLOG + LOG4J) == [True, True]
    assert {"log4j-thread@iso", "syslog@syslog"} <= set(formats.names)


def test_what_one_line_taught_gives_way_to_what_many_teach() -> None:
    formats = KnownFormats()
    known(formats, b"2024-05-01 12:00:00,123 starting\n")
    assert formats.names[0].startswith("learnt")
    for _ in range(2 * FEW):
        known(formats, LOG4J)
    assert formats.names[0] == "log4j-thread@iso"


def test_lines_without_format_are_looked_at_ever_more_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counting(lines: Lines, clock: Clock) -> tuple[tuple[Header, ...], bool]:
        asked.append(len(lines))
        return detect(lines, clock)

    monkeypatch.setattr(known_formats, "detect", counting)
    formats = KnownFormats()
    for number in range(64):
        known(formats, b"hello world %d\n" % number)
    assert asked == [1, 2, 4, 8, 16, 32, 64]


def test_rare_lines_with_times_are_not_lost_among_others() -> None:
    formats = KnownFormats()
    known(formats, b"hello world\n" * 1000)
    assert known(formats, b"hello world\n" * 99 + LOG4J)[-1]


def test_only_so_many_formats_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_formats, "_MOST", 1)
    formats = KnownFormats()
    known(formats, LOG4J)
    assert known(formats, SYSLOG) == [False]
