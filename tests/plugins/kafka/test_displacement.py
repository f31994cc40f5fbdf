from __future__ import annotations

from types import SimpleNamespace

import pytest

from sllm_plugins.kafka.displacement import TIMES, Displacement


@pytest.mark.parametrize(("generation", "apart", "twin"), [(-1, 10.0, True), (-1, 30.0, False), (7, 10.0, False)])
def test_who_is_put_out_of_the_group_again_and_again_has_a_twin(generation: int, apart: float, twin: bool) -> None:
    times = [apart * each for each in range(TIMES)]
    consumer = SimpleNamespace(_coordinator=SimpleNamespace(generation=generation))
    displacement = Displacement(consumer, within=60, clock=iter(times).__next__)
    told = []
    for _ in range(TIMES):
        displacement.joined()
        told.append(displacement.left())
    assert told == [False] * (TIMES - 1) + [twin]


def test_who_was_not_in_the_group_yet_is_not_put_out() -> None:
    displacement = Displacement(SimpleNamespace(_coordinator=SimpleNamespace(generation=-1)), within=60)
    assert not any(displacement.left() for _ in range(2 * TIMES))
