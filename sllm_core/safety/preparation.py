"""Lines of logs made ready for a prompt: private values hidden, control tokens broken, cut to a length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from sllm_core.safety.cutting import cut, cut_ends
from sllm_core.safety.invisible import visible
from sllm_core.safety.neutral import neutralise
from sllm_core.safety.section import DataSection
from sllm_core.safety.templates import shown_template

HEAD, TAIL = 16_384, 8_192
"""How many characters of the beginning and of the end of a text are looked at, where it has more than both."""


class Redacts(Protocol):
    """Puts placeholders such as `<email:1>` in place of private values."""

    def redact(self, text: str) -> str: ...


class Redactor(Redacts, Protocol):
    """Opens sessions, within one of which a placeholder stands for the same value throughout."""

    def session(self) -> Redacts: ...


@dataclass(frozen=True)
class Preparation:
    """Makes text of others ready for prompts.

    `special` are the control tokens of the model's vocabulary, `key` is that of the section of data: random bytes, at
    least 16, which stay the same from run to run where answers are cached.
    """

    redactor: Redactor
    special: tuple[str, ...]
    key: bytes

    def session(self) -> Preparation:
        """The same with placeholders that are consistent from call to call: one for each prompt."""
        return replace(self, redactor=_Opened(self.redactor.session()))

    def line(self, text: str, limit: int = 400) -> str:
        """The text in one line of at most `limit` characters, redacted and neutralised.

        What is invisible goes first, so that it hides no private value from the redactor, which sees the line breaks;
        of a template also what could be half of one (see `shown_template`).
        Of a text of more than 24,576 characters only the beginning and the end are looked at.

        Raises:
            ValueError: `limit` is less than 60, and the text is longer.
        """
        text = shown_template(visible(text))
        if len(text) <= HEAD + TAIL:
            return cut(self._safe(text), limit)
        head, tail = _to_last_blank(text[:HEAD]), _from_first_blank(text[-TAIL:])
        before, after = self._safe(head), self._safe(tail)
        return cut_ends(before, after, len(text) + len(before) - len(head) + len(after) - len(tail), limit)

    def section(self, lines: Sequence[str]) -> str:
        """The lines, which `line` has made ready or which hold such text, as the marked section of a prompt."""
        return self._section.enclose([neutralise(line, self.special) for line in lines])

    def _safe(self, text: str) -> str:
        return neutralise(self.redactor.redact(text), self.special)

    @cached_property
    def _section(self) -> DataSection:
        return DataSection(self.key)


@dataclass(frozen=True)
class _Opened:
    """A session of a redactor in its place: its sessions are that one."""

    opened: Redacts

    def redact(self, text: str) -> str:
        return self.opened.redact(text)

    def session(self) -> Redacts:
        return self.opened


def _to_last_blank(text: str) -> str:
    """Without its last word, which may be half of a private value."""
    end = max(text.rfind(" "), text.rfind("\n"))
    return text[:end] if end > 0 else text


def _from_first_blank(text: str) -> str:
    start = min((place for place in (text.find(" "), text.find("\n")) if place >= 0), default=0)
    return text[start:]
