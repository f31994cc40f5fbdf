"""The sentences of a summary in English."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sllm_core.records import LEVELS
from sllm_core.summaries.facts import Facts
from sllm_core.summaries.issues import catalogue
from sllm_core.summaries.language import duration, listing, number, percent, plural, shorten, span


def sentences(facts: Facts, start: datetime, end: datetime) -> Iterator[str]:
    """One sentence after the other, the most important first."""
    when = span(start, end, "en")
    when = when[0].upper() + when[1:]
    if not facts["records"]:
        yield f"{when} nothing was logged."
        return
    if facts["requests"]:
        yield f"{when}, {plural(facts['requests'], 'request')} {_were(facts['requests'])} processed."
        yield from _requests(facts)
    else:
        yield f"{when}, {plural(facts['records'], 'record')} {_were(facts['records'])} logged{_levels(facts)}."
    yield _errors(facts)
    yield from _services(facts)
    if not facts["requests"]:
        yield from _patterns(facts)
    yield from _news(facts)


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _requests(facts: Facts) -> Iterator[str]:
    if latency := facts["latency"]:
        yield f"The mean response time was {duration(latency['mean_ms'])} (p95 {duration(latency['p95_ms'])})."
    named = [each for each in facts["endpoints"] if each["name"]]
    if named:
        yield f"The most requested endpoint was {named[0]['name']} ({plural(named[0]['requests'], 'request')})."


def _levels(facts: Facts) -> str:
    levels = [f"{number(facts['levels'][each])} {each}" for each in LEVELS if each in facts["levels"]]
    return f" ({', '.join(levels)})" if levels else ""


def _errors(facts: Facts) -> str:
    warnings = f"{plural(facts['warnings'], 'warning')}"
    if not facts["errors"]:
        return f"There were no errors and {warnings if facts['warnings'] else 'no warnings'}."
    share = f"{percent(facts['error_share'])} of {plural(facts['records'], 'record')}"
    kinds = [
        f"{catalogue().title(each['name'], 'en')} ({number(each['count'])})"
        for each in facts["error_kinds"][:3]
        if each["name"]
    ]
    most = f", mostly {listing(kinds, 'en')}" if kinds else ""
    also = f"; there {_were(facts['warnings'])} also {warnings}" if facts["warnings"] else ""
    return f"{plural(facts['errors'], 'error')} occurred ({share}){most}{also}."


def _services(facts: Facts) -> Iterator[str]:
    named = [each for each in facts["services"] if each["name"]]
    if len(named) > 1:
        yield f"The busiest services were {listing([_service(each) for each in named[:3]], 'en')}."
    failing = max(named, key=lambda each: int(each["errors"]), default=None)
    if failing and len(named) > 1 and failing["errors"]:
        yield f"Most errors came from {failing['name']} ({number(failing['errors'])})."


def _service(entry: Facts) -> str:
    return f"{entry['name']} ({plural(entry['records'], 'record')})"


def _patterns(facts: Facts) -> Iterator[str]:
    named: list[dict[str, Any]] = [each for each in facts["top_patterns"] if each["name"]]
    if named:
        yield f"The most frequent message was “{shorten(named[0]['template'], 100)}” ({number(named[0]['count'])})."


def _news(facts: Facts) -> Iterator[str]:
    if facts["new_patterns"]:
        count = facts["new_patterns"]
        yield f"{plural(count, 'kind')} of message {'was' if count == 1 else 'were'} seen for the first time."
    if facts["change"] is not None and facts["before"]:
        before = number(facts["before"]["records"])
        yield f"{_change(facts['change'])} the window before ({before} records)."


def _change(change: float) -> str:
    if abs(change) < 0.01:
        return "That is about as many records as in"
    return f"That is {percent(abs(change))} {'more' if change > 0 else 'fewer'} records than in"
