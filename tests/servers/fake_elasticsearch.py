"""An Elasticsearch for what no real one shows on demand: versions, credentials, certificates, faults.

It holds documents in memory and searches them by time as a source asks. What it was asked is in `asked`, the points in
time that are open in `points`.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

MILLISECOND = 1_000_000
"""Nanoseconds."""


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    path: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    data: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What is answered; a status of 0 hangs up without an answer, as a server does that is killed."""

    status: int = 200
    data: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


Fault = Callable[[Asked], Answer | None]
"""Answers in place of the server; None: the server answers itself."""

HANG_UP = Answer(0)


def error(status: int, kind: str, reason: str) -> Answer:
    """An error as the server tells it."""
    cause = {"type": kind, "reason": reason}
    return Answer(status, {"error": {**cause, "root_cause": [cause]}, "status": status})


def failing(path: str, *answers: Answer) -> Fault:
    """Answers the first requests whose paths end so with these, one each; an Answer with status 200 and no data lets
    the server answer."""
    left = list(answers)

    def fault(asked: Asked) -> Answer | None:
        if not left or not asked.path.endswith(path):
            return None
        answer = left.pop(0)
        return answer if answer.status != 200 or answer.data is not None else None

    return fault


class FakeElasticsearch:
    """A server in a thread of its own.

    Args:
        documents: pairs of a time in milliseconds since 1970 and a document; all are in the index `logs`.
        major: requests for other versions of the API are refused.
        credential: what the header `authorization` must be, "" for any.
        certificate: files with the certificates and the key of the server.
        product: whether it says that it is Elasticsearch.
        epoch: the time of its clock in seconds since 1970.
    """

    def __init__(
        self,
        documents: Sequence[tuple[int, Mapping[str, object]]] = (),
        *,
        major: int = 9,
        credential: str = "",
        certificate: tuple[str, str] | None = None,
        product: bool = True,
        epoch: Callable[[], float] = time.time,
    ) -> None:
        self.documents = list(documents)
        self.major, self.credential, self.product, self.epoch = major, credential, product, epoch
        self.faults: list[Fault] = []
        self.asked: list[Asked] = []
        self.points: set[str] = set()
        self.headers: dict[str, str] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.port: int = self._server.server_address[1]
        self.url = f"http{'s' * bool(certificate)}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def searches(self) -> list[Asked]:
        """The searches in points in time."""
        return [each for each in self.asked if each.path == "/_search" and "pit" in each.data]

    def answer(self, asked: Asked) -> Answer:
        """What the server says to a request."""
        self.asked.append(asked)
        for fault in list(self.faults):
            if (found := fault(asked)) is not None:
                return found
        return self._refused(asked) or self._known(asked)

    def _refused(self, asked: Asked) -> Answer | None:
        accepted = asked.headers.get("accept", "")
        if "compatible-with=" in accepted and f"compatible-with={self.major}" not in accepted:
            return error(400, "media_type_header_exception", f"Invalid media-type value on headers [Accept] {accepted}")
        if self.credential and asked.headers.get("authorization") != self.credential:
            return error(401, "security_exception", "unable to authenticate")
        return None

    def _known(self, asked: Asked) -> Answer:
        path = asked.path
        if path == "/_cluster/health":
            return Answer(200, {"status": "green", "number_of_nodes": 1, "unassigned_shards": 0})
        if path == "/_cat/health":
            return Answer(200, [{"epoch": str(int(self.epoch()))}])
        if path.endswith("/_field_caps"):
            return Answer(200, {"indices": ["logs"], "fields": {"@timestamp": {"date": {"type": "date"}}}})
        if path.endswith("/_settings/index.refresh_interval"):
            return Answer(200, {})
        if path.endswith("/_count"):
            return Answer(200, {"count": len(self._found(asked.data)), "_shards": {"failed": 0}})
        return self._point(asked) or self._search(asked) or error(404, "no_handler", f"no handler for {path}")

    def _point(self, asked: Asked) -> Answer | None:
        if not asked.path.endswith("/_pit"):
            return None
        if asked.method == "DELETE":
            self.points.discard(asked.data["id"])
            return Answer(200, {"succeeded": True})
        self.points.add(point := uuid.uuid4().hex)
        return Answer(200, {"id": point, "_shards": {"failed": 0}})

    def _search(self, asked: Asked) -> Answer | None:
        if not asked.path.endswith("/_search"):
            return None
        point = asked.data.get("pit", {}).get("id")
        if point is not None and point not in self.points:
            return error(404, "search_context_missing_exception", "No search context found")
        hits = self._found(asked.data)
        after = asked.data.get("search_after")
        hits = [each for each in hits if after is None or each["sort"] > list(after)]
        body = {"hits": {"hits": hits[: asked.data.get("size", 10)]}, "timed_out": False, "_shards": {"failed": 0}}
        return Answer(200, body if point is None else {**body, "pit_id": point})

    def _found(self, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        clauses = data.get("query", {}).get("bool", {})
        if "must_not" in clauses:
            return []
        spans = [each["range"]["@timestamp"] for each in clauses.get("filter", ()) if "range" in each]
        span: Mapping[str, str] = spans[0] if spans else {}
        since, until = int(span.get("gte", 0)), int(span.get("lt", 1 << 60))
        hits: list[dict[str, Any]] = [
            {"_index": "logs", "_id": str(number), "_source": dict(source), "sort": [when * MILLISECOND, number]}
            for number, (when, source) in enumerate(list(self.documents))
            if since <= when < until and _is_in(number, data.get("slice"))
        ]
        return sorted(hits, key=lambda each: each["sort"])


def _is_in(number: int, part: Mapping[str, int] | None) -> bool:
    return part is None or number % part["max"] == part["id"]


def _handler(fake: FakeElasticsearch) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("content-length") or 0))
            parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            data = json.loads(content) if content.startswith(b"{") else {}
            self._write(fake.answer(Asked(self.command, parts.path, parameters, headers, data)))

        do_POST = do_DELETE = do_PUT = do_HEAD = do_GET

        def _write(self, answer: Answer) -> None:
            if not answer.status:
                self.close_connection = True
                return
            content = answer.data if isinstance(answer.data, bytes) else json.dumps(answer.data).encode()
            self.send_response_only(answer.status)
            product = {"x-elastic-product": "Elasticsearch"} if fake.product else {}
            own = {"content-type": "application/json", "content-length": str(len(content))}
            for name, value in {**own, **product, **fake.headers, **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: tests ask for what they want to know."""

    return Handler
