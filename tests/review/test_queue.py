from __future__ import annotations

import asyncio

from sllm_core.classifier import Classifier, Verdicts
from sllm_core.classifier.human_labels import HumanLabel, Question
from sllm_core.findings import Finding
from sllm_core.models.verdict import ModelVerdict
from sllm_core.review.queue import Queue
from sllm_core.store import Store
from sllm_core.testing import batch

SAID: tuple[tuple[Question, str], ...] = (("sentiment", "neutral"), ("severity", "normal"))


def queued(*worded: str, verdicts: Verdicts | None = None, store: Store | None = None) -> Queue:
    store = store or Store()
    queue = Queue(store, verdicts or Verdicts(Classifier.load, store.patterns), 8, 8, worded)
    queue.judging = True
    return queue


def labelled(*questions: Question) -> Verdicts:
    """Verdicts where somebody has answered these questions about pattern 1."""
    verdicts = Verdicts(Classifier.load, Store().patterns)
    verdicts.label(HumanLabel(1, question, label, "kim") for question, label in SAID if question in questions)
    return verdicts


def judged() -> Queue:
    """A queue whose patterns 1 and 9 were judged, and are in all findings."""
    queue = queued()
    queue.finish([ModelVerdict(each, "neutral", "normal") for each in (1, 9)])
    queue.dirty.clear()
    return queue


def test_words_are_asked_for_once_the_finding_is_stored() -> None:
    queue = queued("summary")
    queue.closed([], [Finding(id="ab", analyzer="summary", label="warning", source="test")])
    assert not queue.has_next()
    assert queue.stored([], mark=0)
    assert queue.has_next()


def test_what_was_judged_while_a_window_was_analysed_is_looked_at_again() -> None:
    queue = judged()
    queue.closed([], [])
    assert queue.stored(batch("a line").closes, mark=0)
    assert queue.dirty == {1}


def test_what_was_judged_before_is_in_the_findings_already() -> None:
    queue = judged()
    queue.closed([], [])
    assert not queue.stored(batch("a line").closes, mark=2)
    assert queue.dirty == set()


def test_what_was_judged_while_its_waiting_was_being_stored_waits_no_more() -> None:
    queue = queued(store=(store := Store()))
    lines = batch("a line")
    asyncio.run(queue.note(lines))
    pending = queue.closed(lines.closes, [])
    queue.finish([ModelVerdict(1, "neutral", "normal")])
    store.add_pending(pending)
    queue.stored(lines.closes, mark=0)
    assert len(store.pending("judge")) == len(pending) == 1
    assert queue.forgets
    queue.forget()
    assert (store.pending("judge"), queue.forgets) == ([], False)


def test_what_was_asked_in_vain_changes_no_finding() -> None:
    queue = judged()
    queue.finish([ModelVerdict(3)])
    assert (queue.dirty, queue.judged) == (set(), [1, 9])


def test_a_pattern_of_which_humans_said_all_is_not_asked_about() -> None:
    queue = queued(verdicts=labelled("sentiment", "severity"))
    assert not asyncio.run(queue.note(batch("a line")))
    assert not queue.lacks(batch("a line")) and not queue.has_next()


def test_a_pattern_of_which_humans_left_something_to_say_is_asked_about() -> None:
    queue = queued(verdicts=labelled("severity"))
    assert asyncio.run(queue.note(batch("a line")))
    assert queue.lacks(batch("a line")) and queue.has_next()


def test_a_pattern_that_humans_label_while_it_waits_waits_no_more() -> None:
    verdicts = labelled()
    queue = queued(verdicts=verdicts)
    asyncio.run(queue.note(batch("a line")))
    verdicts.label(HumanLabel(1, question, label, "kim") for question, label in SAID)
    asyncio.run(queue.weigh())
    assert (queue.patterns, queue.has_next(), queue.next()) == (0, False, None)


def test_a_label_that_is_taken_back_lets_the_model_be_asked_again() -> None:
    verdicts = labelled("sentiment", "severity")
    queue = queued(verdicts=verdicts)
    asyncio.run(queue.note(batch("a line")))
    verdicts.label([])
    assert asyncio.run(queue.note(batch("a line")))
