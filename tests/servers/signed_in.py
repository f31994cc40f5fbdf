"""A dashboard in this process, and a browser without a window."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from sllm_core.settings.sections import KeyScope
from sllm_core.web.gate import Gate
from sllm_core.web.keys import new_key
from web_service import ANALYZERS, serving

TOKEN = re.compile(r'name="token" value="([0-9a-f]{64})"')


@dataclass
class Surfer:
    """What a browser does: it keeps cookies, and sends forms that it was shown."""

    client: httpx.AsyncClient
    key: str
    sent: list[httpx.Response] = field(default_factory=list)

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def token(self, path: str = "/sign-in") -> str:
        """The token in the forms of a page; "" where it has none."""
        found = TOKEN.search((await self.client.get(path)).text)
        return found[1] if found else ""

    async def post(
        self, path: str, form: Mapping[str, Any], token: str | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """The answer to a form; with the token of the sign-in or of /try unless there is one."""
        given = await self.token("/try") if token is None else token
        return await self.client.post(path, data={**form, "token": given}, headers=headers)

    async def sign_in(self, next: str = "/try") -> httpx.Response:
        return await self.post("/sign-in", {"key": self.key, "next": next}, await self.token())


@asynccontextmanager
async def surfing(
    *scopes: KeyScope, rate: float | None = None, tables: Mapping[str, Any] = ANALYZERS, local: bool = False
) -> AsyncIterator[tuple[Surfer, Gate]]:
    """Somebody who has an API key with these scopes, and the gate; `local`: nobody has a key, and none is needed."""
    text, key = new_key("ci", scopes or ("read", "analyze"), rate)
    gate = Gate([] if local else [key])
    async with serving(tables, gate=gate) as (client, _):
        yield Surfer(client, text), gate
