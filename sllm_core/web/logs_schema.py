"""How the description of the interface shows what `POST /logs` takes."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.openapi.spec import Example, OpenAPIMediaType, Operation, RequestBody, Schema

_RECORDS = [{"@timestamp": "2026-11-20T13:13:33Z", "level": "ERROR", "message": "payment failed", "service": "shop"}]


@dataclass
class LogsOperation(Operation):
    """The operation with what its body may be, which the handler reads itself."""

    def __post_init__(self) -> None:
        line = '{"level": "ERROR", "message": "payment failed"}'
        self.request_body = RequestBody(
            required=True,
            description="Records as shippers write them, the envelope of the topic, or lines.",
            content={
                "application/json": OpenAPIMediaType(Schema(), examples={"records": Example(value=_RECORDS)}),
                "application/x-ndjson": OpenAPIMediaType(Schema(), examples={"records": Example(value=line)}),
                "text/plain": OpenAPIMediaType(Schema(), examples={"lines": Example(value="ERROR payment failed")}),
            },
        )
