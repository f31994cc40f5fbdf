from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.patterns import PatternRow, PatternTable
from sllm_core.patterns.ids import MASK_VERSION, pattern_id

NAMES = [f"com.shop.{each}" for each in ["cart", "order", "stock", "price", "mail", "media"]]
WORD = st.sampled_from([*NAMES[:3], "7", "null", "apple", "failed", "order-failed", "job-failed", "x-ok"])
MESSAGE = st.one_of(
    st.builds("{} {} for {} in 3 ms".format, st.sampled_from(["calling", "leaving"]), *[st.sampled_from(NAMES)] * 2),
    st.builds("user {} {}={} {}".format, WORD, st.sampled_from(["key", "state"]), WORD, WORD),
)
STEP: st.SearchStrategy[tuple[str, bool, list[str]]] = st.one_of(
    st.tuples(st.just("read"), st.booleans(), st.lists(MESSAGE, max_size=15)),
    st.tuples(st.sampled_from(["save", "kill", "send"]), st.booleans(), st.just([])),
)


class Replica:
    """A table, what was stored of it, and which ids it gave to which messages."""

    def __init__(self) -> None:
        self.table = PatternTable()
        self.stored: list[PatternRow] = []
        self.given: list[tuple[str, int]] = []

    def read(self, messages: Sequence[str]) -> None:
        ids = self.table.assign("app", pa.array(messages, pa.string())).tolist()
        self.given += zip(messages, ids, strict=True)

    def save(self) -> None:
        self.stored = self.table.rows()

    def kill(self) -> None:
        self.table = PatternTable()
        self.table.restore(self.stored)


def settled(table: PatternTable, messages: Sequence[str]) -> list[int]:
    resolved: list[int] = table.resolve(table.assign("app", pa.array(messages, pa.string()))).tolist()
    return resolved


def resolved(table: PatternTable, *ids: int) -> list[int]:
    now: list[int] = table.resolve(np.array(ids, np.uint64)).tolist()
    return now


def fresh(messages: Sequence[str]) -> list[int]:
    table = PatternTable()
    settled(table, messages)
    return settled(table, messages)


def todays(table: PatternTable, *ids: int) -> list[str]:
    return [table.template(each) for each in resolved(table, *ids)]


@given(st.lists(STEP, max_size=12))
def test_every_id_ever_given_leads_to_that_of_a_fresh_table(steps: list[tuple[str, bool, list[str]]]) -> None:
    replicas = (Replica(), Replica())
    for action, which, messages in steps:
        one, other = replicas[which], replicas[not which]
        if action == "read":
            one.read(messages)
        elif action == "send":
            other.table.restore(one.table.rows())
        else:
            getattr(one, action)()
    ever = [pair for each in replicas for pair in each.given]
    messages = [message for message, _ in ever]
    for each in replicas:
        each.read(messages)
        assert settled(each.table, messages) == fresh(messages)
        assert resolved(each.table, *(pattern for _, pattern in ever)) == fresh(messages)


@given(st.lists(MESSAGE, max_size=40), st.sampled_from(["key", "mask"]))
def test_ids_of_another_key_or_mask_lead_to_those_of_a_fresh_table(messages: list[str], what: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        old = Replica()
        old.read(messages)
        rows = old.table.rows()
        if what == "mask":
            patch.setattr("sllm_core.patterns.ids.MASK_VERSION", "next")
        table = PatternTable(key=b"secret" if what == "key" else b"")
        table.restore(rows)
        expected = PatternTable(key=b"secret" if what == "key" else b"")
        settled(expected, messages)
        assert resolved(table, *(pattern for _, pattern in old.given)) == settled(expected, messages)


def test_a_pattern_of_an_older_mask_is_masked_anew_from_its_example() -> None:
    table = PatternTable()
    table.restore([PatternRow(5, "app", "job <*> <*>", "job 7 failed", mask="0")])
    assert todays(table, 5) == ["job <*> failed"]
    assert table.template(5) == "job <*> <*>"


def test_without_a_whole_example_the_template_is_masked() -> None:
    table = PatternTable()
    rows = [PatternRow(5, "app", "flag true", "", mask="0"), PatternRow(6, "app", "flag no", "x" * 1000, mask="0")]
    table.restore(rows)
    assert todays(table, 5, 6) == ["flag <*>", "flag no"]


def test_a_merged_pattern_stays_merged_when_few_of_its_members_are_left() -> None:
    table = PatternTable()
    table.restore(
        [
            PatternRow(5, "app", "calling <*> now", "calling com.shop.cart now", mask="0"),
            PatternRow(6, "app", "calling com.shop.cart now", "calling com.shop.cart now", alias_of=5, mask="0"),
        ]
    )
    assert todays(table, 5, 6) == ["calling <*> now"] * 2
    assert todays(table, settled(table, ["calling com.shop.gift now"])[0]) == ["calling <*> now"]


def test_what_comes_together_no_more_keeps_its_own_pattern() -> None:
    table = PatternTable()
    words = {6: "job started", 7: "job stopped"}
    members = [PatternRow(each, "app", text, text, alias_of=5, mask="0") for each, text in words.items()]
    table.restore([PatternRow(5, "app", "job <*>", "job started", mask="0"), *members])
    assert todays(table, 5, 6, 7) == ["job <*>", "job started", "job stopped"]


def test_several_upgrades_lead_to_today() -> None:
    table = PatternTable()
    first = PatternRow(5, "app", "flag true", "", alias_of=6, mask="00")
    table.restore([first, PatternRow(6, "app", "flag <*>", "flag true", mask="0")])
    assert todays(table, 5, 6) == ["flag <*>"] * 2
    restarted = PatternTable()
    restarted.restore(table.rows())
    assert restarted.changes() == [] and restarted.rows() == table.rows()


def test_aliases_in_a_circle_do_no_harm() -> None:
    table = PatternTable()
    circle = [PatternRow(n, "app", f"flag {n}", f"flag {n}", alias_of=11 - n, mask="0") for n in (5, 6)]
    table.restore(circle)
    assert todays(table, 5, 6) == ["flag <*>"] * 2


def test_what_a_full_source_could_not_place_follows_a_new_key() -> None:
    table, other = PatternTable(limit=1), PatternTable(limit=1, key=b"secret")
    (_, early) = table.assign("app", pa.array(["up", "left"])).tolist()
    other.restore(table.rows())
    (late,) = other.assign("app", pa.array(["far"])).tolist()
    assert resolved(other, early) == [late] and late != early
    assert late == other.other("app")


def test_no_message_has_the_id_of_what_a_full_source_could_not_place() -> None:
    table = PatternTable()
    (pattern,) = table.assign("app", pa.array(["(other messages of app)"])).tolist()
    assert pattern == pattern_id("(other messages of app)") != table.other("app")


def test_one_source_that_floods_takes_no_room_from_others() -> None:
    table = PatternTable(limit=100)
    table.assign("flood", pa.array([f"{one} went {other}" for one, other in _pairs(1_000)]))
    calm = table.assign("calm", pa.array([f"{one} is {other}" for one, other in _pairs(100)]))
    assert table.overflowed("flood") == 900 and table.overflowed("calm") == 0
    assert len(set(calm.tolist())) == 100 == table.taken("calm") == table.taken("flood")


def test_names_without_end_take_no_room_from_patterns_that_are_new() -> None:
    table = PatternTable(limit=10)
    for name in _words(100):
        table.assign("app", pa.array([f"user shop.{name} came"]))
    assert (table.overflowed("app"), table.taken("app")) == (0, 1)
    assert len(table.rows()) == 11
    assert todays(table, *settled(table, ["job done", "user shop.new came"])) == ["job done", "user <*> came"]
    restarted = PatternTable(limit=10)
    restarted.restore(table.rows())
    assert restarted.taken("app") == table.taken("app") == 2


def test_one_source_that_floods_keeps_no_other_from_merging() -> None:
    table = PatternTable()
    many = [["go", *NAMES[:1] * 11] for _ in range(12 * 5)]
    for number, words in enumerate(many):
        words[1 + number // 5 % 11] = NAMES[1 + number % 5]
    table.assign("flood", pa.array([f"{word} - {' - '.join(words)}" for word in "abc" for words in many]))
    calm = [f"calling {each} now" for each in NAMES]
    assert todays(table, *settled(table, calm)) == ["calling <*> now"] * len(calm)


def test_rows_that_could_not_be_stored_are_changes_again() -> None:
    table = PatternTable()
    settled(table, ["up", "left"])
    rows = table.changes()
    assert table.changes() == []
    table.take_back(rows)
    assert table.changes() == rows


def test_rows_say_which_version_of_the_mask_made_them(monkeypatch: pytest.MonkeyPatch) -> None:
    table = PatternTable()
    settled(table, ["up"])
    rows = table.rows()
    monkeypatch.setattr("sllm_core.patterns.ids.MASK_VERSION", "next")
    upgraded = PatternTable()
    upgraded.restore(rows)
    (now,) = resolved(upgraded, rows[0].id)
    assert (upgraded.mask(rows[0].id), upgraded.mask(now)) == (MASK_VERSION, "next")
    assert {row.mask: row.alias_of is None for row in upgraded.rows()} == {"next": True, MASK_VERSION: False}
    assert replace(upgraded.rows()[1], alias_of=None) == rows[0]


def _words(count: int) -> list[str]:
    """Words without digits, all different."""
    return ["".join("abcdefghij"[int(digit)] for digit in f"{number:05d}") for number in range(count)]


def _pairs(count: int) -> zip[tuple[str, str]]:
    """Words of which no two pairs share one, so that nothing merges."""
    return zip(_words(count), reversed(_words(count)), strict=True)
