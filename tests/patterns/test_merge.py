from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from sllm_core.patterns.merge import Merge

FRUITS = ["apple", "banana", "cherry", "damson", "elder", "fig", "grape", "hazel", "iris", "juniper"]
PLACE = st.sampled_from(FRUITS)
LINES = st.lists(st.builds("took {} and {} by mail".format, PLACE, PLACE), max_size=60, unique=True)


def grouped(lines: Iterable[str]) -> dict[str, str]:
    merge = Merge()
    numbers = {line: merge.learn(line) for line in lines}
    return {line: merge.texts[merge.current(number)] for line, number in numbers.items()}


def test_ten_words_open_a_place() -> None:
    assert set(grouped(f"took {each} home" for each in FRUITS).values()) == {"took <*> home"}


def test_nine_words_do_not() -> None:
    assert len(set(grouped(f"took {each} home" for each in FRUITS[:9]).values())) == 9


def test_four_names_open_a_place() -> None:
    lines = [f"calling com.shop.{each}" for each in FRUITS[:4]]
    assert set(grouped(lines).values()) == {"calling <*>"}


def test_four_words_behind_an_announcing_word_open_a_place() -> None:
    assert set(grouped(f"greets user {each} today" for each in FRUITS[:4]).values()) == {"greets user <*> today"}


def test_words_that_decide_are_never_merged() -> None:
    lines = [f"service {each} now" for each in [*FRUITS, "started", "stopped", "실패했습니다"]]
    assert set(grouped(lines).values()) == {
        "service <*> now",
        "service started now",
        "service stopped now",
        "service 실패했습니다 now",
    }


def test_names_that_hold_a_decisive_word_give_way_with_others_but_not_for_themselves() -> None:
    compounds = [f"status of lib-{each}-dev" for each in ("error", "open", "lock", "retry", "read")]
    assert len(set(grouped(compounds).values())) == 5
    others = [f"status of lib-{each}" for each in FRUITS[:4]]
    assert set(grouped([*compounds, *others]).values()) == {"status of <*>"}


def test_one_name_joins_a_value() -> None:
    assert set(grouped(["task <*> began", "task com.shop began"]).values()) == {"task <*> began"}
    assert len(set(grouped(["took <*> home", "took apple home", "took fig home"]).values())) == 3


def test_names_that_come_twice_vary_together() -> None:
    lines = [f"index {each} created, shard of {each}" for each in FRUITS[:4]]
    assert set(grouped(lines).values()) == {"index <*> created, shard of <*>"}
    assert len(set(grouped(lines[:3]).values())) == 3


def test_something_to_hold_on_to_stays() -> None:
    assert len(set(grouped(f"{each} for lunch" for each in FRUITS).values())) == 10


def test_what_a_hundred_words_hold_is_a_value() -> None:
    names = ["".join(each) for each in product("bcdfg", repeat=3)][:100]
    assert set(grouped(f"{each} for lunch" for each in names).values()) == {"<*> for lunch"}
    assert len(set(grouped(f"{each} for lunch" for each in names[:99]).values())) == 99


def test_later_words_join_an_open_place() -> None:
    lines = [f"took {each} home" for each in [*FRUITS, "kiwi"]]
    assert grouped(lines)["took kiwi home"] == "took <*> home"


def test_two_places_open_one_after_the_other() -> None:
    lines = [f"took {one} and {two} by mail" for one in FRUITS for two in FRUITS]
    assert set(grouped(lines).values()) == {"took <*> and <*> by mail"}


@given(LINES, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_count(lines: list[str], shuffling: random.Random) -> None:
    cross = [f"took apple and {each} by mail" for each in FRUITS] + [f"took {each} and fig by mail" for each in FRUITS]
    lines = [*lines, *cross]
    assert grouped(shuffling.sample(lines * 2, 2 * len(lines))) == grouped(lines)


KINDS = st.sampled_from(["<*>", "apple", "fig", "com.shop", "com.bank", "lib-error-dev", "a.b", "done", "failed"])
MIXED = st.lists(st.builds("{} task {} of {}".format, KINDS, KINDS, KINDS), max_size=60, unique=True)


@given(MIXED, st.randoms(use_true_random=False))
def test_order_does_not_count_for_any_kind_of_word(lines: list[str], shuffling: random.Random) -> None:
    assert grouped(shuffling.sample(lines, len(lines))) == grouped(lines)


@given(LINES)
def test_earlier_results_lead_to_later_ones(lines: list[str]) -> None:
    merge = Merge()
    earlier = [(merge.learn(line), merge.current(merge.learn(line))) for line in lines]
    assert all(merge.current(result) == merge.current(number) for number, result in earlier)


def test_absorb_learns_nothing() -> None:
    merge = Merge()
    for each in FRUITS:
        merge.learn(f"took {each} home")
    count = len(merge.texts)
    found = merge.absorb("took kiwi home")
    assert found is not None and merge.texts[found] == "took <*> home"
    assert merge.absorb("took kiwi away") is None and len(merge.texts) == count


def test_many_open_places_cannot_multiply_without_bound() -> None:
    merge = Merge()
    for place in range(16):
        for each in FRUITS:
            words = ["apple"] * 16
            words[place] = each
            merge.learn("took " + " ".join(words) + " away")
    assert len(merge.texts) < 5_000
