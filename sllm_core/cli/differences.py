"""`sllm patterns --diff A B`: what became of the patterns from A to B."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from sllm_core.cli.moments import Span, parse_span
from sllm_core.cli.pattern_output import Form
from sllm_core.cli.sightings import Choice, Sighted, from_paths, from_store
from sllm_core.plugin import PluginError

if TYPE_CHECKING:
    from sllm_core.report.differences import Difference, Part
    from sllm_core.report.selection import Selection

FOUND = 4
"""The exit code when --fail-on-new is met."""


@dataclass(frozen=True)
class Question:
    """What is compared: the sides, as paths or as times in `paths` or else in the store; within `span`, and how."""

    paths: tuple[str, ...]
    sides: tuple[str, str]
    span: Span
    by: Literal["share", "rate"]
    alpha: float
    fail_on_new: str | None
    config: Path


def compare(question: Question, choice: Choice, selection: Selection, form: Form) -> int:
    """Compare, write what is found, and say with which code to exit.

    Raises:
        PluginError: something cannot be read, or one side is empty.
        click.UsageError: the sides are neither two paths nor two times, or bear no times where they need them.
    """
    from sllm_core.report.differences import differences

    parts, seen = _parts(question, choice)
    if question.by == "rate" and not all(each.span for each in parts):
        raise click.UsageError("--by rate needs times, and the records bear none that could be read")
    found = differences(*parts, seen.patterns, seen.verdicts, by=question.by, alpha=question.alpha)
    rows = [each for each in found.rows if selection.allows(each, max(each.a, each.b))]
    form.write_differences(found, rows, seen.language, seen.zone)
    return FOUND if _is_met(question.fail_on_new, rows) else seen.code


def _parts(question: Question, choice: Choice) -> tuple[tuple[Part, Part], Sighted]:
    spans = [_span(each) for each in question.sides]
    a, b = spans
    if a and b:
        seen = _whole(question, (a, b), choice).within(question.span)
        return (_in_time(question.sides[0], a, seen), _in_time(question.sides[1], b, seen)), seen
    if a or b:
        raise click.UsageError(f"--diff: {' and '.join(question.sides)} are a time and a path; give two of one kind")
    if question.paths:
        raise click.UsageError(
            f"--diff: with two paths to compare, no others are read: leave out {' '.join(question.paths)}"
        )
    return _read(question, choice)


def _whole(question: Question, spans: tuple[Span, Span], choice: Choice) -> Sighted:
    if question.paths:
        return from_paths(question.paths, choice)
    return from_store(question.config, spans, choice)


def _read(question: Question, choice: Choice) -> tuple[tuple[Part, Part], Sighted]:
    first = from_paths((question.sides[0],), choice)
    second = from_paths((question.sides[1],), choice, first.patterns)
    a, b = (each.settled().within(question.span) for each in (first, second))
    return (_whole_part(question.sides[0], a), _whole_part(question.sides[1], b)), max(a, b, key=lambda each: each.code)


def _span(text: str) -> Span | None:
    """The time that a side names, None if it is a path."""
    if ".." not in text or "/" in text or Path(text).exists():
        return None
    try:
        return parse_span(text)
    except ValueError as error:
        raise click.BadParameter(f"{text}: no such file, and {error}", param_hint="--diff") from error


def _whole_part(name: str, seen: Sighted) -> Part:
    from sllm_core.report.differences import Part

    return Part(_filled(name, seen), seen.series, seen.series.span if seen.series.timed else None)


def _in_time(name: str, span: Span, seen: Sighted) -> Part:
    """The part of the time that there are records of; its length counts, and not only from record to record."""
    from sllm_core.report.differences import Part

    since, until = seen.bounds(span)
    chosen = seen.within(span)
    start, end = seen.series.span
    bounds = max(start, start if since is None else since), min(end, end if until is None else until)
    return Part(_filled(name, chosen), chosen.series, bounds)


def _filled(name: str, seen: Sighted) -> str:
    if not seen.series.records:
        extent = [f"{each:%Y-%m-%d %H:%M:%S}" for each in seen.shown_extent or ()]
        there = f"; there are records from {' to '.join(extent)}" if extent else ""
        raise PluginError(f"{name} has no records, so there is nothing to compare{there}")
    return name


def _is_met(fail_on_new: str | None, rows: list[Difference]) -> bool:
    from sllm_core.report.differences import PROBLEM

    new = [each for each in rows if each.kind == "new"]
    return bool(new) and (
        fail_on_new == "any" or (fail_on_new == "problem" and any(each.problem >= PROBLEM for each in new))
    )
