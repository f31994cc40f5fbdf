from __future__ import annotations

import asyncio

import httpx
import pytest

from signed_in import surfing
from sllm_core.web.dashboard.attempts import ADDRESSES, AT_ONCE, EVERY, Attempts
from sllm_core.web.dashboard.forms import FIELDS, Form
from web_service import ANALYZERS, Tables

SMALL = {**ANALYZERS, "service": {"max_body": 2048}}


class Clock:
    """A clock that stands until it is set on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def posted(content: bytes, headers: dict[str, str] | None = None, tables: Tables = ANALYZERS) -> httpx.Response:
    async def go() -> httpx.Response:
        async with surfing(local=True, tables=tables) as (surfer, _):
            token = await surfer.token("/try")
            kind = {"content-type": "application/x-www-form-urlencoded", **(headers or {})}
            return await surfer.client.post("/try", content=b"token=" + token.encode() + b"&" + content, headers=kind)

    return asyncio.run(go())


def test_a_form_gives_texts_by_field() -> None:
    form = Form({"lines": ["a\r\nb"], "tasks": ["x", "y"]})
    assert form.text("lines") == "a\nb"
    assert form.text("none", "otherwise") == "otherwise"
    assert form.texts("tasks") == ("x", "y")


def test_a_token_may_stand_in_a_header_where_a_script_sends_the_form() -> None:
    async def go() -> httpx.Response:
        async with surfing(local=True) as (surfer, _):
            token = await surfer.token("/try")
            return await surfer.client.post("/try", data={"lines": "ERROR x"}, headers={"x-csrf-token": token})

    assert asyncio.run(go()).status_code == 200


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"lines=ERROR+x", 200),
        (b"lines=%EA%B2%B0%EC%A0%9C+%EC%8B%A4%ED%8C%A8", 200),
        (b"lines=%ff%fe", 200),
        (b"lines=\xff", 400),
        (b"lines=", 400),
        (b"nothing", 400),
        (b"&".join(b"a=%d" % each for each in range(FIELDS + 1)), 400),
        (b"lines=x&tasks=no-such-task", 400),
        (b"lines=x&language=fr", 400),
    ],
)
def test_what_a_form_may_be(content: bytes, status: int) -> None:
    answer = posted(content)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


def test_a_form_that_is_too_large_is_refused() -> None:
    assert posted(b"lines=" + b"x" * 4000, tables=SMALL).status_code == 413


def test_a_file_upload_is_refused() -> None:
    assert posted(b"", {"content-type": "multipart/form-data; boundary=x"}).status_code == 415


def test_failures_are_free_up_to_a_number_then_one_after_a_while() -> None:
    clock = Clock()
    attempts = Attempts(clock=clock)
    assert [attempts.fail("a") for _ in range(AT_ONCE)] == [0.0] * AT_ONCE
    assert attempts.fail("a") == EVERY
    assert attempts.fail("b") == 0.0
    clock.now = EVERY
    assert [attempts.fail("a"), attempts.fail("a")] == [0.0, EVERY]


def test_strangers_cannot_fill_the_memory() -> None:
    attempts = Attempts(clock=Clock())
    for each in range(3 * ADDRESSES):
        attempts.fail(str(each))
    assert len(attempts._left) == ADDRESSES
