"""How the description of the interface shows what `POST /logs` takes."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIType, Operation, Parameter, RequestBody, Schema

KEY = "Idempotency-Key"
"""The header under whose value a body is taken once."""

_RECORDS = [{"@timestamp": "2026-11-20T13:13:33Z", "level": "ERROR", "message": "payment failed", "service": "shop"}]


@dataclass
class LogsOperation(Operation):
    """The operation with what its body may be, which the handler reads itself."""

    def __post_init__(self) -> None:
        self.parameters = [*(self.parameters or []), _key()]
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


def _key() -> Parameter:
    return Parameter(
        name=KEY,
        param_in="header",
        required=False,
        schema=Schema(type=OpenAPIType.STRING, min_length=1, max_length=255, pattern="^[!-~]+$"),
        description="A name of the body, such as a UUID: sent again under it, the body is answered as it was the first "
        "time, with `Idempotency-Replayed: true`, and not stored again. It is known for a day; with another body it is "
        "refused.",
    )
