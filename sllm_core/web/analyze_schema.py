"""How the description of the interface shows what `POST /analyze` takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from litestar.openapi.spec import Example, OpenAPIMediaType, Operation, Parameter, Reference, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

_LINE = "2026-11-20 13:13:33.100 ERROR 1 --- [main] c.e.shop.PgClient : Connection to payment-db:5432 refused, retry 3"
_TEXT = OpenAPIType.STRING


def _options(tasks: Sequence[str], longest: float) -> dict[str, Schema]:
    return {
        "tasks": Schema(
            type=OpenAPIType.ARRAY,
            items=Schema(type=_TEXT, enum=list(tasks) or None),
            min_items=1,
            description="Names of enabled analyzers; else all.",
        ),
        "language": Schema(type=_TEXT, enum=["en", "ko"], description="Of all sentences; else the configured one."),
        "deadline": Schema(
            one_of=[
                Schema(type=OpenAPIType.NUMBER, minimum=0, maximum=longest),
                Schema(type=_TEXT, pattern=r"^\d{1,3}(ms|s)$"),
            ],
            description="How long to wait for a language model; 0 answers at once.",
        ),
    }


def _question(options: dict[str, Schema], **brought: Schema) -> Schema:
    return Schema(
        type=OpenAPIType.OBJECT,
        properties={**brought, **options},
        required=list(brought),
        additional_properties=False,
    )


def _json(options: dict[str, Schema]) -> Schema:
    text = Schema(type=_TEXT, min_length=1, description="Lines, one below the other.")
    record = Schema(type=OpenAPIType.OBJECT, description="A record as shippers write it.")
    items = Schema(type=OpenAPIType.ARRAY, min_items=1, items=Schema(any_of=[Schema(type=_TEXT), record]))
    no_question = Schema(any_of=[Schema(required=["text"]), Schema(required=["logs"])])
    alone = Schema(
        type=OpenAPIType.OBJECT,
        description="One record, or the envelope that the topic has: type, timestamp, count, data.",
        min_properties=1,
        schema_not=no_question,
    )
    several = Schema(type=OpenAPIType.ARRAY, min_items=1, description="Records, or lines.")
    return Schema(any_of=[_question(options, text=text), _question(options, logs=items), alone, several, text])


def _bodies(options: dict[str, Schema]) -> dict[str, OpenAPIMediaType]:
    envelope = {"type": "application", "timestamp": "2026-04-25T01:00:00", "count": 1, "data": [_LINE]}
    chosen = {"logs": [_LINE], "tasks": ["sentiment"], "language": "ko"}
    shipped = [{"level": "ERROR", "message": "payment failed", "service": "shop"}]
    examples: dict[str, Example | Reference] = {
        "text": Example(summary="Lines", value={"text": _LINE}),
        "logs": Example(summary="Some tasks, in Korean", value=chosen),
        "records": Example(summary="Records", value=shipped),
        "envelope": Example(summary="The envelope of the topic", value=envelope),
    }
    line = OpenAPIMediaType(schema=Schema(), examples={"lines": Example(value=_LINE)})
    record = '{"level": "ERROR", "message": "payment failed"}'
    records = OpenAPIMediaType(schema=Schema(), examples={"records": Example(value=record)})
    return {
        "application/json": OpenAPIMediaType(schema=_json(options), examples=examples),
        "text/plain": line,
        "application/x-ndjson": records,
    }


def analyze_operation(tasks: Sequence[str], longest: float) -> type[Operation]:
    """The operation with what its body and its query may be, which the handler reads itself.

    `tasks` are enabled; `longest` is the longest deadline in seconds.
    """
    options = _options(tasks, longest)

    @dataclass
    class AnalyzeOperation(Operation):
        def __post_init__(self) -> None:
            self.request_body = RequestBody(content=_bodies(options), required=True, description="Lines or records.")
            self.parameters = [
                Parameter(name=name, param_in="query", required=False, schema=schema, style="form", explode=False)
                for name, schema in options.items()
            ]

    return AnalyzeOperation


def answer_examples() -> list[Example]:
    """An answer, cut to one task."""
    anomaly = {
        "anomaly_status": "critical",
        "confidence": 0.92,
        "detected_issues": ["Connection failure"],
        "explanation": "1 issue was found among 1 record (1 error, 0 warnings): Connection failure (1).",
    }
    judged = {"records": 1, "language": "en", "method": "classifier", "model": None, "degraded": False, "reason": ""}
    return [Example(id="answer", summary="One line", value={**judged, "warnings": [], "tasks": {"anomaly": anomaly}})]
