"""What answers cost: latency, calls, tokens and money for 10,000 lines."""

from __future__ import annotations

from dataclasses import dataclass

from sllm_core.evaluation.judge import Costs
from sllm_core.evaluation.results import CostFigures

LINES = 10_000


@dataclass(frozen=True)
class Prices:
    """The price of a million tokens of prompts and of answers, in any currency; None where it is not given."""

    prompt: float | None = None
    answer: float | None = None

    def of(self, prompt_tokens: float | None, answer_tokens: float | None) -> float | None:
        """What so many tokens cost; None where prices or tokens are not known."""
        if prompt_tokens is None or answer_tokens is None or (self.prompt is None and self.answer is None):
            return None
        return (prompt_tokens * (self.prompt or 0) + answer_tokens * (self.answer or 0)) / 1e6


NO_PRICES = Prices()


def cost_figures(costs: Costs, lines: float, elapsed: float, prices: Prices = NO_PRICES) -> CostFigures:
    """What the judging of so many lines cost; `elapsed` are the seconds that it took.

    Answers from the cache are taken to cost what the calls that were made cost on average. The seconds of what calls no
    model are those elapsed, of a model those that its server worked.
    """
    asked = costs.calls + costs.hits
    scale = LINES / lines
    calls = asked * scale
    if not asked:
        return CostFigures(0, 0, costs.failures, 0, 0, None, None, 0.0, elapsed * scale, None, None)
    of_call = [total / costs.calls if costs.calls else None for total in _totals(costs)]
    prompt, answer, seconds = (None if each is None else each * calls for each in of_call)
    return CostFigures(
        costs.calls, costs.hits, costs.failures, costs.prompt_tokens, costs.answer_tokens, costs.median, costs.slow,
        calls, seconds, prompt, answer, prices.of(prompt, answer),
    )  # fmt: skip


def _totals(costs: Costs) -> tuple[float, float, float]:
    return costs.prompt_tokens, costs.answer_tokens, costs.seconds
