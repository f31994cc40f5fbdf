"""What spans and lines of the log tell of calls of the model, writes to sinks and tuning, and what they do not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from sllm_core.learning.orders import Order, Tell, TuningResult
from sllm_core.log_context import Fields, bound, bound_fields
from sllm_core.models import Gateway, Prompt
from sllm_core.settings.sections import TelemetrySection
from sllm_core.store import Store
from sllm_core.telemetry import exported
from sllm_core.testing import ScriptedModel
from sllm_core.tracing import use_tracer
from tuning_scene import ScriptedTuning, runs_of

SECRET = "hunter2-in-a-log-line"
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string", "maxLength": 99}},
    "required": ["a"],
    "additionalProperties": False,
}


@contextmanager
def traced() -> Iterator[InMemorySpanExporter]:
    memory = InMemorySpanExporter()
    with exported(memory, TelemetrySection()) as tracer, use_tracer(tracer):
        yield memory


def spans(work: Callable[[], Coroutine[Any, Any, object]]) -> dict[str, ReadableSpan]:
    """Those that it makes, by name."""
    with traced() as memory:
        asyncio.run(work())
    return {each.name: each for each in memory.get_finished_spans()}


def test_a_call_of_the_model_is_one_without_prompt_and_answer() -> None:
    async def ask() -> None:
        gateway = Gateway(ScriptedModel(lambda _: {"a": SECRET}))
        await gateway.ask(Prompt("judge", "1", "en", SECRET, SECRET, SCHEMA))
        await gateway.close()

    found = spans(ask)["ask the model"]
    assert found.attributes is not None and found.attributes["sllm.task"] == "judge"
    assert SECRET not in found.to_json()


class Witness(ScriptedTuning):
    """Sees what lines of the log bear."""

    seen: Fields

    async def tune(self, order: Order, run: str, tell: Tell) -> TuningResult:
        self.seen = bound_fields()
        return await super().tune(order, run, tell)


def test_tuning_is_one_and_its_lines_bear_the_run_and_not_the_request() -> None:
    tuning = Witness()

    async def tune() -> None:
        runs = runs_of(Store(), tuning)
        with bound(request_id="a"):
            run = await runs.start(Order(), "request", "ops")
        tuning.go.set()
        async with asyncio.timeout(60):
            await runs.ended(run.id)

    found = spans(tune)["tune"]
    assert found.attributes is not None
    assert tuning.seen == {"run": found.attributes["sllm.run"]}
