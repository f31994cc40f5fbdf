"""Whether a server answers as the training left the adapter: the same questions to both, token by token."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sllm_core.models.adaptable import Adaptable
from sllm_core.models.language_model import Completion, LanguageModel, ModelRefused, ModelUnavailable, Prompt
from sllm_core.models.spans import string_spans
from sllm_core.plugin import PluginError

from .config import LoraConfig
from .process import environment
from .scoring import Heard, Scores, ScoringOrder, read_scores, write_scoring

Floats = NDArray[np.float64]

CLOSE = 0.005
"""The gap, as natural log-probabilities, that rounding may cause with any base: twice what it was measured to cause
with a tiny one. A mistake in two of seven matrices makes a tenth of what the adapter changes."""
TIMES, SHARE, MOST = 3.0, 0.05, 1.0
"""How many times the gap of the base itself, what share of the adapter's own effect, and how much at most."""
SCORING = "sllm_plugins.tuners.lora.scoring"
TOLD = 1000
"""How many characters of what a failed scoring said are told."""


class ParityError(PluginError):
    """The server does not answer as the adapter was trained, or it cannot be seen whether it does."""

    exit_code = 1


@dataclass(frozen=True)
class Answer:
    """An answer of a server: the tokens at which values begin, and the log-probabilities of the likeliest there."""

    heard: Heard
    likely: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Parity:
    """How far apart server and training are, as root mean squares of differences of natural log-probabilities.

    `gap` is that of the tuned model and `base_gap` that of the base alone, `effect` how much the adapter changes in
    the training; `others` counts the places, of so many, where the two would go on with different tokens although one
    is clearly likelier.
    """

    gap: float
    base_gap: float
    effect: float
    places: int
    others: int

    @property
    def bound(self) -> float:
        """How large the gap may be."""
        return min(MOST, max(CLOSE, TIMES * self.base_gap, SHARE * self.effect))

    @property
    def holds(self) -> bool:
        """Whether the server answers as the adapter was trained."""
        return self.gap <= self.bound and not self.others

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        rounded = {name: round(value, 6) for name, value in asdict(self).items()}
        return {**rounded, "bound": round(self.bound, 6), "holds": self.holds}


@dataclass(frozen=True)
class Sides:
    """What is compared: the adapter as it was trained on a base, each by its path, and how the base is loaded."""

    adapter: Path
    base: Path
    about: Mapping[str, Any]
    numbers: str = "float32"


async def check_parity(
    config: LoraConfig, base: Adaptable, tuned: LanguageModel, sides: Sides, prompts: Sequence[Prompt], work: Path
) -> Parity:
    """Ask the base first and then the tuned model, and compare with the training.

    Raises:
        ParityError: the server does not answer as the adapter was trained, or gives no log-probabilities.
        ModelUnavailable: the server went away.
    """
    texts = [await base.rendered(each) for each in prompts]
    before = [await asked(base, each, text) for each, text in zip(prompts, texts, strict=True)]
    after = [await asked(tuned, each, text) for each, text in zip(prompts, texts, strict=True)]
    scores = await scored(config, sides, [each.heard for each in (*before, *after)], work)
    parity = compared(before, after, scores)
    if not parity.holds:
        raise ParityError(
            f"the server answers otherwise than the adapter was trained: a gap of {parity.gap:.3g} where "
            f"{parity.bound:.3g} is allowed, other tokens at {parity.others} of {parity.places} places; is the base "
            "that it serves the one that was trained on, and does it apply adapters? Nothing was promoted"
        )
    return parity


def compared(before: Sequence[Answer], after: Sequence[Answer], scores: Scores) -> Parity:
    """How far apart they are; `scores` has first those of the base's answers, then those of the tuned model's.

    Raises:
        ParityError: there is no place at which they could be compared.
    """
    count = len(before)
    served_base, served = _flat([each.likely for each in before]), _flat([each.likely for each in after])
    trained_base, trained = _flat(scores.base[:count]), _flat(scores.tuned[count:])
    plain = _flat(scores.base[count:])
    if not min(np.isfinite(trained).sum(), np.isfinite(trained_base).sum()):
        raise ParityError("none of the tokens that the server names is in the vocabulary of the base")
    draft = Parity(_distance(served, trained), _distance(served_base, trained_base), _distance(trained, plain), 0, 0)
    firsts = [
        (np.array(told), np.array(own))
        for answer, found in zip(after, scores.tuned[count:], strict=True)
        for told, own in zip(answer.likely, found, strict=True)
    ]
    others = sum(_differs(told, own, 2 * draft.bound) for told, own in firsts)
    return Parity(draft.gap, draft.base_gap, draft.effect, len(firsts), others)


def heard(text: str, completion: Completion) -> Answer:
    """An answer as it is compared: at the first token of each value.

    Raises:
        ParityError: the server gives no log-probabilities.
    """
    tokens = completion.tokens or ()
    if not any(each.alternatives for each in tokens):
        raise ParityError("the server gives no log-probabilities: it cannot be seen whether it serves what was trained")
    ends = np.cumsum([len(each.text) for each in tokens])
    spans = string_spans("".join(each.text for each in tokens)).values()
    places = sorted({int(np.searchsorted(ends, begin, "right")) for begin, _ in spans if begin < ends[-1]})
    named = [dict(tokens[each].alternatives) for each in places]
    answer = tuple(each.text for each in tokens)
    return Answer(
        Heard(text, answer, tuple(places), tuple(map(tuple, named))), tuple(tuple(each.values()) for each in named)
    )


async def asked(model: LanguageModel, prompt: Prompt, text: str) -> Answer:
    """What a server answers to a prompt, which it makes this text of.

    Raises:
        ParityError: it does not, or gives no log-probabilities.
    """
    try:
        return heard(text, await model.complete(prompt))
    except ModelRefused as error:
        raise ParityError(f"the server refuses a question that rows were made of: {error}") from error
    except ModelUnavailable as error:
        raise ParityError(f"the server went away while its answers were compared: {error}; try again") from error


async def scored(config: LoraConfig, sides: Sides, answers: Sequence[Heard], work: Path) -> Scores:
    """What the training says of the answers, from a process of its own.

    Raises:
        ParityError: it failed.
    """
    gpu = config.devices == "auto"
    order = ScoringOrder(
        *(str(sides.base), str(sides.adapter), sides.numbers, gpu, max(1, config.threads), sides.about, tuple(answers))
    )
    await asyncio.to_thread(write_scoring, order, work)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", SCORING, str(work)),
        env=environment(config.model_copy(update={"threads": order.threads, "processes": 1})),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        said = b"" if process.stderr is None else await process.stderr.read()
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code != 0:
        why = said.decode(errors="replace")[-TOLD:].strip() or f"it ended with status {code}"
        raise ParityError(f"the adapter cannot be compared with what is served: {why}")
    try:
        return await asyncio.to_thread(read_scores, work)
    except (OSError, ValueError, TypeError) as error:
        raise ParityError(f"the adapter cannot be compared with what is served: {error}") from error


def _flat(rows: Sequence[Sequence[Sequence[float]]]) -> Floats:
    return np.array([number for answer in rows for place in answer for number in place], np.float64)


def _distance(one: Floats, other: Floats) -> float:
    """The root mean square of what is known of both."""
    gaps = (one - other)[np.isfinite(one) & np.isfinite(other)]
    return float(np.sqrt(np.mean(gaps**2))) if len(gaps) else float("inf")


def _differs(told: Floats, own: Floats, margin: float) -> bool:
    """Whether the training would go on with another token than the server, by more than a margin."""
    if not np.isfinite(own).any():
        return False
    first, other = int(np.nanargmax(np.where(np.isfinite(own), told, np.nan))), int(np.nanargmax(own))
    return first != other and min(told[first] - told[other], own[other] - own[first]) > margin
