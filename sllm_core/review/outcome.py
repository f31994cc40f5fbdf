"""How a language model's second look went."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """What the model did in a run, and what it could not do.

    `model` names its weights, "" where it was never reached; `judged` patterns have its verdict, `unanswered` it was
    asked about in vain, `waiting` it was not asked about yet. `told` findings are in its words, `untold` it told
    wrongly. `revised` counts findings that its verdicts changed. `calls`, `cached`, `prompt_tokens`, `answer_tokens`
    and `seconds` are what it cost. `problem` says why it was not used, or not to the end; "" if all went well.
    `judging`: its verdicts count, since it has stood its trial.
    """

    model: str = ""
    judged: int = 0
    unanswered: int = 0
    waiting: int = 0
    told: int = 0
    untold: int = 0
    revised: int = 0
    calls: int = 0
    cached: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    seconds: float = 0.0
    problem: str = ""
    judging: bool = False
