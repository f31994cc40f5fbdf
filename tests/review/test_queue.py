from __future__ import annotations

from sllm_core.findings import Finding
from sllm_core.models.verdict import ModelVerdict
from sllm_core.review.queue import Queue
from sllm_core.store import Store
from sllm_core.testing import batch


def judged() -> Queue:
    """A queue whose patterns 1 and 9 were judged, and are in all findings."""
    queue = Queue(Store(), 8, 8, ())
    queue.finish([ModelVerdict(each, "neutral", "normal") for each in (1, 9)])
    queue.dirty.clear()
    return queue


def test_words_are_asked_for_once_the_finding_is_stored() -> None:
    queue = Queue(Store(), 8, 8, {"summary"})
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


def test_what_was_asked_in_vain_changes_no_finding() -> None:
    queue = judged()
    queue.finish([ModelVerdict(3)])
    assert (queue.dirty, queue.judged) == (set(), [1, 9])
