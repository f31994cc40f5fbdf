from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sllm_core.patterns.outline import REACH, Outline, anchor, kind, places

WORDS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=2, max_size=6)


def outline(text: str) -> Outline:
    return Outline(text, kind, places)


def test_words_are_of_five_kinds() -> None:
    words = ["<*>", "--", "failed", "-failed-", "실패했습니다", "lib-error-dev", "half-open", "com.shop", "apple"]
    assert "".join(map(kind, words)) == "vvdddccnw"


def test_words_names_and_compounds_may_become_values() -> None:
    assert places("vdcnw") == (((2,), (3,), (4,)), ((0,),))


def test_first_word_or_compound_is_the_anchor() -> None:
    assert [anchor(kinds) for kinds in ("nwvw", "ncwc", "nwcc")] == [1, 1, 1]


def test_first_name_is_the_anchor_where_no_word_is() -> None:
    assert anchor("vnn") == 1


def test_decisive_word_needs_no_anchor() -> None:
    assert anchor("wdn") == -1


def test_places_lie_within_reach() -> None:
    assert places("w" * (REACH + 5)) == (tuple((number,) for number in range(REACH)), ())


@given(WORDS, WORDS)
def test_contexts_are_equal_where_all_else_is(one: list[str], other: list[str]) -> None:
    for place, at in [(0, 0), (1, 1), (0, 1)]:
        same = place == at and [*one[:place], *one[place + 1 :]] == [*other[:at], *other[at + 1 :]]
        assert (outline(" ".join(one)).context((place,)) == outline(" ".join(other)).context((at,))) == same


def test_words_out_of_reach_belong_to_the_context() -> None:
    ends = [outline(f"took {each} {'far ' * REACH}{end}") for each, end in [("a", "x"), ("b", "x"), ("a", "y")]]
    assert ends[0].context((1,)) == ends[1].context((1,)) != ends[2].context((1,))


def test_general_text_draws_values_together() -> None:
    assert outline("hosts <*>, apple, <*> up").generalise((2,)) == "hosts <*> up"
    assert outline('user="bob" left').generalise((1,)) == 'user="<*>" left'


def test_names_are_known_by_what_stands_before_them() -> None:
    whole = outline('took user bob x=carl y:"dora" com.shop apple')
    assert [place for place in whole.places if whole.kind(place) == "n"] == [(2,), (4,), (6,), (7,)]


def test_asking_for_one_context_leaves_the_others_as_they_were() -> None:
    one = outline("calling com.shop.cart for com.shop.mail")
    asked = tuple(one.context(place) for place in one.places for _ in range(2))
    assert asked[::2] == asked[1::2] == one.contexts


def test_a_word_that_comes_twice_is_one_place_more() -> None:
    whole = outline("index orders created for orders and carts")
    assert whole.places[-1] == (1, 4) and whole.kind((1, 4)) == "n"
    assert whole.generalise((1, 4)) == "index <*> created for <*> and carts"
    assert whole.contexts[-1] == outline("index users created for users and carts").context((1, 4))


def test_places_move_where_values_are_drawn_together() -> None:
    whole = outline("hosts <*>, apple, <*> up of apple and fig")
    there = outline(whole.generalise((2,)))
    assert whole.moved((2, 6), (2,), there) == (4,) and whole.moved((8,), (2,), there) == (6,)
    assert whole.moved((2,), (2, 6), outline(whole.generalise((2, 6)))) == ()
