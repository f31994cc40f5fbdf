"""What `POST /fine-tune` takes, and how the description of the interface shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from litestar import Request
from litestar.openapi.spec import Example, OpenAPIMediaType, Operation, Reference, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from sllm_core.learning.orders import Order
from sllm_core.settings.sections import ServiceSection
from sllm_core.web.analysis.question import JSON
from sllm_core.web.bodies import read_body
from sllm_core.web.problems import Problem, wrong

LONGEST = 64
"""How many characters a name has."""

MOST = 32
"""How many names there may be."""

EVENTS = """Each event has the whole run as it is then, so that who misses one misses nothing; its id is the `revision`
of the run. The last is `end`. A client that returns with `Last-Event-ID` gets what has changed since; once it has the
end, 204, after which a browser does not return."""

_EXAMPLES: dict[str, Example | Reference] = {
    "everything": Example(summary="All tuners and tasks", value={}),
    "one": Example(summary="One tuner, without promoting", value={"tuners": ["classifier"], "dry_run": True}),
    "task": Example(summary="One task", value={"tasks": ["sentiment"]}),
}


def _names(about: str) -> Schema:
    name = Schema(type=OpenAPIType.STRING, min_length=1, max_length=LONGEST)
    return Schema(type=OpenAPIType.ARRAY, items=name, max_items=MOST, description=about)


@dataclass
class FineTuneOperation(Operation):
    """The operation with what its body may be, which the handler reads itself."""

    def __post_init__(self) -> None:
        fields: dict[str, Reference | Schema] = {
            "tuners": _names("Names of enabled tuners; else all."),
            "tasks": _names("sentiment, anomaly; else all that the tuners know."),
            "dry_run": Schema(type=OpenAPIType.BOOLEAN, description="Train and measure, but promote nothing."),
        }
        schema = Schema(type=OpenAPIType.OBJECT, additional_properties=False, properties=fields)
        content: dict[str, OpenAPIMediaType] = {JSON: OpenAPIMediaType(schema, examples=_EXAMPLES)}
        self.request_body = RequestBody(content=content, description="What to tune; nothing: everything.")


async def read_order(request: Request[Any, Any, Any], section: ServiceSection) -> Order:
    """What is ordered; without a body all of it.

    Raises:
        Problem: the body cannot be read, or is no order.
    """
    body = await read_body(request, section)
    if not body:
        return Order()
    if request.content_type[0] != JSON:
        raise Problem(415, f"send {JSON}, and say so in Content-Type")
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise wrong("body", f"it is no JSON: {error}") from error
    return _order(given)


def _order(given: object) -> Order:
    if not isinstance(given, dict):
        raise wrong("body", "expected an object, with tuners, tasks and dry_run as is needed")
    if unknown := sorted(given.keys() - {"tuners", "tasks", "dry_run"}):
        raise wrong(str(unknown[0])[:LONGEST], "there is no such field; there are tuners, tasks and dry_run")
    dry_run = given.get("dry_run", False)
    if not isinstance(dry_run, bool):
        raise wrong("dry_run", "expected true or false")
    return Order(_given_names(given, "tuners"), _given_names(given, "tasks"), dry_run)


def _given_names(given: dict[str, Any], field: str) -> tuple[str, ...]:
    names = given.get(field, [])
    if not isinstance(names, list) or len(names) > MOST:
        raise wrong(field, f"expected a list of at most {MOST} names")
    if not all(isinstance(each, str) and 1 <= len(each) <= LONGEST for each in names):
        raise wrong(field, f"expected names of 1 to {LONGEST} characters")
    return tuple(dict.fromkeys(names))
