"""The facts of a finding as a language model is shown them: figures as people shall read them, names apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from sllm_core.findings import Finding
from sllm_core.summaries.issues import catalogue
from sllm_core.summaries.language import Say, between, chooser, listing, number, percent, plural

KINDS, SERVICES, MESSAGES, EXAMPLES, ISSUES = 5, 3, 4, 2, 6
"""How many of each are shown."""

LAST = 2
"""In how many of the last sixtieths of a window there must be records for a trouble to be still going on."""

_VERDICTS = MappingProxyType({"warning": "경고", "critical": "심각"})


class PatternTexts(Protocol):
    """What a table of patterns says about one of them."""

    def template(self, pattern: int, /) -> str: ...

    def example(self, pattern: int, /) -> str: ...


def figures(finding: Finding) -> Iterator[str]:
    """The lines that consist of words of ours and figures; of an issue or of a window."""
    say = chooser(finding.language)
    yield say(f"verdict: {finding.label}", f"판정: {_VERDICTS.get(finding.label, finding.label)}")
    yield from (_issue if "kinds" in finding.facts else _window)(finding, say)


def names(finding: Finding, patterns: PatternTexts) -> Iterator[tuple[str, str]]:
    """Pairs of a label and what comes from the log: a name, a message, an example."""
    say, facts = chooser(finding.language), finding.facts
    if facts.get("target"):
        yield say("about the host", "관련 호스트"), facts["target"]
    yield from ((say("service", "서비스"), each) for each in facts.get("services", ())[:SERVICES])
    for kind, count in list(facts.get("kinds", {}).items())[:KINDS]:
        if catalogue().known(kind) is None:
            counted = say(plural(count, "record"), f"{number(count)}건")
            yield say(f"kind of trouble ({counted})", f"문제 유형({counted})"), kind
    yield from _messages(finding, patterns, say)


def _issue(finding: Finding, say: Say) -> Iterator[str]:
    facts, language = finding.facts, finding.language
    first, last = (datetime.fromisoformat(facts[each]) for each in ("first", "last"))
    when = between(first, last, language)
    if any(facts["slots"][-LAST:]):
        when = say(f"{when}, still going on when the window ended", f"{when}, 구간이 끝날 때까지 계속됨")
    if facts["records"]:
        yield say(f"time: {when}", f"시각: {when}")
    count, kinds = facts["records"], facts["pattern_count"]
    yield say(
        f"records: {number(count)}, of {plural(kinds, 'kind')} of message",
        f"로그: {number(count)}건, 메시지 유형 {number(kinds)}개",
    )
    yield from _usual(facts, say)
    known = [(each, count) for each, count in facts["kinds"].items() if catalogue().known(each)][:KINDS]
    told = [f"{catalogue().title(each, language)} ({number(count)})" for each, count in known]
    if told:
        yield say(f"kinds of trouble, the likely root first: {listing(told, 'ko')}", _roots(known))


def _roots(kinds: Sequence[tuple[str, int]]) -> str:
    told = [f"{catalogue().title(each, 'ko')}({number(count)}건)" for each, count in kinds]
    return f"문제 유형(근본 원인으로 보이는 것부터): {', '.join(told)}"


def _usual(facts: Mapping[str, Any], say: Say) -> Iterator[str]:
    if "share" in facts:
        failures, answers, share = number(facts["failures"]), number(facts["answers"]), percent(facts["share"])
        yield say(
            f"answers with 5xx: {failures} of {answers} ({share})", f"5xx 응답: {answers}건 중 {failures}건({share})"
        )
    if facts["new_patterns"] == facts["pattern_count"]:
        yield say("usual: never seen before", "평소: 이전에 나타난 적 없음")
    elif (usual := facts["usual"]) is not None:
        few = usual < 0.5
        amount = say("almost none", "거의 없음") if few else say(f"about {number(usual)}", f"약 {number(usual)}건")
        yield say(f"usual: {amount} in a window", f"평소: 구간당 {amount}")
    if 0 < facts["new_patterns"] < facts["pattern_count"]:
        new = facts["new_patterns"]
        yield say(f"kinds of message never seen before: {number(new)}", f"처음 나타난 메시지 유형: {number(new)}개")
    if "ongoing" in facts["reason"]:
        yield say("it was there in earlier windows as well", "이전 구간에도 있었음")
    if "burst" in facts["reason"]:
        yield say("it came in a burst", "짧은 시간에 몰려서 기록됨")


def _window(finding: Finding, say: Say) -> Iterator[str]:
    facts = finding.facts
    if finding.window:
        when = between(*finding.window, finding.language)
        yield say(f"time: {when}", f"시각: {when}")
    records, errors, warnings = (number(facts[each]) for each in ("records", "errors", "warnings"))
    share = percent(facts["error_share"])
    yield say(f"records: {records}", f"로그: {records}건")
    yield say(f"errors: {errors} ({share} of the records)", f"오류: {errors}건(전체 로그의 {share})")
    if facts["usual_error_share"] is not None:
        usual = percent(facts["usual_error_share"])
        yield say(f"usual share of errors: {usual}", f"평소 오류 비율: {usual}")
    yield say(f"warnings: {warnings}", f"경고: {warnings}건")
    yield say(f"issues found: {number(facts['issues'])}", f"발견된 이상 징후: {number(facts['issues'])}건")


def _messages(finding: Finding, patterns: PatternTexts, say: Say) -> Iterator[tuple[str, str]]:
    """The templates with their figures, then examples of the first."""
    if "kinds" in finding.facts:
        for each in finding.facts["patterns"][:MESSAGES]:
            yield _labelled(each, say), each["template"]
    else:
        yield from ((say("kind of trouble", "문제 유형"), each) for each in finding.detected_issues[:ISSUES])
    chosen = finding.patterns[:EXAMPLES] if "kinds" in finding.facts else finding.patterns[:MESSAGES]
    yield from ((say("example", "실제 메시지"), each) for each in _examples(chosen, patterns))


def _labelled(pattern: Mapping[str, Any], say: Say) -> str:
    count = say(plural(pattern["count"], "record"), f"{number(pattern['count'])}건")
    marks = [count, *([pattern["level"]] if pattern["level"] else [])]
    marks += [say("new", "처음 나타남")] if pattern["new"] else []
    return say(f"message ({', '.join(marks)})", f"메시지({', '.join(marks)})")


def _examples(chosen: Sequence[int], patterns: PatternTexts) -> Iterator[str]:
    """One message of each pattern that is still known."""
    for each in chosen:
        try:
            yield patterns.example(each)
        except KeyError:
            continue
