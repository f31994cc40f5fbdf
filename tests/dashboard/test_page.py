from __future__ import annotations

import asyncio

import httpx
import pytest

from web_service import serving

HTML = {"Accept": "text/html"}


def asked(path: str, **headers: str) -> httpx.Response:
    async def go() -> httpx.Response:
        async with serving() as (client, _):
            return await client.get(path, headers={**HTML, **headers})

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/", "Nothing has been counted yet"),
        ("/timeline", "Nothing has been counted yet"),
        ("/kinds", "0 patterns"),
        ("/summaries", "There is no summary yet"),
    ],
)
def test_an_empty_store_has_pages_that_say_what_to_do(path: str, told: str) -> None:
    answer = asked(path)
    assert answer.status_code == 200 and told in answer.text and answer.headers["cache-control"] == "no-store"


def test_only_what_is_ours_may_be_loaded() -> None:
    policy = asked("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy


def test_a_page_that_is_not_there_is_told_in_the_language_of_the_reader() -> None:
    answer = asked("/anomalies/none", **{"Accept-Language": "ko"})
    assert (answer.status_code, "찾는 내용이 없습니다" in answer.text) == (404, True)


def test_a_language_in_the_address_goes_before_that_of_the_browser() -> None:
    answer = asked("/?lang=en&theme=dark", **{"Accept-Language": "ko"})
    assert '<html lang="en" data-theme="dark">' in answer.text
    assert {"sllm-lang", "sllm-theme"} <= set(answer.cookies)


def test_what_is_no_language_is_passed_over() -> None:
    answer = asked('/?lang="><script>&theme=x')
    assert '<html lang="en" data-theme="auto">' in answer.text and "<script>" not in answer.text
