"""What tuners learn from and are measured on: labelled texts, in parts that never mix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

Part = Literal["train", "dev", "test", "golden", "recent"]
PARTS: tuple[Part, ...] = ("train", "dev", "test", "golden", "recent")

ENDS: tuple[tuple[Part, int], ...] = (("train", 60), ("dev", 70), ("test", 85), ("golden", 100))
"""Below which of a hundred places a pattern is in which part."""

Origin = Literal["human", "agreement"]


@dataclass(frozen=True)
class Example:
    """A labelled text: `task` is sentiment or anomaly, `text` redacted and neutralised, `key` a hash of the pattern.

    `origin` is human, or agreement of labellers that know nothing of one another; `by` names them. `level` is that at
    which it was logged, None where that is not known; `count` is how many statements say so. `template` and `shown` are
    what a language model is shown of the pattern: its template and messages, made ready as `text` is; "" and none where
    the text is all that there is.

    Of the task summary, `label` is what should have been told and `window` what it is told of: JSON values `facts`,
    `language`, `start` and `end`; `key` is a hash of the finding.
    """

    task: str
    key: str
    text: str
    label: str
    part: Part
    origin: Origin = "human"
    by: tuple[str, ...] = ()
    source: str = ""
    level: str | None = None
    count: int = 1
    template: str = ""
    shown: tuple[str, ...] = ()
    window: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return {**vars(self), "by": list(self.by), "shown": list(self.shown), "window": dict(self.window)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The example that `to_json` wrote, in this version or an earlier one.

        Raises:
            KeyError, TypeError: `data` is none.
        """
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        listed = {name: tuple(known.get(name, ())) for name in ("by", "shown")}
        return cls(**{**known, **listed})


@dataclass(frozen=True)
class Quarantined:
    """Labels that nothing is learnt from, and why: flip, volume, reversal, cap, or figures (of a summary)."""

    reason: str
    task: str
    key: str
    detail: str
    count: int = 1


@dataclass(frozen=True)
class Dataset:
    """Examples, what was left out, and the digest of the former: 16 hexadecimal digits.

    `replay` is what was known before, for models that would forget it: of part train, and none of the examples.
    """

    examples: tuple[Example, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    digest: str = ""
    manifest: Mapping[str, Any] = field(default_factory=dict)
    replay: tuple[Example, ...] = ()

    def of(self, task: str, *parts: Part) -> tuple[Example, ...]:
        """The examples of a task, in some parts or in all."""
        return tuple(each for each in self.examples if each.task == task and (not parts or each.part in parts))

    def of_parts(self, *parts: Part) -> tuple[Example, ...]:
        """The examples of some parts, of all tasks."""
        return tuple(each for each in self.examples if each.part in parts)


def part_at(place: int) -> Part:
    """The part at one of a hundred places."""
    return next(part for part, end in ENDS if place < end)
