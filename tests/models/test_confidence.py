from __future__ import annotations

import json
from collections import defaultdict
from itertools import pairwise
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.models import Token, label_probabilities
from sllm_core.models.spans import string_spans

SENTIMENTS = ("positive", "neutral", "negative")


def token(text: str, **others: float) -> Token:
    """A token with the probability `p`, and others by their texts."""
    share = others.pop("p", 1.0)
    alternatives = {text: share, **others}
    return Token(text, log(share), tuple((each, log(odds)) for each, odds in alternatives.items()))


def odds(*tokens: Token, labels: tuple[str, ...] = SENTIMENTS, name: str = "s") -> list[float] | None:
    text = "".join(each.text for each in tokens)
    found = label_probabilities(text, tokens, name, labels)
    return None if found is None else [round(each, 4) for each in found]


def test_labels_of_one_token_share_what_they_have() -> None:
    written = token("positive", p=0.6, neutral=0.1, negative=0.1, other=0.2)
    assert odds(token('{"s": "'), written, token('"}')) == [0.75, 0.125, 0.125]


def test_a_token_may_begin_before_the_label_and_end_behind_it() -> None:
    written = token(' "positive"}', p=0.6, **{' "neutral"}': 0.1, '"negative"': 0.1, ' "posit': 0.1, ' "other"}': 0.1})
    assert odds(token('{"s":'), written) == [0.7778, 0.1111, 0.1111]


def test_labels_with_one_beginning_part_where_they_differ() -> None:
    first = token("ne", p=0.5, positive=0.5)
    second = token("gative", p=0.8, utral=0.2, ver=0.5)
    assert odds(token('{"s": "'), first, second, token('"}')) == [0.5, 0.1, 0.4]


def test_other_ways_to_begin_the_same_labels_count_as_what_was_written() -> None:
    first = token("ne", p=0.5, n=0.1, positive=0.4)
    second = token("gative", p=0.8, utral=0.2)
    assert odds(token('{"s": "'), first, second, token('"}')) == [0.4, 0.12, 0.48]


def test_what_leads_to_several_labels_is_divided_among_them() -> None:
    written = token("positive", p=0.5, ne=0.3, neutral=0.1, negative=0.05)
    assert odds(token('{"s": "'), written, token('"}')) == [0.5263, 0.3158, 0.1579]


def test_a_label_that_begins_another_ends_with_the_quotation_mark() -> None:
    tokens = (token('{"s": "'), token("warn"), token('"}', p=0.75, ing=0.25))
    assert odds(*tokens, labels=("warn", "warning")) == [0.75, 0.25]


def test_a_label_that_no_token_leads_to_is_no_likelier_than_the_least_likely_of_them() -> None:
    written = token("positive", p=0.8, the=0.1, a=0.1)
    assert odds(token('{"s": "'), written, token('"}')) == [0.8, 0.1, 0.1]
    forced = token("positive", p=0.001, the=0.5, a=0.4)
    assert odds(token('{"s": "'), forced, token('"}')) == [0.3333, 0.3333, 0.3333]


def test_a_label_that_was_forced_is_not_the_likeliest() -> None:
    written = token("neutral", p=0.1, negative=0.7)
    assert odds(token('{"s": "'), written, token('"}')) == [0.1111, 0.1111, 0.7778]


def test_bytes_that_are_no_characters_may_stand_before_the_label() -> None:
    tokens = [Token(each, 0.0) for each in ('{"t": "', "\ufffd", "\ufffd", "\ufffd", '", "s": "')]
    tokens += [token("neutral", p=0.5, positive=0.25, negative=0.25), token('"}')]
    found = label_probabilities('{"t": "한", "s": "neutral"}', tokens, "s", SENTIMENTS)
    assert found == pytest.approx((0.25, 0.5, 0.25))


def test_items_of_a_list_have_their_own() -> None:
    tokens = [token('{"s": ["'), token("neutral"), token('", "'), token("neutral", p=0.5, negative=0.3, positive=0.2)]
    tokens.append(token('"]}'))
    text = "".join(each.text for each in tokens)
    assert label_probabilities(text, tokens, "s", SENTIMENTS, 1) == pytest.approx((0.2, 0.5, 0.3))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ('{"s": "neutral"}', None),
        ('{"s": "neutral"}', []),
        ('{"s": "neutral"}', [Token('{"s": "', 0.0), Token("neutral", -0.5), Token('"}', 0.0)]),
        ('{"s": "neutral"}', [Token('{"s": "negative"}', 0.0, (('{"s": "neutral"}', -1.0),))]),
        ('{"s": "other"}', [Token('{"s": "other"}', 0.0, (('{"s": "neutral"}', -1.0),))]),
        ('{"t": "neutral"}', [Token('{"t": "neutral"}', 0.0, (('{"s": "neutral"}', -1.0),))]),
        ('{"s": true}', [Token('{"s": true}', 0.0, (('{"s": false}', -1.0),))]),
    ],
)
def test_it_may_not_be_known(text: str, tokens: list[Token] | None) -> None:
    assert label_probabilities(text, tokens, "s", SENTIMENTS) is None


def pieces(text: str, cuts: list[int]) -> list[str]:
    places = [0, *sorted({each % len(text) for each in cuts} - {0}), len(text)]
    return [text[begin:end] for begin, end in pairwise(places)]


@given(
    st.lists(st.text("ab", min_size=1, max_size=4), min_size=2, max_size=4, unique=True),
    st.integers(0, 3),
    st.lists(st.integers(0, 99), max_size=8),
    st.lists(st.lists(st.tuples(st.text('ab" x', max_size=4), st.floats(-20, 0)), min_size=1, max_size=4), min_size=12),
    st.floats(-20, 0),
)
def test_they_sum_to_one(
    labels: list[str], which: int, cuts: list[int], others: list[list[tuple[str, float]]], logprob: float
) -> None:
    text = json.dumps({"before": "x", "s": labels[which % len(labels)]})
    parts = zip(pieces(text, cuts), others, strict=False)
    tokens = [Token(part, logprob, tuple(alternatives)) for part, alternatives in parts]
    found = label_probabilities("".join(each.text for each in tokens), tokens, "s", labels)
    assert found is None or (sum(found) == pytest.approx(1) and min(found) >= 0 and len(found) == len(labels))


WORDS = ("normal", "warning", "critical", "warn")


@given(st.lists(st.integers(0, 9), max_size=5), st.lists(st.floats(0.01, 1), min_size=4, max_size=4))
def test_where_every_way_to_write_is_told_it_is_that_of_the_writer(cuts: list[int], weights: list[float]) -> None:
    """A writer that cuts all labels in the same places takes the likeliest; its tokens give the odds of that away."""
    share = {each: weight / sum(weights) for each, weight in zip(WORDS, weights, strict=True)}
    written, tokens, place = max(WORDS, key=lambda each: share[each]) + '"', [Token('{"s": "', 0.0)], 0
    for end in sorted({place for place in cuts if 0 < place < len(written)} | {len(written)}):
        mass: defaultdict[str, float] = defaultdict(float)
        for word in WORDS:
            if f'{word}"'.startswith(written[:place]):
                mass[f'{word}"'[place:end]] += share[word]
        total = sum(mass.values())
        likely = tuple((text, log(each / total)) for text, each in mass.items())
        tokens.append(Token(written[place:end], dict(likely)[written[place:end]], likely))
        place = end
    tokens.append(Token("}", 0.0))
    text = "".join(each.text for each in tokens)
    found = label_probabilities(text, tokens, "s", WORDS)
    assert found is not None and max(found) == pytest.approx(share[written[:-1]])


VALUES = st.text() | st.integers() | st.booleans() | st.lists(st.text())


@given(st.dictionaries(st.text(max_size=3), VALUES, max_size=4))
def test_strings_are_found_where_they_stand(values: dict[str, object]) -> None:
    text = json.dumps(values, ensure_ascii=False)
    found = {name: json.loads(f'"{text[slice(*span)]}"') for name, span in string_spans(text).items()}
    single = {(name, None): value for name, value in values.items() if isinstance(value, str)}
    listed = {(n, i): each for n, items in values.items() if isinstance(items, list) for i, each in enumerate(items)}
    assert found == single | listed
