from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signed_in import Surfer, surfing
from sllm_core.settings.sections import KeyScope
from sllm_core.web.dashboard.sign_in import local_path
from sllm_core.web.gate import Gate
from web_service import ANALYZERS, Tables

BEHIND_PROXY = {**ANALYZERS, "service": {"forwarded": True}}
T = TypeVar("T")


def surfed(
    does: Callable[[Surfer, Gate], Awaitable[T]],
    *scopes: KeyScope,
    rate: float | None = None,
    tables: Tables = ANALYZERS,
    local: bool = False,
) -> T:
    async def go() -> T:
        async with surfing(*scopes, rate=rate, tables=tables, local=local) as (surfer, gate):
            return await does(surfer, gate)

    return asyncio.run(go())


def cookies(answer: httpx.Response) -> list[str]:
    return [value for name, value in answer.headers.multi_items() if name == "set-cookie"]


def test_who_is_not_signed_in_is_sent_to_do_so_and_then_back() -> None:
    async def steps(surfer: Surfer, _: Gate) -> list[httpx.Response]:
        sent = await surfer.get("/try?example=1")
        return [sent, await surfer.get(sent.headers["location"]), await surfer.sign_in("/try?example=1")]

    sent, asked, back = surfed(steps)
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?next=/try%3Fexample%3D1")
    assert 'name="next" value="/try?example=1"' in asked.text
    assert (back.status_code, back.headers["location"]) == (303, "/try?example=1")


def test_a_session_shows_pages() -> None:
    async def steps(surfer: Surfer, _: Gate) -> httpx.Response:
        await surfer.sign_in()
        return await surfer.get("/try")

    assert surfed(steps).status_code == 200


def test_without_keys_nobody_signs_in() -> None:
    async def steps(surfer: Surfer, _: Gate) -> list[int]:
        return [(await surfer.get(path)).status_code for path in ("/try", "/sign-in")]

    assert surfed(steps, local=True) == [200, 303]


def test_a_wrong_key_is_told_and_begins_nothing() -> None:
    async def steps(surfer: Surfer, _: Gate) -> httpx.Response:
        surfer.key = "sllm_wrong"
        return await surfer.sign_in()

    answer = surfed(steps)
    assert answer.status_code == 401
    assert not any("SameSite=Strict" in each for each in cookies(answer))
    assert "sllm_wrong" not in answer.text


def test_wrong_keys_are_slowed_but_never_the_right_one() -> None:
    async def steps(surfer: Surfer, _: Gate) -> list[int]:
        right, surfer.key = surfer.key, "sllm_wrong"
        found = [(await surfer.sign_in()).status_code for _ in range(6)]
        surfer.key = right
        return [*found, (await surfer.sign_in()).status_code]

    assert surfed(steps) == [401] * 5 + [429, 303]


def test_the_cookie_is_for_this_host_alone_and_for_no_script() -> None:
    cookie = cookies(surfed(lambda surfer, _: surfer.sign_in()))[0]
    assert cookie.endswith("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict")
    assert "Domain" not in cookie


@pytest.mark.parametrize(("tables", "safe"), [(ANALYZERS, False), (BEHIND_PROXY, True)])
def test_it_is_secure_over_tls_and_the_proxy_is_believed_only_if_configured(tables: Tables, safe: bool) -> None:
    async def steps(surfer: Surfer, _: Gate) -> httpx.Response:
        surfer.client.headers["x-forwarded-proto"] = "https"
        surfer.client.base_url = httpx.URL("https://localhost" if safe else "http://localhost")
        return await surfer.sign_in()

    cookie = cookies(surfed(steps, tables=tables))[0]
    assert (cookie.startswith("__Host-sllm-"), cookie.endswith("; Secure")) == (safe, safe)


def test_a_cookie_that_a_stranger_planted_does_not_become_the_session() -> None:
    async def steps(surfer: Surfer, _: Gate) -> tuple[str, str]:
        first = cookies(await surfer.sign_in())[0]
        surfer.client.cookies.clear()
        name, value = first.split(";")[0].split("=", 1)
        surfer.client.cookies.set(name, value)
        return first, cookies(await surfer.post("/sign-in", {"key": surfer.key, "next": "/"}))[0]

    planted, begun = surfed(steps)
    assert planted != begun


def test_a_revoked_key_ends_its_sessions_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(surfer: Surfer, gate: Gate) -> httpx.Response:
        await surfer.sign_in()
        monkeypatch.setattr(gate, "_keys", ())
        return await surfer.get("/try")

    assert surfed(steps).headers["location"] == "/sign-in?next=/try"


def test_signing_out_ends_the_session_also_for_who_copied_the_cookie() -> None:
    async def steps(surfer: Surfer, _: Gate) -> list[int]:
        cookie = cookies(await surfer.sign_in())[0].split(";")[0]
        out = await surfer.post("/sign-out", {})
        again = await surfer.get("/try", {"cookie": cookie})
        return [out.status_code, again.status_code]

    assert surfed(steps) == [303, 303]


def test_the_key_of_the_session_says_what_may_be_done() -> None:
    async def steps(surfer: Surfer, _: Gate) -> httpx.Response:
        await surfer.sign_in()
        return await surfer.post("/try", {"lines": "ERROR payment failed"})

    answer = surfed(steps, "read")
    assert answer.status_code == 403
    assert "lacks the scope analyze" in answer.text


def test_pages_count_against_the_rate_of_the_key() -> None:
    async def steps(surfer: Surfer, _: Gate) -> list[int]:
        await surfer.sign_in()
        return [(await surfer.get("/try")).status_code for _ in range(3)]

    assert surfed(steps, rate=1) == [200, 429, 429]


def test_a_cookie_means_nothing_to_the_interface_for_programs() -> None:
    async def steps(surfer: Surfer, _: Gate) -> list[int]:
        await surfer.sign_in()
        posted = await surfer.client.post("/analyze", json={"text": "ERROR payment failed"})
        return [posted.status_code, (await surfer.get("/findings")).status_code]

    assert surfed(steps) == [401, 401]


@pytest.mark.parametrize("token", ["", "0" * 64, "\x00", "x" * 100_000])
def test_a_form_without_the_token_of_the_session_does_nothing(token: str) -> None:
    async def steps(surfer: Surfer, _: Gate) -> httpx.Response:
        await surfer.sign_in()
        return await surfer.post("/try", {"lines": "ERROR payment failed"}, token)

    assert surfed(steps).status_code == 403


@pytest.mark.parametrize("local", [True, False])
def test_a_token_of_somebody_else_is_none(local: bool) -> None:
    async def steps(surfer: Surfer, _: Gate) -> httpx.Response:
        await surfer.sign_in()
        stolen = await surfer.token("/try")
        surfer.client.cookies.clear()
        await surfer.sign_in()
        return await surfer.post("/try", {"lines": "ERROR payment failed"}, stolen)

    assert surfed(steps, local=local).status_code == 403


@pytest.mark.parametrize(
    "header", [{"origin": "http://localhost:3000"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
def test_a_form_of_another_site_does_nothing_even_with_a_token(header: dict[str, str]) -> None:
    async def steps(surfer: Surfer, _: Gate) -> httpx.Response:
        return await surfer.post("/try", {"lines": "ERROR payment failed"}, headers=header)

    assert surfed(steps, local=True).status_code == 403


def test_a_form_that_is_none_of_a_form_is_refused() -> None:
    async def steps(surfer: Surfer, _: Gate) -> httpx.Response:
        return await surfer.client.post("/try", json={"lines": "ERROR"})

    assert surfed(steps, local=True).status_code == 415


def test_a_link_on_another_site_leads_a_browser_with_a_session_to_the_page() -> None:
    async def steps(surfer: Surfer, _: Gate) -> httpx.Response:
        return await surfer.get("/try", {"sec-fetch-site": "cross-site"})

    answer = surfed(steps)
    assert answer.status_code == 200
    assert 'http-equiv="refresh"' in answer.text


def test_a_page_has_a_strict_policy() -> None:
    headers = surfed(lambda surfer, _: surfer.get("/sign-in")).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert all(each in policy for each in ("form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"))
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "text",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\r\nSet-Cookie: a=b",
        "/%0d%0a\r\n",
        "/sign-out",
        "evil.example",
        "",
        "/x" * 2000,
    ],
)
def test_nothing_leads_elsewhere_after_a_sign_in(text: str) -> None:
    assert local_path(text) == "/"
    answer = surfed(lambda surfer, _: surfer.sign_in(text))
    assert answer.headers["location"] == "/"
    assert len(cookies(answer)) == 1


@given(st.text())
def test_where_a_sign_in_leads_is_a_path_of_plain_letters(text: str) -> None:
    found = local_path(text)
    assert found.startswith("/")
    assert not found.startswith("//")
    assert found.isascii()
    assert found.isprintable()


@pytest.mark.parametrize("path", ["/", "/try?example=1", "/anomalies/a-b_c", "/kinds?q=a%20b&sort=count", "/signs"])
def test_paths_of_our_own_are_kept(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(("accept", "kind"), [("text/html,*/*", "text/html"), ("*/*", "application/problem+json")])
def test_where_there_is_nothing_browsers_get_a_page_and_programs_a_problem(accept: str, kind: str) -> None:
    answer = surfed(lambda surfer, _: surfer.get("/nothing", {"accept": accept}), local=True)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith(kind)


def test_what_pages_read_and_lead_to_is_for_sessions_too() -> None:
    async def steps(surfer: Surfer, _: Gate) -> list[int]:
        before = (await surfer.get("/schema")).status_code
        await surfer.sign_in()
        return [before, (await surfer.get("/schema")).status_code]

    assert surfed(steps) == [401, 200]


@pytest.mark.parametrize(
    ("referer", "path"),
    [
        ("http://localhost/kinds?q=a", "/sign-in?next=/kinds%3Fq%3Da"),
        ("http://evil.example/kinds", "/sign-in"),
        ("", "/sign-in"),
        ("http://[broken", "/sign-in"),
    ],
)
def test_a_form_after_the_session_has_ended_leads_to_the_sign_in_and_back_to_its_page(referer: str, path: str) -> None:
    async def steps(surfer: Surfer, _: Gate) -> httpx.Response:
        return await surfer.post("/try", {"lines": "x"}, "", {"referer": referer})

    answer = surfed(steps)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
