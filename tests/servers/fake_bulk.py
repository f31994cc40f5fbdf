"""Bulk requests as Elasticsearch takes them, into memory, with faults that no real server shows on demand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fake_server import FakeServer, Reply, Request, raw_reply
from sllm_plugins.elasticsearch.bulk import ANSWER

PRODUCT = {"X-Elastic-Product": "Elasticsearch"}


@dataclass(frozen=True)
class Refusal:
    """A fault of one request: every `step`th document of it is refused."""

    status: int
    kind: str = "es_rejected_execution_exception"
    reason: str = "full"
    step: int = 1


Fault = Refusal | Reply


class FakeBulk:
    """Keeps in `documents` what it is given, as version and source by index and id.

    Args:
        faults: what happens to the first requests, one after another; all others are taken.
        refuses: says of a source why no form of it is ever taken, as `Refusal`; None if it is.
    """

    def __init__(self, *faults: Fault, refuses: Callable[[Mapping[str, Any]], Refusal | None] | None = None) -> None:
        self.documents: dict[tuple[str, str], tuple[int, dict[str, Any]]] = {}
        self.requests: list[int] = []
        self._faults, self._refuses = list(faults), refuses

    async def __call__(self, request: Request, writer: asyncio.StreamWriter) -> None:
        lines = [json.loads(line) for line in request.body.splitlines()]
        pairs = list(zip(lines[::2], lines[1::2], strict=True))
        self.requests.append(len(pairs))
        fault = self._faults.pop(0) if self._faults else None
        if fault is not None and not isinstance(fault, Refusal):
            await fault(request, writer)
            return
        items = [self._item(number, action["index"], source, fault) for number, (action, source) in enumerate(pairs)]
        content = json.dumps({"items": [{"index": each} for each in items]}).encode()
        await raw_reply(content, 200, "application/json", **PRODUCT)(request, writer)

    def _item(
        self, number: int, action: Mapping[str, Any], source: dict[str, Any], fault: Refusal | None
    ) -> dict[str, Any]:
        if fault is not None and number % fault.step == 0:
            return _refused(fault)
        if self._refuses is not None and (refusal := self._refuses(source)):
            return _refused(refusal)
        key, version = (action["_index"], action["_id"]), action.get("version", 0)
        there = self.documents.get(key)
        if there is not None and there[0] > version:
            return _refused(Refusal(409, "version_conflict_engine_exception"))
        self.documents[key] = (version, source)
        return {"status": 200 if there else 201}

    def server(self) -> FakeServer:
        """A server, not started yet, that takes bulk requests and knows nothing else."""
        return FakeServer({f"/_bulk?filter_path={ANSWER}": self})


def _refused(refusal: Refusal) -> dict[str, Any]:
    return {"status": refusal.status, "error": {"type": refusal.kind, "reason": refusal.reason}}
