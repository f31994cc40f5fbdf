"""What `POST /feedback` takes, and how the description of the interface shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from litestar import Request
from litestar.openapi.spec import Example, OpenAPIMediaType, Operation, Reference, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from sllm_core.learning.feedback import LABELS, NOTE, Feedback
from sllm_core.learning.statement import SUMMARY, TASKS
from sllm_core.settings.sections import ServiceSection
from sllm_core.web.analysis.question import JSON
from sllm_core.web.bodies import read_body
from sllm_core.web.problems import Problem, wrong

FIELDS = ("task", "finding", "pattern", "right", "label", "text", "note")
PATTERN = "^[0-9a-f]{16}$"
FINDING = "^[0-9A-Za-z._:-]{1,128}$"

_FINDING = "3f0c9d5e6b7a48219e0d1c2b3a495867"
_EXAMPLES: Mapping[str, Example | Reference] = {
    "thumbs up": Example(summary="It is right", value={"task": "anomaly", "finding": _FINDING, "right": True}),
    "label": Example(
        summary="What it should have been",
        value={"task": "anomaly", "finding": _FINDING, "label": "normal", "note": "the nightly restart"},
    ),
    "pattern": Example(
        summary="A kind of message, wherever it comes",
        value={"task": "sentiment", "pattern": "00f1a2b3c4d5e6f7", "label": "negative"},
    ),
    "summary": Example(
        summary="What a summary should have told",
        value={"task": SUMMARY, "finding": _FINDING, "text": "In the past hour, 1,245 requests were processed."},
    ),
}


@dataclass
class FeedbackOperation(Operation):
    """The operation with what its body may be, which the handler reads itself."""

    def __post_init__(self) -> None:
        content = {JSON: OpenAPIMediaType(_schema(), examples=dict(_EXAMPLES))}
        about = "About a pattern, or a finding; `right`, `label` (of a summary `text`), or both where they agree."
        self.request_body = RequestBody(content=content, description=about, required=True)


def _schema() -> Schema:
    labels = sorted({label for each in LABELS.values() for label in each})
    return Schema(
        type=OpenAPIType.OBJECT,
        additional_properties=False,
        required=["task"],
        any_of=[Schema(required=["finding"]), Schema(required=["pattern"])],
        properties={
            "task": Schema(type=OpenAPIType.STRING, enum=list(TASKS)),
            "finding": Schema(type=OpenAPIType.STRING, pattern=FINDING, description="Its id."),
            "pattern": Schema(
                type=OpenAPIType.STRING, pattern=PATTERN, description="Its id; with it, `finding` says where it was."
            ),
            "right": Schema(type=OpenAPIType.BOOLEAN, description="Whether the verdict is right."),
            "label": Schema(
                type=OpenAPIType.STRING,
                enum=labels,
                description="; ".join(f"{task}: {', '.join(names)}" for task, names in LABELS.items()),
            ),
            "text": Schema(
                type=OpenAPIType.STRING,
                max_length=NOTE,
                description="Of a summary what it should have told; its figures must be those of the finding.",
            ),
            "note": Schema(type=OpenAPIType.STRING, max_length=NOTE, description="Why, for people."),
        },
    )


async def read_feedback(request: Request[Any, Any, Any], section: ServiceSection, by: str) -> Feedback:
    """The statement in the body.

    Raises:
        Problem: the body cannot be read, or has fields of other types.
    """
    body = await read_body(request, section)
    if request.content_type[0] != JSON:
        raise Problem(415, f"send {JSON}, and say so in Content-Type")
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise wrong("body", f"it is no JSON: {error}") from error
    if not isinstance(given, dict):
        raise wrong("body", f"expected an object, with {', '.join(FIELDS)} as is needed")
    if unknown := sorted(given.keys() - set(FIELDS)):
        raise wrong(str(unknown[0])[:64], f"there is no such field; there are {', '.join(FIELDS)}")
    return _feedback(given, by)


def _feedback(given: Mapping[str, Any], by: str) -> Feedback:
    right = given.get("right")
    if "right" in given and not isinstance(right, bool):
        raise wrong("right", "expected true or false")
    pattern = _text(given, "pattern")
    if pattern is not None and not re.fullmatch(PATTERN, pattern):
        raise wrong("pattern", "expected an id of 16 hexadecimal digits")
    finding = _text(given, "finding")
    if finding is not None and not re.fullmatch(FINDING, finding):
        raise wrong("finding", "expected the id of a finding")
    return Feedback(
        at=datetime.now(UTC),
        by=by,
        via="api",
        task=_text(given, "task") or "",
        finding=finding,
        pattern=None if pattern is None else int(pattern, 16),
        right=right,
        label=_text(given, "label"),
        text=_text(given, "text") or "",
        note=_text(given, "note") or "",
    )


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if name in given and not isinstance(value, str):
        raise wrong(name, "expected a text")
    return value
