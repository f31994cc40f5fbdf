from __future__ import annotations

from sllm_core.web.analysis import kept
from sllm_core.web.analysis.kept import KeptAnswers
from sllm_core.web.analysis.question import Question


def asking(payload: bytes) -> Question:
    return Question(payload, ("sentiment",), "en", 1.0)


A = asking(b"a")


class World:
    """What answers depend on."""

    time = 0.0
    state = 1

    def answers(self) -> KeptAnswers:
        return KeptAnswers(lambda: self.state, clock=lambda: self.time)


def holding(world: World) -> KeptAnswers:
    answers = world.answers()
    assert answers.find(A) is None
    answers.keep(A, b"1", answers.now())
    return answers


def test_an_answer_is_given_again() -> None:
    assert holding(World()).find(A) == b"1"


def test_a_new_verdict_ends_it() -> None:
    world = World()
    answers = holding(world)
    world.state = 2
    assert answers.find(A) is None


def test_the_minute_ends_it() -> None:
    world = World()
    answers = holding(world)
    world.time = 60
    assert answers.find(A) is None


def test_what_changed_while_it_was_made_is_not_kept() -> None:
    world = World()
    answers = world.answers()
    answers.find(A)
    since = answers.now()
    world.state = 2
    answers.keep(A, b"1", since)
    assert answers.find(A) is None


def test_there_are_never_too_many() -> None:
    answers = holding(World())
    for number in range(kept.ANSWERS):
        answers.keep(asking(b"%d" % number), b"1", answers.now())
    assert answers.find(A) is None
    assert answers.find(asking(b"1")) == b"1"


def test_they_are_never_too_large() -> None:
    answers = holding(World())
    answers.keep(asking(b"b"), bytes(kept.SIZE - 1), answers.now())
    assert answers.find(A) is None


def test_what_was_asked_counts_as_well() -> None:
    answers = holding(World())
    answers.keep(asking(bytes(kept.SIZE)), b"1", answers.now())
    assert answers.find(A) is None
