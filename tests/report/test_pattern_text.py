from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len

from sllm_core.moments import microseconds
from sllm_core.report.grid import MINUTE, Grid
from sllm_core.report.listed import ListedPattern
from sllm_core.report.pattern_list import PatternList
from sllm_core.report.pattern_text import patterns_text
from sllm_core.report.selection import NO_LEVEL, ORDERS, Selection, ordered, searched

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def row(template: str, count: int = 10, problem: float = 0.1, level: str | None = "INFO") -> ListedPattern:
    times = {"first": START, "last": START + timedelta(minutes=count)}
    trend = tuple(count if slot % 7 else 0 for slot in range(60))
    return ListedPattern(
        count, template, f"{template} 1", count, 0.25, level, "neutral", problem, trend=trend, rise=-count, **times
    )


ROWS = (
    row(
        "결제 승인 실패: DB 연결 실패, 재시도 <*> (orderId=<*>), 담당자에게 알림을 보냈습니다", 1_234_567, 0.97, "ERROR"
    ),
    row("Order <*> accepted", 40),
    row("x" * 500, 7, level=None),
)
LIST = PatternList(
    ROWS, 3, 3, 999, "en", (START, START + timedelta(hours=1)), Grid(microseconds(START), MINUTE, 60), UTC
)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("columns", [40, 60, 80, 100, 130, 150, 200, 500])
def test_no_line_is_wider_than_the_terminal(columns: int, language: str) -> None:
    text = patterns_text(replace(LIST, language=language), columns, colour=False, examples=True)
    assert max(map(cell_len, text.splitlines())) <= min(columns, 200)


def test_korean_letters_leave_columns_where_they_are() -> None:
    """They take two cells each; here they stand in headings and sentiments."""
    lines = patterns_text(replace(LIST, language="ko"), 160, colour=False).splitlines()[1:]
    starts = ("패턴", "결제", "Order", "xxx")
    places = {cell_len(line[: line.index(start)]) for line, start in zip(lines, starts, strict=True)}
    assert len(places) == 1


def test_a_wide_terminal_has_one_line_for_each_pattern() -> None:
    assert len(patterns_text(LIST, 160, colour=False).splitlines()) == 2 + len(ROWS)


def test_a_narrow_one_has_the_template_below() -> None:
    lines = patterns_text(LIST, 60, colour=False).splitlines()
    assert "  Order <*> accepted" in lines
    assert "  x" + "x" * 57 in lines


def test_times_of_day_stand_alone_within_one_day() -> None:
    assert "2026-03-02 09:00 – 10:00" in (text := patterns_text(LIST, 160, colour=False))
    assert "09:40:00" in text
    longer = replace(LIST, span=(START, START + timedelta(days=3)))
    assert "03-02 09:40" in patterns_text(longer, 160, colour=False)


def test_plain_text_has_no_colours_and_ascii_no_blocks() -> None:
    text = patterns_text(LIST, 100, colour=False, ascii_only=True)
    assert "\x1b" not in text and "█" not in text and "@" in text
    assert "\x1b" in patterns_text(LIST, 100, colour=True)


def test_markup_in_a_template_is_text() -> None:
    text = patterns_text(replace(LIST, rows=(row("[red]a[/red] :smile:"),)), 100, colour=False)
    assert "[red]a[/red] :smile:" in text


def test_each_order_has_its_first() -> None:
    first = {order: ordered(ROWS, order)[0].count for order in ORDERS}
    assert first == {
        "count": 1_234_567,
        "first": 1_234_567,
        "last": 1_234_567,
        "problem": 1_234_567,
        "trend": 7,
        "template": 40,
    }
    assert ordered(ROWS, "count", reverse=True)[0].count == 7


@pytest.mark.parametrize(
    ("selection", "counts"),
    [
        (Selection(), [1_234_567, 40, 7]),
        (Selection(search=searched("ORDER")), [1_234_567, 40]),
        (Selection(search=searched("/^order/")), [40]),
        (Selection(search=searched("(orderId")), [1_234_567]),
        (Selection(search=searched("accepted 1")), [40]),
        (Selection(search=searched("accepted.1")), []),
        (Selection(levels=frozenset({NO_LEVEL, "ERROR"})), [1_234_567, 7]),
        (Selection(problem=0.5), [1_234_567]),
        (Selection(min_count=40), [1_234_567, 40]),
        (Selection(new_since=START + timedelta(seconds=1)), []),
    ],
)
def test_a_selection_admits_what_is_asked_for(selection: Selection, counts: list[int]) -> None:
    assert [each.count for each in ROWS if selection.admits(each)] == counts


def test_a_pattern_that_was_first_seen_on_another_day_has_its_date() -> None:
    older = replace(ROWS[1], first=START - timedelta(days=9))
    assert "02-21 09:00" in patterns_text(replace(LIST, rows=(older,)), 160, colour=False)
