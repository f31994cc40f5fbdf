"""The contest of headers, beside one in which each is tried on each line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from sllm_core.reading.contest import Contest
from sllm_core.reading.formats import headers
from sllm_core.reading.headers import fitting_rows
from sllm_core.reading.lines import split_lines, without
from sllm_core.reading.timestamps import Clock

CLOCK = Clock(UTC, datetime(2024, 12, 1, 12, tzinfo=UTC))
SAMPLES = Path(__file__).with_name("samples.txt").read_text(encoding="utf-8").removeprefix("== ").split("\n== ")


@pytest.mark.parametrize("sample", SAMPLES[::3], ids=[sample.partition("\n")[0] for sample in SAMPLES[::3]])
def test_winner_is_the_first_that_fits_most(sample: str) -> None:
    lines = split_lines(sample.partition("\n")[2].partition("\n--\n")[0].encode())
    rows = np.arange(len(lines))
    fitting = {each.name: set(fitting_rows(each, lines, rows, CLOCK).tolist()) for each in headers()}
    together = {
        each.name: fitting[each.name] and fitting[each.name] | fitting.get(each.lesser, set()) for each in headers()
    }
    best, covered = Contest(headers(), lines, rows, CLOCK).winner()
    first = max(together, key=lambda name: len(together[name]))
    assert covered.tolist() == sorted(together[first])
    assert best is None or best.name == first


@pytest.mark.parametrize(
    ("rows", "others", "left"), [([1, 3, 5], [3, 9], [1, 5]), ([], [1], []), ([2], [], [2]), ([4], [4], [])]
)
def test_rows_without_others(rows: list[int], others: list[int], left: list[int]) -> None:
    assert without(np.array(rows, np.intp), np.array(others, np.intp)).tolist() == left
