"""Many documents in few requests, until each is stored, out of date, or refused for good."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from sllm_plugins.elasticsearch.failures import explained
from sllm_plugins.elasticsearch.findings_document import reduced, to_json
from sllm_plugins.elasticsearch.outage import Outage, Patience
from sllm_plugins.elasticsearch.refusals import is_about_document, reason, trouble

if TYPE_CHECKING:
    from elasticsearch import ApiError, AsyncElasticsearch

    from sllm_plugins.elasticsearch.connection import ElasticsearchConnection

COUNT = 500
SIZE = 5 << 20
"""How many documents, and how many bytes of them, one request has at most; a document above that goes alone."""

HEADERS = MappingProxyType({"accept": "application/json", "content-type": "application/x-ndjson"})
ANSWER = "items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason"
"""What of an answer is sent back: hardly more than a number for each document."""

STORED, CREATED, OLDER, TOO_LARGE = (200, 201), 201, 409, 413

Prepare = Callable[[str], Awaitable[None]]
"""Makes sure that an index is there. Raises what the client raises."""


class Operation(NamedTuple):
    """One document for an index; `lines` are the line of the action and that of the document."""

    place: str
    id: str
    lines: bytes
    is_reduced: bool = False

    @classmethod
    def of(cls, index: str, identity: str, document: bytes, version: int | None = None) -> Operation:
        """What stores a document (JSON on one line) unless the index has it in a higher `version`."""
        place: dict[str, object] = {"_index": index, "_id": identity}
        if version is not None:
            place |= {"version": version, "version_type": "external_gte"}
        return cls(index, identity, b"%b\n%b\n" % (to_json({"index": place}), document))

    def as_reduced(self) -> Operation:
        """The same document in the form that hardly any mapping refuses."""
        action, document = self.lines.split(b"\n", 1)
        return self._replace(lines=b"%b\n%b\n" % (action, reduced(document)), is_reduced=True)


@dataclass
class BulkCounts:
    """What was done so far, in documents; `waited` is in seconds, `bytes` before compression.

    `older` had been stored in a newer revision, `retried` counts each further try, `refused` are those that the server
    takes in no form.
    """

    created: int = 0
    updated: int = 0
    older: int = 0
    retried: int = 0
    reduced: int = 0
    refused: int = 0
    waited: float = 0.0
    bytes: int = 0
    requests: int = 0


class BulkWriter:
    """Writes operations to one cluster.

    What the server takes later is sent again for as long as patience allows. A document that it refuses for its content
    is sent once more in a reduced form; refused again, it is logged, counted and left out, since it would stop all
    others for ever. It stays in the store of sllm.

    Args:
        name: the section of config.toml, for messages.
        prepare: is called with each index before anything is written into it.
    """

    def __init__(
        self,
        client: AsyncElasticsearch,
        connection: ElasticsearchConnection,
        name: str,
        patience: Patience,
        counts: BulkCounts,
        prepare: Prepare,
    ) -> None:
        self._client = client.options(max_retries=0)
        self._connection, self._name = connection, name
        self._patience, self._counts, self._prepare = patience, counts, prepare
        self._ready: set[str] = set()

    async def write(self, operations: Sequence[Operation], count: int = COUNT, size: int = SIZE) -> None:
        """Returns when none is left to be stored.

        Raises:
            PluginError: some could not be stored within the time of patience.
        """
        outage = Outage(self._patience)
        try:
            for chunk in chunks(operations, count, size):
                await self._store(chunk, outage)
        finally:
            self._counts.waited += outage.waited

    async def _store(self, operations: Sequence[Operation], outage: Outage) -> None:
        left = list(operations)
        while left:
            tried, what = await self._try(left, outage)
            if len(tried) < len(left):
                outage.moved()
            if what:
                self._counts.retried += len(tried)
                await outage.wait(what)
            left = tried
        outage.over()

    async def _try(self, operations: list[Operation], outage: Outage) -> tuple[list[Operation], str]:
        """What is left to be sent, and why it is of no use before some time has passed, "" if it is."""
        from elasticsearch import ApiError, TransportError

        try:
            for place in {each.place for each in operations} - self._ready:
                if what := await self._make_ready(place):
                    return operations, what
            items = await self._send(operations)
        except ApiError as error:
            if error.meta.status == TOO_LARGE:
                return await self._halved(operations, error, outage)
            return operations, str(explained(error, self._connection, self._name))
        except TransportError as error:
            return operations, str(explained(error, self._connection, self._name))
        if len(items) != len(operations):
            what = f"the answer tells of {len(items)} documents instead of {len(operations)}; is there a proxy between?"
            return operations, f"{self._name}: {self._connection.address}: {what}"
        return self._judge(operations, items)

    async def _make_ready(self, place: str) -> str:
        """Why an index cannot be written into; "" if it can."""
        from elasticsearch import ApiError

        try:
            await self._prepare(place)
        except ApiError as error:
            return self._trouble(place, error.meta.status, error.body)
        self._ready.add(place)
        return ""

    async def _send(self, operations: Sequence[Operation]) -> Sequence[Mapping[str, Any]]:
        body = b"".join([each.lines for each in operations])
        answer = await self._client.perform_request(
            "POST", "/_bulk", params={"filter_path": ANSWER}, headers=HEADERS, body=body
        )
        self._counts.requests += 1
        self._counts.bytes += len(body)
        return answer.body.get("items", ()) if isinstance(answer.body, Mapping) else ()

    async def _halved(
        self, operations: list[Operation], error: ApiError, outage: Outage
    ) -> tuple[list[Operation], str]:
        """The request was too large for the server, or for a proxy before it: each half of it may not be."""
        if len(operations) == 1:
            return self._wrong(operations[0], "it is too large: " + reason(error.body)), ""
        half = len(operations) // 2
        for part in (operations[:half], operations[half:]):
            await self._store(part, outage)
        return [], ""

    def _judge(self, sent: Sequence[Operation], items: Sequence[Mapping[str, Any]]) -> tuple[list[Operation], str]:
        left: list[Operation] = []
        what = ""
        for operation, item in zip(sent, items, strict=True):
            (answer,) = item.values()
            status = answer["status"]
            if status in STORED:
                self._counts.created += status == CREATED
                self._counts.updated += status != CREATED
            elif status == OLDER:
                self._counts.older += 1
            elif is_about_document(status, answer):
                left += self._wrong(operation, reason(answer))
            else:
                self._ready.discard(operation.place)
                what = self._trouble(operation.place, status, answer)
                left.append(operation)
        return left, what

    def _trouble(self, place: str, status: int, answer: object) -> str:
        return f"{self._name}: {self._connection.address}: {trouble(place, status, answer)}"

    def _wrong(self, operation: Operation, why: str) -> list[Operation]:
        """What to send in place of a document that is refused for its content: nothing if it is reduced already."""
        about = {"sink": self._name, "index": operation.place, "id": operation.id, "reason": why}
        log = logging.getLogger("sllm.elasticsearch")
        if operation.is_reduced:
            self._counts.refused += 1
            log.error("a document is refused in every form and left out; correct the mapping of the index", extra=about)
            return []
        self._counts.reduced += 1
        log.warning("a document does not fit the mapping of its index and is stored as text", extra=about)
        return [operation.as_reduced()]


def chunks(operations: Iterable[Operation], count: int, size: int) -> Iterator[list[Operation]]:
    """The operations in their order, in lists of at most `count` and `size` bytes; one above that stands alone."""
    chunk: list[Operation] = []
    room = size
    for operation in operations:
        length = len(operation.lines)
        if chunk and (length > room or len(chunk) == count):
            yield chunk
            chunk, room = [], size
        chunk.append(operation)
        room -= length
    if chunk:
        yield chunk
