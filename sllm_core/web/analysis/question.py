"""What a request asks: the lines that it brings, and what it wants to know of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from sllm_core.settings.fields import parse_duration
from sllm_core.settings.mistakes import suggestion
from sllm_core.web.problems import Fault, Problem, wrong

JSON = "application/json"
LINES = ("text/plain", "application/x-ndjson", "application/jsonl", "application/ndjson")
LANGUAGES = ("en", "ko")
OPTIONS = ("tasks", "language", "deadline")
BRINGING = ("text", "logs")
TOLD = 10
"""How many faults of a body are told at once."""


@dataclass(frozen=True)
class Question:
    """The `payload` as a MessageReader reads it, the names of the analyzers, en or ko, and how many seconds the answer
    may wait for a language model."""

    payload: bytes
    tasks: tuple[str, ...]
    language: str
    deadline: float


@dataclass(frozen=True)
class Asking:
    """What may be asked: `tasks` are those of the enabled analyzers, all of which are asked where none is named;
    `language` and `deadline` those of a request that names none, `longest` is the longest deadline."""

    tasks: tuple[str, ...]
    language: str
    deadline: float
    longest: float
    lines: int

    def question(self, body: bytes, media_type: str, query: Mapping[str, str]) -> Question:
        """The question in a body; what stands in the query goes before it.

        Raises:
            Problem: it cannot be read, or asks for what there is not.
        """
        payload, given = self._brought(body, media_type)
        chosen = self._options(given) | self._options({name: query[name] for name in OPTIONS if name in query})
        if not payload.strip():
            raise Problem(400, "there is nothing to analyse: send at least one line")
        if payload.count(b"\n") > self.lines:
            raise Problem(413, f"more than {self.lines} lines; send them in several requests")
        return Question(payload, **{**self._usual(), **chosen})

    def _usual(self) -> dict[str, Any]:
        if not self.tasks:
            raise Problem(409, "no analyzer is enabled; add [plugins.sentiment] to config.toml")
        return {"tasks": self.tasks, "language": self.language, "deadline": self.deadline}

    def _options(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The options that are given, valid."""
        readers = {"tasks": self._tasks, "language": self._language, "deadline": self._deadline}
        return {name: readers[name](given[name]) for name in OPTIONS if name in given}

    def _brought(self, body: bytes, media_type: str) -> tuple[bytes, dict[str, Any]]:
        """The lines or records, and the options beside them."""
        if media_type in LINES:
            return body, {}
        if media_type != JSON and not media_type.endswith("+json"):
            kinds = ", ".join((JSON, *LINES[:2]))
            detail = f"send {kinds}, and say which: curl -H 'Content-Type: {JSON}'"
            raise Problem(415, detail, headers={"Accept": kinds})
        value = _loaded(body)
        if not isinstance(value, dict | list | str) or not value:
            raise Problem(400, "there is nothing to analyse: send lines or records")
        if not isinstance(value, dict) or not any(name in value for name in BRINGING):
            if isinstance(value, list) and len(value) > self.lines:
                raise Problem(413, f"more than {self.lines} records; send them in several requests")
            return body, {}
        _check_fields(value)
        return self._payload(value), {name: value[name] for name in OPTIONS if name in value}

    def _payload(self, value: Mapping[str, Any]) -> bytes:
        if "text" in value:
            if not isinstance(value["text"], str):
                raise wrong("text", "expected a string: the lines, one below the other")
            return value["text"].encode()
        logs = value["logs"]
        if not isinstance(logs, list):
            raise wrong("logs", "expected an array of lines, or of objects")
        if len(logs) > self.lines:
            raise wrong("logs", f"more than {self.lines} records; send them in several requests", 413)
        if faults := [*_no_records(logs)]:
            raise Problem(400, "logs: expected lines, or objects", faults)
        return _dumped(logs) if logs else b""

    def _tasks(self, given: object) -> tuple[str, ...]:
        wanted = given.split(",") if isinstance(given, str) else given
        if not isinstance(wanted, Sequence) or not wanted:
            raise wrong("tasks", f"expected an array of names, of {', '.join(self.tasks)}; or leave it out for all")
        if faults := [*self._unknown(wanted)]:
            raise Problem(400, f"{faults[0].field}: {faults[0].detail}", faults)
        return tuple(dict.fromkeys(wanted))

    def _unknown(self, wanted: Sequence[Any]) -> Iterator[Fault]:
        unknown = (each for each in enumerate(wanted) if each[1] not in self.tasks)
        for place, name in islice(unknown, TOLD):
            near = suggestion(name, self.tasks) if isinstance(name, str) else ""
            yield Fault(f"tasks[{place}]", f"no enabled analyzer{near or '; there are ' + ', '.join(self.tasks)}")

    def _language(self, given: object) -> str:
        if given not in LANGUAGES:
            raise wrong("language", "expected en or ko")
        return str(given)

    def _deadline(self, given: object) -> float:
        number = _number(given)
        try:
            seconds = parse_duration(number).total_seconds()
        except ValueError as error:
            raise wrong("deadline", str(error)) from error
        if seconds > self.longest or (isinstance(number, float) and number > self.longest):
            raise wrong("deadline", f"at most {self.longest:g} s ([service] max_deadline)")
        return seconds


def _number(given: object) -> object:
    """A text that is a number as that number, since all of a query is text."""
    try:
        return float(given) if isinstance(given, str) else given
    except ValueError:
        return given


def _loaded(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        place = len(error.doc[: error.pos].encode(errors="replace")) if isinstance(error.doc, str) else error.pos
        raise Problem(400, f"the body is no JSON: {error.msg} at byte {place} of {len(body)}") from error


def _check_fields(value: Mapping[str, Any]) -> None:
    """See that an object that asks has the fields of one and no others."""
    if all(name in value for name in BRINGING):
        raise wrong("logs", "send either text or logs, not both")
    known = (*BRINGING, *OPTIONS)
    unknown = [Fault(name[:100], f"no such field{suggestion(name, known)}") for name in value if name not in known]
    if unknown:
        hint = "; a record of yours with a field text or logs goes into an array"
        raise Problem(400, f"{unknown[0].field}: {unknown[0].detail}{hint}", unknown[:TOLD])


def _no_records(logs: Sequence[object]) -> Iterator[Fault]:
    places = (place for place, each in enumerate(logs) if not isinstance(each, str | dict))
    for place in islice(places, TOLD):
        yield Fault(f"logs[{place}]", "expected a line, or an object")


def _dumped(logs: Sequence[object]) -> bytes:
    try:
        return orjson.dumps(logs)
    except TypeError as error:
        raise wrong("logs", "an object is nested too deep") from error
