from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from sllm_core.settings.sections import KeyScope
from sllm_core.web.gate import Gate
from sllm_core.web.keys import new_key
from sllm_core.web.scopes import while_admitted
from web_service import serving


def answered(method: str, path: str, *scopes: KeyScope, key: bool = True) -> tuple[int, str]:
    """Status and text of the answer to a client whose key has these scopes."""
    text, known = new_key("ci", scopes, None)

    async def ask() -> tuple[int, str]:
        async with serving(gate=Gate([known])) as (client, _):
            headers = {"x-api-key": text, "host": "sllm.example"} if key else {}
            answer = await client.request(
                method, path, headers=headers, json={"text": "a"} if method == "POST" else None
            )
            return answer.status_code, answer.text

    return asyncio.run(ask())


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("analyze", 200), ("admin", 200)])
def test_questions_need_the_scope(scope: KeyScope, status: int) -> None:
    assert answered("POST", "/analyze", scope)[0] == status


def test_questions_need_a_key() -> None:
    assert answered("POST", "/analyze", key=False)[0] == 401


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_signs_of_life_need_none(path: str) -> None:
    assert answered("GET", path, key=False)[0] == 200


def test_components_are_for_who_may_read() -> None:
    assert '"kind":"store"' in answered("GET", "/health", "read")[1]
    assert '"components":[]' in answered("GET", "/health", "analyze")[1]


def test_the_description_is_for_who_may_read() -> None:
    assert answered("GET", "/schema", key=False)[0] == 401
    assert answered("GET", "/schema", "read")[0] == 200


def streamed(states: Sequence[bool]) -> tuple[list[bytes], bool]:
    """What of an endless stream reaches a client whose key holds as long as these say; whether the stream was ended."""
    holds, ended = iter(states), []

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"finding"
        finally:
            ended.append(True)

    async def read() -> list[bytes]:
        connection: Any = SimpleNamespace(scope={"state": {"holds": lambda: next(holds)}})
        return [each async for each in while_admitted(connection, endless())]

    return asyncio.run(read()), bool(ended)


def test_a_stream_ends_once_the_key_does_not_hold() -> None:
    assert streamed([True, True, False]) == ([b"finding"] * 2, True)
