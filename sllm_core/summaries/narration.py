"""Summaries that a language model words: the question with the facts of a window, and what an answer must keep to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sllm_core.prompts.answers import text_mistake
from sllm_core.prompts.template import load_template
from sllm_core.safety import plain_text
from sllm_core.summaries.facts import Facts
from sllm_core.summaries.language import span
from sllm_core.summaries.narrated import figures, names

if TYPE_CHECKING:
    from sllm_core.models.language_model import Prompt
    from sllm_core.safety import Preparation

LONGEST, LONGEST_KOREAN = 900, 500
"""How many characters a summary may have."""

LINE = 120
"""How many characters of a name or a message are shown."""


@dataclass(frozen=True)
class Narration:
    """What a model is asked to tell of the facts (see `facts`) from `start` to `end`, and what it said.

    The facts may be those of one window or merged ones. `language` is ko or, with anything else, English.
    """

    facts: Facts
    language: str
    start: datetime
    end: datetime

    def question(self, prepare: Preparation) -> Prompt | None:
        """The question; None where nothing was logged.

        Figures are written as people shall read them, for the model to copy; whatever comes from the log stands in the
        data section.
        """
        if not self.facts.get("records"):
            return None
        session = prepare.session()
        told = [self._when, *figures(self.facts, self.language)]
        named = [f"{label}: {session.line(name, LINE)}" for label, name in names(self.facts, self.language)]
        return load_template("sllm_core", "narrate", self.language).prompt(
            self._schema, figures="\n".join(told), names=session.section(named)
        )

    def mistake(self, values: Mapping[str, Any]) -> str | None:
        """What is wrong with an answer that obeys the schema; None: nothing."""
        return text_mistake(values["summary"], self.facts, self.language, self._longest, self.known, self._hosts)

    @property
    def known(self) -> list[str]:
        """What was shown besides the facts: the time, and names as they are titled."""
        return [self._when, *(name for _, name in names(self.facts, self.language))]

    def text(self, values: Mapping[str, Any]) -> str:
        """The summary as plain text."""
        return plain_text(values["summary"], self._longest, self._hosts)

    @property
    def _when(self) -> str:
        return span(self.start, self.end, self.language)

    @property
    def _hosts(self) -> frozenset[str]:
        """The names of services, which may be those of hosts."""
        return frozenset(each["name"].lower() for each in self.facts["services"] if each["name"])

    @property
    def _longest(self) -> int:
        return LONGEST_KOREAN if self.language == "ko" else LONGEST

    @property
    def _schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {"summary": {"type": "string", "maxLength": self._longest}},
            "required": ["summary"],
            "additionalProperties": False,
        }
