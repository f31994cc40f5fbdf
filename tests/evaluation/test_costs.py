from __future__ import annotations

import pytest

from sllm_core.evaluation.costs import Prices, cost_figures
from sllm_core.evaluation.judge import Costs


def test_what_ten_thousand_lines_would_cost_without_a_cache() -> None:
    asked = Costs(10, 10, 4000, 200, 5.0, 0.5, 0.9)
    found = cost_figures(asked, 1000, 99.0, Prices(2.0, 10.0))
    assert (found.calls_per_10k, found.seconds_per_10k, found.p50, found.p95) == (200, 100, 0.5, 0.9)
    assert (found.prompt_tokens_per_10k, found.answer_tokens_per_10k) == (80_000, 4000)
    assert found.money_per_10k == pytest.approx(0.16 + 0.04)


def test_when_all_came_from_the_cache_only_the_calls_are_known() -> None:
    found = cost_figures(Costs(hits=5), 1000, 1.0, Prices(1.0))
    assert (found.calls_per_10k, found.seconds_per_10k, found.money_per_10k) == (50, None, None)


def test_what_calls_no_model_costs_time() -> None:
    found = cost_figures(Costs(), 100, 0.5, Prices(1.0, 1.0))
    assert (found.calls_per_10k, found.seconds_per_10k, found.money_per_10k) == (0, 50, None)
