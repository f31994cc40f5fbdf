"""Where humans say what verdicts should have been: checked, stored, and in force at once."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import numpy as np

from sllm_core.classifier import Verdicts
from sllm_core.findings import Finding
from sllm_core.learning.human import human_labels, labelled, reached
from sllm_core.learning.statement import LABELS, SUMMARY, TASKS, Feedback, FeedbackError, Via
from sllm_core.learning.telling import about_summary, check_summary
from sllm_core.moments import microseconds
from sllm_core.store import Store
from sllm_core.store.feedback import Seen

__all__ = ["LABELS", "NOTE", "Feedback", "FeedbackBox", "FeedbackError"]

NOTE = 2000
"""How many characters a note may have."""

NAME = 64
FINDING = re.compile(r"[0-9A-Za-z._:-]{1,128}")
_BROKEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class FeedbackBox:
    """Takes statements of humans.

    A label that somebody gives a pattern holds from then on, before what a model or the classifier says. A label given
    to a finding changes the finding, and the verdict on a pattern only where it is plain which one is meant: see
    `human.reached`. Of several statements of one person about the same thing the last holds, of several people's labels
    for one pattern the last as well; what was said before is kept.

    Args:
        changed: is called, in the thread of whoever gave it, when something new is stored.
    """

    def __init__(self, store: Store, verdicts: Verdicts, changed: Callable[[], None] = lambda: None) -> None:
        self._store, self._verdicts, self._changed = store, verdicts, changed

    def give(self, feedback: Feedback) -> Feedback:
        """Keep a statement; stored for good when it returns, with its id, what it corrects and the pattern it reaches.

        Raises:
            FeedbackError: it cannot be taken; the error names the field.
            StoreError: the store refused.
        """
        given = self._given(feedback)
        self._follow()
        return given

    def give_all(self, feedback: Iterable[Feedback]) -> int:
        """Keep many statements; how many they were.

        Raises: as `give` does, with those before the wrong one kept.
        """
        count = 0
        try:
            for each in feedback:
                self._given(each)
                count += 1
        finally:
            self._follow()
        return count

    def take_back(self, given: Feedback) -> None:
        """Let a statement about a pattern hold no more; what its giver said before of the pattern holds again.

        Raises:
            StoreError: the store refused; all is as it was.
        """
        self._store.feedback.take_back(given.id, microseconds(datetime.now(UTC)))
        self._follow()

    def about(self, finding: str) -> list[Feedback]:
        """What was said of a finding and holds, newest first."""
        return self._store.feedback.about(finding)

    def recent(self, limit: int = 100) -> list[Feedback]:
        """What was said last, newest first."""
        return self._store.feedback.page(None, limit)[0]

    def page(self, before: int | None, limit: int) -> tuple[list[Feedback], int | None]:
        """Statements, newest first, and before which the next page begins; None at the end."""
        return self._store.feedback.page(before, limit)

    def checked(self, feedback: Feedback) -> Feedback:
        """The statement as it would be stored: what it corrects, and which pattern it reaches.

        Raises:
            FeedbackError: it cannot be taken.
        """
        return self._complete(feedback)[0]

    def _given(self, feedback: Feedback) -> Feedback:
        complete, finding = self._complete(feedback)
        changed = None
        if finding is not None and complete.pattern is None and complete.meant is not None:
            changed = labelled(finding, complete.meant, complete.by)
        return self._store.feedback.give(complete, secrets.token_hex(8), self._seen(complete, finding), changed)

    def _follow(self) -> None:
        self._verdicts.label(human_labels(self._store))
        self._changed()

    def _complete(self, feedback: Feedback) -> tuple[Feedback, Finding | None]:
        check_form(feedback)
        finding = None if feedback.finding is None else self._finding(feedback.finding)
        if feedback.pattern is not None:
            feedback = self._about_pattern(feedback, feedback.pattern, finding)
        elif finding is not None:
            feedback = _about_finding(feedback, finding)
        if feedback.right and feedback.label not in (None, feedback.was):
            raise FeedbackError("label", f"it says that {feedback.was} is right and gives another label; leave one out")
        if feedback.pattern is None and finding is not None:
            return replace(feedback, reaches=reached(feedback, finding)), finding
        return replace(feedback, reaches=feedback.pattern if feedback.meant else None), finding

    def _about_pattern(self, feedback: Feedback, pattern: int, finding: Finding | None) -> Feedback:
        self._text(pattern)
        now = int(self._store.patterns.resolve(np.array([pattern], np.uint64))[0])
        if finding is not None and now not in finding.patterns:
            raise FeedbackError("pattern", "the finding does not have it; leave the finding out or name one of its own")
        judged = self._verdicts.judge(np.array([now], np.uint64), [None])
        labels = judged.sentiment_labels if feedback.task == "sentiment" else judged.severity_labels
        return replace(feedback, pattern=now, was=str(labels[0]))

    def _seen(self, feedback: Feedback, finding: Finding | None) -> Seen:
        if feedback.reaches is None:
            return Seen()
        text = self._text(feedback.reaches)
        if finding is None:
            return Seen(text, next((row.source for row in self._store.patterns.lineage([feedback.reaches])), ""))
        return Seen(text, finding.source, _level(finding, feedback.reaches))

    def _finding(self, id: str) -> Finding:
        found = self._store.revisions.finding(id) if FINDING.fullmatch(id) else None
        if found is None:
            raise FeedbackError("finding", "there is no finding of this id, or none any more", missing=True)
        return found[1]

    def _text(self, pattern: int) -> str:
        with suppress(KeyError, OverflowError):
            return self._store.patterns.template(pattern)
        raise FeedbackError("pattern", "there is no pattern of this id, or none any more", missing=True)


def check_form(feedback: Feedback) -> None:
    """See that a statement says something, by somebody, about something.

    Raises:
        FeedbackError: it does not.
    """
    if feedback.via not in get_args(Via):
        raise FeedbackError("via", f"expected one of {', '.join(get_args(Via))}")
    if not 0 < len(feedback.by) <= NAME or _BROKEN.search(feedback.by):
        raise FeedbackError("by", f"expected a name of 1 to {NAME} characters")
    for name in ("note", "text"):
        if len(getattr(feedback, name)) > NOTE or _BROKEN.search(getattr(feedback, name)):
            raise FeedbackError(name, f"expected at most {NOTE:,} characters, without control characters")
    if feedback.task not in TASKS:
        raise FeedbackError("task", f"expected one of {', '.join(TASKS)}")
    if feedback.task == SUMMARY:
        check_summary(feedback)
    else:
        _check_verdict(feedback)


def _check_verdict(feedback: Feedback) -> None:
    if feedback.text:
        raise FeedbackError("text", f"of {feedback.task} a label says what it should have been, not a text")
    if feedback.label is not None and feedback.label not in LABELS[feedback.task]:
        raise FeedbackError("label", f"of {feedback.task} the labels are {', '.join(LABELS[feedback.task])}")
    if feedback.right is None and feedback.label is None:
        raise FeedbackError("label", "say whether the verdict is right, or give the label that it should have been")
    if feedback.finding is None and feedback.pattern is None:
        raise FeedbackError("finding", "name the finding or the pattern that it is about")


def _about_finding(feedback: Feedback, finding: Finding) -> Feedback:
    if feedback.task == SUMMARY:
        return about_summary(feedback, finding)
    labels = LABELS[feedback.task]
    if finding.label not in labels:
        raise FeedbackError("task", f"the finding says {finding.label!r}, which is no label of {feedback.task}")
    return replace(feedback, was=finding.label)


def _level(finding: Finding, pattern: int) -> str | None:
    """The level at which the finding had the pattern, where it tells."""
    listed = finding.facts.get("patterns")
    for each in listed if isinstance(listed, list | tuple) else ():
        if isinstance(each, dict) and each.get("id") == f"{pattern:016x}":
            return each["level"] if isinstance(each.get("level"), str) else None
    return None
