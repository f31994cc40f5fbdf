from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.models import Completion, Gateway, Identity, ModelUnavailable, Prompt, Reply, Token
from sllm_core.models.cache import AnswerCache, Kept, answer_key
from sllm_core.store import Store, StoreError
from sllm_core.testing import SCRIPTED, ScriptedModel

Run = Callable[[Coroutine[Any, Any, Any]], Any]
Open = Callable[..., Gateway]
Ask = Callable[..., Prompt]

TOKENS = (Token('{"label": "', -0.25), Token("good", -0.5, (("good", -0.5), ("bad", -1.25))), Token('"}', 0.0))
GOOD = Completion('{"label": "good"}', tokens=TOKENS)
LOGPROBS = st.floats(-100, 0).map(lambda each: round(each, 4))
TOKEN = st.builds(Token, st.text(), LOGPROBS, st.lists(st.tuples(st.text(), LOGPROBS)).map(tuple))


def ask_twice(
    opened: Open, models: list[ScriptedModel], prompts: list[Prompt], store: Store
) -> Coroutine[Any, Any, Any]:
    async def both() -> list[Reply]:
        replies = []
        for model, prompt in zip(models, prompts, strict=True):
            gateway = opened(model, None, store)
            replies.append(await gateway.ask(prompt))
            await gateway.close()
        return replies

    return both()


def test_what_was_answered_is_not_asked_again(run: Run, opened: Open, question: Ask) -> None:
    models = [ScriptedModel([GOOD]), ScriptedModel([])]
    first, second = run(ask_twice(opened, models, [question()] * 2, Store()))
    assert (second.cached, second.values, second.tokens) == (True, first.values, TOKENS)
    assert second.model == first.model


@pytest.mark.parametrize(
    "change", [{"user": "?"}, {"system": "?"}, {"version": "2"}, {"language": "ko"}, {"length": 9}]
)
def test_any_other_question_is_asked(run: Run, opened: Open, question: Ask, change: dict[str, Any]) -> None:
    models = [ScriptedModel([GOOD]), ScriptedModel([GOOD])]
    _, second = run(ask_twice(opened, models, [question(), replace(question(), **change)], Store()))
    assert not second.cached


def test_other_weights_are_asked_again(run: Run, opened: Open, question: Ask) -> None:
    models = [ScriptedModel([GOOD]), ScriptedModel([GOOD], replace(SCRIPTED, digest="ab" * 32))]
    _, second = run(ask_twice(opened, models, [question()] * 2, Store()))
    assert not second.cached


def test_where_no_digest_is_known_the_tag_stands_for_it(question: Ask) -> None:
    one, other = Identity("llama3"), Identity("", digest="llama3")
    assert answer_key(one, question()) == answer_key(replace(one, parallel=4), question())
    assert answer_key(one, question()) != answer_key(other, question())


def test_where_one_part_of_a_question_ends_and_the_next_begins_matters(question: Ask) -> None:
    one, other = (replace(question(), system=system, user=user) for system, user in (("ab", "c"), ("a", "bc")))
    assert answer_key(SCRIPTED, one) != answer_key(SCRIPTED, other)


@given(st.lists(st.text(), min_size=5, max_size=5), st.lists(st.text(), min_size=5, max_size=5))
def test_no_two_questions_have_one_key(question: Ask, one: list[str], other: list[str]) -> None:
    names = ("task", "version", "language", "system", "user")
    changes: list[dict[str, Any]] = [dict(zip(names, each, strict=True)) for each in (one, other)]
    keys = {answer_key(SCRIPTED, replace(question(), **each)) for each in changes}
    assert len(keys) == 1 + (one != other)


@given(st.text(), st.none() | st.lists(TOKEN).map(tuple))
def test_an_answer_is_kept_with_how_it_was_written(question: Ask, text: str, tokens: tuple[Token, ...] | None) -> None:
    async def through() -> Kept | None:
        cache = AnswerCache(InMemory())
        await cache.save(SCRIPTED, question(), Kept(text, tokens))
        return await cache.find(SCRIPTED, question())

    assert asyncio.run(through()) == Kept(text, tokens)


def test_an_answer_that_is_not_valid_is_not_kept(run: Run, opened: Open, question: Ask) -> None:
    store = Store()
    models = [ScriptedModel(["?", GOOD]), ScriptedModel([])]
    _, second = run(ask_twice(opened, models, [question()] * 2, store))
    assert (second.cached, second.values) == (True, {"label": "good"})


def test_a_kept_answer_that_a_check_finds_wrong_is_asked_again(run: Run, opened: Open, question: Ask) -> None:
    def check(values: Mapping[str, Any]) -> str | None:
        return "good is not true" if values["label"] == "good" else None

    async def ask() -> Reply:
        gateway = opened(ScriptedModel([GOOD, {"label": "bad"}]), None, Store())
        await gateway.ask(question())
        return await gateway.ask(question(), check=check)

    reply = run(ask())
    assert (reply.values, reply.cached) == ({"label": "bad"}, False)


def test_while_the_server_is_away_kept_answers_are_given_also_in_a_new_run(
    run: Run, opened: Open, question: Ask
) -> None:
    async def ask(model: ScriptedModel) -> Reply:
        return await opened(model, None, store).ask(question())

    store, away = Store(), ModelUnavailable("down")
    run(ask(ScriptedModel([GOOD])))
    reply = run(ask(ScriptedModel([], away)))
    assert (reply.cached, reply.model) == (True, SCRIPTED.name)


def test_what_a_store_cannot_keep_or_read_costs_a_call_and_no_answer(
    run: Run, opened: Open, question: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    async def ask() -> list[Reply]:
        gateway = opened(ScriptedModel([GOOD, GOOD]), None, Broken())
        return [await gateway.ask(question()) for _ in range(2)]

    assert [each.cached for each in run(ask())] == [False, False]
    assert "disk is full" in caplog.text and "is damaged" in caplog.text


def test_a_kept_answer_that_is_damaged_is_asked_again(run: Run, opened: Open, question: Ask) -> None:
    store = Store()
    store.answers.save(answer_key(SCRIPTED, question()), b"\x00damaged")
    (reply,) = run(ask_twice(opened, [ScriptedModel([GOOD])], [question()], store))
    assert not reply.cached


def test_a_store_that_is_busy_holds_up_nobody_else(run: Run, opened: Open, question: Ask, tmp_path: Path) -> None:
    async def ask() -> tuple[Reply, bool]:
        gateway = opened(ScriptedModel([GOOD]), None, store)
        await gateway.ask(question())
        busy = Thread(target=hold)
        busy.start()
        held.wait()
        task = asyncio.create_task(gateway.ask(question()))
        await asyncio.sleep(0)
        waited = not task.done()
        free.set()
        busy.join()
        return await task, waited

    def hold() -> None:
        with store._database.transaction():
            held.set()
            free.wait(10)

    held, free = Event(), Event()
    with Store(tmp_path) as store:
        reply, waited = run(ask())
    assert (reply.cached, waited) == (True, True)


class InMemory:
    """Answers in a mapping, and facts nowhere."""

    def __init__(self) -> None:
        self.answers, self.kept = self, dict[bytes, bytes]()

    def find(self, key: bytes, *, wait: bool) -> bytes | None:
        return self.kept.get(key)

    def save(self, key: bytes, answer: bytes) -> None:
        self.kept[key] = answer


class Broken:
    """A store on a disk that is full."""

    def __init__(self) -> None:
        self.answers = self

    def find(self, key: bytes, *, wait: bool) -> bytes | None:
        raise StoreError("the file is damaged")

    def save(self, key: bytes, answer: bytes) -> None:
        raise StoreError("the disk is full")

    def remember(self, name: str, value: object) -> None:
        raise StoreError("the disk is full")

    def recall(self, name: str) -> object:
        raise StoreError("the file is damaged")
