from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpx
import pytest

from web_service import serving


def asked(method: str, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with serving() as (client, _):
            return await client.request(method, path, headers=headers)

    return asyncio.run(ask())


def test_every_answer_has_security_headers() -> None:
    for path in ("/health/live", "/schema", "/nothing"):
        headers = asked("GET", path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")


def test_a_request_keeps_the_id_that_it_brings() -> None:
    assert asked("GET", "/health/live", headers={"x-request-id": "order-7"}).headers["x-request-id"] == "order-7"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, '"><script>'])
def test_an_id_that_could_harm_a_log_is_replaced(given: str) -> None:
    found = asked("GET", "/health/live", headers={"x-request-id": given}).headers["x-request-id"]
    assert found != given
    assert len(found) == 16


def test_an_unknown_path_is_a_problem() -> None:
    answer = asked("GET", "/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_a_wrong_method_is_a_problem() -> None:
    answer = asked("DELETE", "/health")
    assert (answer.status_code, answer.json()["title"]) == (405, "Method Not Allowed")


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "[::2]:80", "127.0.0.2"])
def test_without_keys_only_this_machine_is_answered(host: str) -> None:
    assert asked("GET", "/health", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost:8083", "127.0.0.1", "[::1]:8083", "LOCALHOST"])
def test_this_machine_has_several_names(host: str) -> None:
    assert asked("GET", "/health/live", headers={"host": host}).status_code == 200


def test_a_page_of_another_origin_may_change_nothing() -> None:
    assert asked("POST", "/health", headers={"origin": "https://evil.example"}).status_code == 403


def test_a_page_of_its_own_may() -> None:
    assert asked("POST", "/health", headers={"origin": "http://localhost"}).status_code == 405


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_a_page_of_another_site_may_change_nothing(site: str) -> None:
    assert asked("POST", "/health", headers={"sec-fetch-site": site}).status_code == 403
    assert asked("GET", "/health/live", headers={"sec-fetch-site": site}).status_code == 200


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_what_a_person_types_or_a_page_of_its_own_sends_is_heard(site: str) -> None:
    assert asked("POST", "/health", headers={"sec-fetch-site": site}).status_code == 405
