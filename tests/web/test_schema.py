"""The description of the interface, and whether the service keeps to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from web_service import CONFIG, serving, started, until

CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]

NAMES = (("GET", "/findings"), ("GET", "/feedback"))
"""What has parameters that are names, which any text may be."""


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BaseSchema]:
    """What a process tells of itself."""
    schemathesis.serializer.alias("application/x-ndjson", "text/plain")
    folder: Path = tmp_path_factory.mktemp("served")
    (folder / "config.toml").write_text(f"{CONFIG}[plugins.http]\n[plugins.classifier]")
    with started(folder) as served:
        until(lambda: httpx.get(f"{served.url}/health/ready").status_code == 200)
        yield schemathesis.openapi.from_url(f"{served.url}/schema")


def checked(described: BaseSchema, method: str, path: str, mode: GenerationMode) -> None:
    """Send what the description allows, or (`mode`) what it does not, and see that it is answered as it says."""

    @settings(max_examples=100, suppress_health_check=list(HealthCheck))
    @given(case=described[path][method].as_strategy(generation_mode=mode))
    def check(case: Case[Any]) -> None:
        answer = case.call()
        assert answer.status_code < 500
        names = (method, path) in NAMES
        case.validate_response(answer, checks=CHECKS[:-1] if names else CHECKS)

    check()


HEALTH = ("/health", "/health/live", "/health/ready")
ASKED = (*HEALTH, "/findings/{id}", "/fine-tune/{run}", "/models", "/models/{version}")
SWITCHED = (("POST", "/models/{version}/promote"), ("POST", "/models/{tuner}/rollback"))


@pytest.mark.parametrize("path", ASKED)
def test_what_is_asked_is_answered_as_described(described: BaseSchema, path: str) -> None:
    checked(described, "GET", path, GenerationMode.POSITIVE)


SENT = (
    ("POST", "/analyze"),
    ("GET", "/findings"),
    ("GET", "/patterns"),
    ("POST", "/fine-tune"),
    ("GET", "/fine-tune"),
    ("POST", "/feedback"),
    ("GET", "/feedback"),
)


@pytest.mark.parametrize(("method", "path"), [*SENT, *SWITCHED, ("POST", "/logs"), ("DELETE", "/fine-tune/{run}")])
def test_what_is_sent_is_answered_as_described(described: BaseSchema, method: str, path: str) -> None:
    checked(described, method, path, GenerationMode.POSITIVE)


@pytest.mark.parametrize(("method", "path"), [*SENT])
def test_what_is_not_described_is_refused(described: BaseSchema, method: str, path: str) -> None:
    checked(described, method, path, GenerationMode.NEGATIVE)


def document() -> dict[str, Any]:
    async def ask() -> dict[str, Any]:
        async with serving() as (client, _):
            found: dict[str, Any] = (await client.get("/schema")).json()
            return found

    return asyncio.run(ask())


def test_every_operation_has_a_summary_and_its_problems() -> None:
    operations = [each for path in document()["paths"].values() for each in path.values()]
    assert len(operations) >= 4
    assert [each for each in operations if not each.get("summary")] == []


def test_the_examples_are_shown() -> None:
    bodies = document()["paths"]["/analyze"]["post"]["requestBody"]["content"]
    assert list(bodies["application/json"]["examples"]) == ["text", "logs", "records", "envelope"]


def test_the_tasks_are_those_that_are_enabled() -> None:
    text = str(document()["paths"]["/analyze"]["post"])
    assert "'enum': ['sentiment', 'anomaly', 'summary']" in text
