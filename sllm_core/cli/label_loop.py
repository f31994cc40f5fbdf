"""Labels given in the terminal: one pattern after the other, one key each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sllm_core.cli.keys_pressed import END
from sllm_core.learning.statement import LABELS, Feedback

if TYPE_CHECKING:
    from rich.console import Console

    from sllm_core.cli.keys_pressed import Keys
    from sllm_core.cli.label_words import LabelWords
    from sllm_core.learning.feedback import FeedbackBox
    from sllm_core.learning.next_to_label import Subject

QUIT = ("q", END, "\x03")
HELP = ("?", "h")


@dataclass
class LabelLoop:
    """Asks about subjects until there are no more, or the user has had enough.

    Args:
        examples: a few messages of a subject, safe to show.
        by: who answers.
    """

    console: Console
    keys: Keys
    box: FeedbackBox
    words: LabelWords
    task: str
    by: str
    examples: Callable[[Subject], Sequence[str]]
    answers: list[Feedback | None] = field(default_factory=list)
    note: str = ""

    def run(self, subjects: Sequence[Subject]) -> None:
        """Ask; what was answered is stored, whenever this ends.

        Raises:
            StoreError: the store refused; what was given before is kept.
        """
        while len(self.answers) < len(subjects):
            subject = subjects[len(self.answers)]
            self._show(subject, len(subjects))
            if not self._answered(subject):
                return

    @property
    def given(self) -> int:
        """How many labels were given and not taken back."""
        return sum(each is not None for each in self.answers)

    def _answered(self, subject: Subject) -> bool:
        """Whether to go on: the subject has its label, was skipped, or one was taken back."""
        while (key := self.keys.key()) not in QUIT:
            if key in "123":
                self._label(subject, LABELS[self.task][int(key) - 1])
                return True
            if key == "s":
                self.answers.append(None)
                return True
            if key == "u" and self.answers:
                self._undo()
                return True
            self._other(key)
        return False

    def _other(self, key: str) -> None:
        """What leaves the question open."""
        if key == "n":
            self.console.print(self.words.ask_note, end="", style="bold")
            self.note = self.keys.line().strip()[:2000]
            self.console.print(f"{self.note}\n{self.words.noted}" if self.note else "", markup=False, style="dim")
        elif key in HELP:
            self.console.print(self.words.about, style="dim", markup=False, highlight=False)
        elif key == "u":
            self.console.print(self.words.nothing_to_undo, style="dim")
        elif key.isprintable() and not key.isspace():
            self.console.print(self.words.unknown.format(key), style="dim", markup=False, highlight=False)

    def _label(self, subject: Subject, label: str) -> None:
        said = Feedback(
            at=datetime.now(UTC),
            by=self.by,
            via="command",
            task=self.task,
            pattern=subject.pattern,
            label=label,
            note=self.note,
        )
        self.answers.append(self.box.give(said))
        self.note = ""

    def _undo(self) -> None:
        given = self.answers.pop()
        if given is None:
            self.console.print(self.words.unskipped, style="dim")
            return
        self.box.take_back(given)
        shown = self.words.labels.get(given.label or "", given.label)
        self.console.print(self.words.undone.format(shown), style="dim")

    def _show(self, subject: Subject, total: int) -> None:
        from sllm_core.cli.label_card import card

        skipped = len(self.answers) - self.given
        place = self.words.place.format(len(self.answers) + 1, total)
        head = f"{place}  ·  {self.words.given.format(self.given, skipped)}"
        self.console.print(card(subject, self.task, head, self.examples(subject), self.words, self.console.width))
