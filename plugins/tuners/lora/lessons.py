"""The lessons of an order as tokens: those that can be learnt from, and which begin alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sllm_core.plugin import PluginError

from .encoding import check_control, special_of
from .packing import EncodedRow, packs, schedule

if TYPE_CHECKING:
    from .config import LoraConfig
    from .encoding import Encoder
    from .orders import Lesson, TrainingOrder

HELD = 128
"""Of so many rows at most that were held back the loss is measured: it takes a third of the time of learning them."""


class NothingToLearn(PluginError):
    """No row can be learnt from; the message says why."""

    exit_code = 1


@dataclass(frozen=True)
class Lessons:
    """What is learnt, which of it begins alike (a number for each row), what is held back, and how many rows are not
    learnt from since they are too long or say nothing."""

    rows: tuple[EncodedRow, ...]
    groups: tuple[int, ...]
    held: tuple[EncodedRow, ...]
    left: int

    def steps(self, config: LoraConfig, seed: int) -> list[list[int]]:
        """Which rows each step learns from."""
        return schedule(self.groups, config.batch, config.epochs, config.least_steps, seed)

    def largest(self, longest: int) -> int:
        """Tokens of the largest sequence that a step works on."""
        every = [*packs(self.rows, longest), *packs(self.held, longest)]
        return max(len(each.ids) for each in every)


def encode_lessons(encoder: Encoder, order: TrainingOrder, longest: int) -> Lessons:
    """All rows that fit into `longest` tokens.

    Raises:
        NothingToLearn: none does.
        EncodingError: they are not what the server makes of the same questions.
    """
    rows = [encoder.encode(each) for each in order.lessons]
    _check(encoder, order.lessons, rows)
    taken = [number for number, row in enumerate(rows) if len(row.ids) <= longest and row.weight]
    if not taken:
        shortest = min((len(each.ids) for each in rows), default=0)
        what = f"{len(rows)} rows are there to learn from, the shortest of {shortest} tokens"
        raise NothingToLearn(f"{what}, none of up to {longest}: raise [plugins.lora] longest or label more patterns")
    held = [row for row in map(encoder.encode, order.held[:HELD]) if len(row.ids) <= longest and row.weight]
    kinds = {each: number for number, each in enumerate(dict.fromkeys(lesson.system for lesson in order.lessons))}
    groups = tuple(kinds[order.lessons[number].system] for number in taken)
    return Lessons(tuple(rows[each] for each in taken), groups, tuple(held), len(rows) - len(taken))


def _check(encoder: Encoder, lessons: Sequence[Lesson], rows: Sequence[EncodedRow]) -> None:
    if rows:
        check_control([encoder.prompt(each) for each in lessons[:1]], rows, special_of(encoder.tokenizer))
