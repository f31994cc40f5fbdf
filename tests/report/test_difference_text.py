from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest
from rich.cells import cell_len

from sllm_core.report.difference_text import differences_text
from sllm_core.report.differences import PIECES, Compared, Difference, Differences

HOUR = 3_600_000_000
FLAT, RISING = (2,) * PIECES, tuple(range(PIECES))
NEW = Difference(
    1, "new", 0, 190, inf, 12.5, inf, 12.5, 1e-12, 1e-10, "ERROR", "negative", 0.97,
    "DB 연결 실패, 재시도 <*>", "DB 연결 실패, 재시도 1", (0,) * PIECES, RISING,
)  # fmt: skip
SURGING = replace(NEW, kind="surging", a=40, b=190, ratio=4.75, low=3.1, high=7.4, q=0.0004, trend_a=FLAT)
FADING = replace(NEW, kind="fading", a=190, b=2, ratio=0.011, low=0.002, high=0.05, q=0.0051)
FOUND = Differences(
    Compared("a.log", 1_000, (0, HOUR)), Compared("b.log", 1_100, (HOUR, 2 * HOUR)), "share", 0.01,
    (NEW, SURGING, FADING), 5, 8, 7,
)  # fmt: skip


def text(found: Differences = FOUND, columns: int = 120, limit: int | None = None, language: str = "en") -> str:
    return differences_text(found, found.rows, columns, colour=False, limit=limit, language=language, examples=True)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("columns", [40, 60, 80, 120, 160, 200])
def test_no_line_is_wider_than_the_terminal(columns: int, language: str) -> None:
    assert max(map(cell_len, text(columns=columns, language=language).splitlines())) <= columns


def test_ratios_have_their_bounds() -> None:
    assert all(each in text() for each in ("≥ 12×", "4.8× (3.1–7.4)", "0.011× (0.002–0.05)"))


def test_chances_are_short() -> None:
    assert all(f"  {each}  " in text() for each in ("<1e-9", "4e-4", "0.005"))


def test_trends_of_both_sides_have_one_scale() -> None:
    line = next(line for line in text().splitlines() if "4.8×" in line)
    before, after = line.split("|")
    assert before.endswith("▁" * 10)
    assert "█" in after


def test_sides_without_times_have_no_trends() -> None:
    found = replace(FOUND, a=replace(FOUND.a, span=None), rows=[replace(NEW, trend_a=())])
    assert "Trend" not in text(found)


def test_more_than_the_limit_are_counted() -> None:
    assert "1 more" in text(replace(FOUND, rows=[NEW, NEW, SURGING]), limit=1)


def test_logs_without_a_common_pattern_are_doubted() -> None:
    assert "same system" in text(replace(FOUND, common=0))
