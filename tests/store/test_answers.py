from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from sllm_core.store import Store
from sllm_core.store.answers import Answers


def test_an_answer_is_found_by_its_key(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.answers.save(b"\x00key", b"first")
        store.answers.save(b"\x00key", b"second\xff")
    with Store(tmp_path) as store:
        assert (store.answers.find(b"\x00key"), store.answers.find(b"other")) == (b"second\xff", None)


def test_the_oldest_give_way() -> None:
    answers = Answers(Store()._database, limit=3)
    for each in (b"a", b"b", b"c", b"a", b"d"):
        answers.save(each, each)
    assert [answers.find(each) for each in (b"a", b"b", b"c", b"d")] == [b"a", None, b"c", b"d"]


def test_answers_are_forgotten_in_time() -> None:
    store = Store()
    store.answers.save(b"key", b"answer")
    store.forget(datetime.now(UTC) - timedelta(days=1))
    assert store.answers.find(b"key") == b"answer"
    store.forget(datetime.now(UTC) + timedelta(days=1))
    assert store.answers.find(b"key") is None


def test_who_does_not_want_to_wait_for_another_thread_is_told() -> None:
    store, told = Store(), list[type]()

    def look() -> None:
        try:
            store.answers.find(b"key", wait=False)
        except BlockingIOError as error:
            told.append(type(error))

    with store._database.transaction():
        thread = Thread(target=look)
        thread.start()
        thread.join()
    assert told == [BlockingIOError]
    assert store.answers.find(b"key", wait=False) is None


def test_the_secret_is_made_once_and_is_its_own_for_each_store(tmp_path: Path) -> None:
    with Store(tmp_path / "a") as store, Store(tmp_path / "b") as other:
        secret = store.secret()
        assert (len(secret), store.secret()) == (32, secret)
        assert other.secret() != secret
    with Store(tmp_path / "a") as store:
        assert store.secret() == secret


@pytest.mark.parametrize("value", [None, 7, {"name": ["값", 1.5]}])
def test_facts_are_remembered(tmp_path: Path, value: object) -> None:
    with Store(tmp_path) as store:
        store.remember("fact", "before")
        store.remember("fact", value)
    with Store(tmp_path) as store:
        assert (store.recall("fact"), store.recall("other")) == (value, None)
