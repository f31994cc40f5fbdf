from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core import testing
from sllm_core.patterns import PatternTable
from sllm_core.plugin import PluginError
from sllm_core.records import COUNTS, Window
from sllm_core.store import Commit, Store
from sllm_core.store.document import read_document, write_document

NAMES = [f"com.shop.{each}" for each in ["cart", "order", "stock", "price", "mail"]]
MESSAGES = st.lists(st.builds("{} {} now".format, st.sampled_from(["calling", "left"]), st.sampled_from(NAMES)))
HOUR = timedelta(hours=1)


def store_of(messages: Iterable[str], hour: int = 0) -> Store:
    """A store of one window with these messages."""
    store = Store()
    ids = store.patterns.assign("app", pa.array(list(messages), pa.string()))
    values = {"slot": ids * 0, "pattern": ids, "count": ids * 0 + 1}
    arrays = [
        pa.array(values[each.name]).cast(each.type) if each.name in values else pa.nulls(len(ids), each.type)
        for each in COUNTS
    ]
    start = testing.START + hour * HOUR
    store.commit(Commit("run", "app", "shard", (Window(start, start + HOUR, counts=pa.table(arrays, schema=COUNTS)),)))
    return store


def document(store: Store, examples: bool = True) -> bytes:
    return write_document(store.known(), examples)


def joined(*documents: bytes, key: bytes = b"") -> Store:
    """A store that took in the documents one after the other."""
    store = Store(patterns=PatternTable(key=key))
    for each in documents:
        store.take_in(read_document(each, "test"))
    return store


def patterns(text: bytes) -> list[dict[str, object]]:
    entries: list[dict[str, object]] = json.loads(text)["patterns"]
    return sorted(entries, key=lambda entry: str(entry["id"]))


def first_seen(store: Store, messages: Iterable[str]) -> list[object]:
    ids = store.patterns.assign("app", pa.array(list(messages), pa.string()))
    times: list[object] = store.shards.first_seen("app", "shard", ids).tolist()
    return times


@given(MESSAGES)
def test_what_was_exported_is_all_there_after_the_import(messages: list[str]) -> None:
    one = store_of(messages)
    other = joined(document(one))
    assert patterns(document(other)) == patterns(document(one))
    ids = np.array([row.id for row in one.patterns.rows()], np.uint64)
    assert other.patterns.resolve(ids).tolist() == one.patterns.resolve(ids).tolist()
    assert first_seen(other, messages) == first_seen(one, messages)


@given(MESSAGES, MESSAGES)
def test_two_imports_give_the_union_in_either_order(some: list[str], others: list[str]) -> None:
    one, other = document(store_of(some, hour=1)), document(store_of(others))
    joint = joined(one, other)
    assert (
        patterns(document(joint))
        == patterns(document(joined(other, one)))
        == patterns(document(joined(one, other, one)))
    )
    settled = PatternTable()
    settled.assign("app", pa.array([*some, *others], pa.string()))
    assert {row.template for row in joint.patterns.rows()} == {row.template for row in settled.rows()}


def test_the_earlier_first_the_later_last_and_the_higher_count_are_kept() -> None:
    one, other = document(store_of(["up", "up"], hour=3)), document(store_of(["up"]))
    (entry,) = patterns(document(joined(one, other)))
    assert entry["seen"] == [
        {"source": "app", "first": "2026-01-01T00:00:00Z", "last": "2026-01-01T04:00:00Z", "count": 2}
    ]


def test_patterns_of_another_key_lead_to_those_of_this_one() -> None:
    one = store_of(["calling 1", "left 2"])
    other = joined(document(one), key=b"secret")
    ids = np.array([row.id for row in one.patterns.rows()], np.uint64)
    now = other.patterns.resolve(ids)
    assert set(now.tolist()).isdisjoint(ids.tolist())
    assert [other.patterns.template(int(each)) for each in now] == [one.patterns.template(int(each)) for each in ids]
    assert first_seen(other, ["calling 3"]) == first_seen(one, ["calling 3"])


def test_examples_may_be_left_out() -> None:
    text = document(store_of(["login of user 7 with password hunter2"]), examples=False)
    assert b"hunter2" in document(store_of(["password hunter2"])) and b"example" not in text
    assert [row.example for row in joined(text).patterns.rows()] == [""]


def test_an_example_is_taken_over_where_there_is_none() -> None:
    one = store_of(["read 1 file"])
    joint = joined(document(one, examples=False), document(one))
    assert [row.example for row in joint.patterns.rows()] == ["read 1 file"]


def entry(**changes: object) -> dict[str, object]:
    return {"id": "0" * 16, "source": "app", "template": "up", "mask": "1", **changes}


def text(*entries: Mapping[str, object], **header: object) -> bytes:
    return json.dumps({"format": "sllm patterns", "version": 1, "patterns": entries, **header}).encode()


SEEN = {"source": "app", "first": "2026-01-02T00:00:00Z", "last": "2026-01-01T00:00:00Z", "count": 1}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (b"{", "x.json: no JSON"),
        (b"[]", "x.json: not written by `sllm state export`"),
        (text(version=2), r"x.json: written by a newer sllm \(version 2\); upgrade sllm"),
        (text(entry(), entry(id="7")), r"x.json: patterns\[1\].id: String should match pattern"),
        (text(entry(seen=[SEEN])), r"x.json: patterns\[0\].seen\[0\]: last is before first"),
        (text(entry(count=1)), r"x.json: patterns\[0\].count: Extra inputs are not permitted"),
        (text(entry(), entry()), r"x.json: patterns\[1\].id: 0{16} stands in patterns\[0\] already"),
        (text(entry(alias="0" * 16)), r"x.json: patterns\[0\].alias: the aliases of 0{16} lead in a circle"),
    ],
)
def test_mistakes_in_a_document_are_named(wrong: bytes, told: str) -> None:
    with pytest.raises(PluginError, match=told):
        read_document(wrong, "x.json")


def test_many_mistakes_are_counted() -> None:
    with pytest.raises(PluginError, match=r"x\.json: 5 more mistakes"):
        read_document(text(*(entry(id=str(each)) for each in range(15))), "x.json")


def test_an_id_that_belongs_to_another_text_is_not_taken_from_it() -> None:
    one = store_of(["up"])
    (row,) = one.patterns.rows()
    one.take_in(read_document(text(entry(id=f"{row.id:016x}", template="down")), "test"))
    assert [each.template for each in one.known().rows] == ["up"]


def test_an_import_outlives_the_process(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.take_in(read_document(document(store_of(["up"])), "test"))
    with Store(tmp_path) as store:
        assert [row.template for row in store.patterns.rows()] == ["up"]
