from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sllm_core.models.breaker import Breaker

FAILURES, PAUSE, LONGEST = 3, 1.0, 6.0


class Clock:
    """A clock that stands where it is put."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(FAILURES, PAUSE, LONGEST, clock)
    for _ in range(FAILURES):
        breaker.failed(breaker.admit() or 0, "down")
    return breaker


def test_failures_in_a_row_open_it_and_a_success_ends_the_row() -> None:
    breaker = Breaker(FAILURES, PAUSE, LONGEST, Clock())
    for ends in ("failed", "failed", "succeeded", "failed", "failed"):
        ticket = breaker.admit()
        assert ticket is not None
        breaker.succeeded(ticket) if ends == "succeeded" else breaker.failed(ticket, "down")
    assert breaker.state == "closed"
    breaker.failed(breaker.admit() or 0, "down again")
    assert (breaker.state, breaker.reason, breaker.admit()) == ("open", "down again", None)


def test_when_the_pause_is_over_one_call_goes_out_to_try() -> None:
    breaker = opened(clock := Clock())
    clock.now = PAUSE
    ticket = breaker.admit()
    assert (breaker.state, ticket is not None, breaker.admit()) == ("half-open", True, None)
    breaker.succeeded(ticket or 0)
    assert (breaker.state, breaker.reason, breaker.admit() is not None) == ("closed", "", True)


def test_each_pause_is_twice_the_one_before_up_to_the_longest() -> None:
    breaker, waits = opened(clock := Clock()), []
    for _ in range(5):
        waits.append(breaker.wait)
        clock.now += breaker.wait
        breaker.failed(breaker.admit() or 0, "down")
    assert waits == [1, 2, 4, LONGEST, LONGEST]


def test_a_try_that_tells_nothing_leaves_it_to_the_next() -> None:
    breaker = opened(clock := Clock())
    clock.now = PAUSE
    breaker.abandoned(breaker.admit() or 0)
    assert (breaker.state, breaker.admit() is not None) == ("half-open", True)


def test_calls_from_before_the_last_change_tell_nothing() -> None:
    breaker = Breaker(FAILURES, PAUSE, LONGEST, clock := Clock())
    late = breaker.admit() or 0
    for _ in range(FAILURES):
        breaker.failed(breaker.admit() or 0, "down")
    breaker.succeeded(late)
    breaker.failed(late, "late")
    assert (breaker.state, breaker.wait, breaker.reason) == ("open", PAUSE, "down")
    clock.now = PAUSE
    breaker.admit()
    breaker.abandoned(late)
    assert breaker.admit() is None


def test_a_server_that_refuses_all_is_tried_again_at_a_slow_pace() -> None:
    breaker = Breaker(FAILURES, PAUSE, LONGEST, clock := Clock())
    breaker.refused(breaker.admit() or 0, "no such model")
    assert (breaker.state, breaker.reason, breaker.wait) == ("refused", "no such model", LONGEST)
    clock.now = LONGEST
    breaker.refused(breaker.admit() or 0, "no such model")
    assert (breaker.state, breaker.wait) == ("refused", LONGEST)


class Machine(RuleBasedStateMachine):
    """Calls go out and end in any order while time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker(FAILURES, PAUSE, LONGEST, self.clock)
        self.out: list[tuple[int, str]] = []
        self.row = 0

    @rule(seconds=st.sampled_from([0.25, 1.0, 7.0]))
    def pass_time(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule()
    def admit(self) -> None:
        state, ticket = self.breaker.state, self.breaker.admit()
        if ticket is not None:
            assert state in ("closed", "half-open")
            assert state == "closed" or all(each != ticket for each, _ in self.out), "a second one to try"
            self.out.append((ticket, state))

    @precondition(lambda self: self.out)
    @rule(place=st.integers(0, 99), end=st.sampled_from(["succeeded", "failed", "abandoned", "refused"]))
    def end(self, place: int, end: str) -> None:
        before = self.breaker.state
        ticket, began = self.out.pop(place % len(self.out))
        counts = self.breaker.round == ticket
        told = (ticket,) if end in ("succeeded", "abandoned") else (ticket, "why")
        getattr(self.breaker, end)(*told)
        assert counts or self.breaker.state == before
        if counts and began == "half-open":
            after = {"succeeded": "closed", "failed": "open", "abandoned": "half-open", "refused": "refused"}
            assert self.breaker.state == after[end]

    @invariant()
    def is_sound(self) -> None:
        state, wait = self.breaker.state, self.breaker.wait
        assert (0 < wait <= LONGEST) == (state in ("open", "refused"))


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
