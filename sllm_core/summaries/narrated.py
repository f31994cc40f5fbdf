"""The facts of a summary as a language model is shown them: one to a line, figures as people shall read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sllm_core.records import LEVELS
from sllm_core.summaries.facts import Facts
from sllm_core.summaries.issues import catalogue
from sllm_core.summaries.language import Say, chooser, duration, number, percent, plural

SERVICES, ENDPOINTS, KINDS, NEW = 4, 2, 4, 2
"""How many entries of each ranking are shown."""


def figures(facts: Facts, language: str) -> Iterator[str]:
    """The lines that consist of words of ours and figures."""
    say = chooser(language)
    if facts["requests"]:
        yield from _requests(facts, say)
    levels = [f"{number(facts['levels'][each])} {each}" for each in LEVELS if each in facts["levels"]]
    spread = f" ({', '.join(levels)})" if levels else ""
    yield say(f"records: {number(facts['records'])}{spread}", f"로그: {number(facts['records'])}건{spread}")
    yield from _trouble(facts, say)
    if facts["new_patterns"]:
        new = number(facts["new_patterns"])
        yield say(f"kinds of message seen for the first time: {new}", f"처음 나타난 메시지 유형: {new}개")
    if facts["change"] is not None and facts["before"]:
        yield from _change(facts["change"], facts["before"], say)


def names(facts: Facts, language: str) -> Iterator[tuple[str, str]]:
    """Pairs of a label, with figures in parentheses, and what comes from the log: a name or a message."""
    say = chooser(language)
    for each in _named(facts["services"], SERVICES):
        records, errors = number(each["records"]), number(each["errors"])
        counts = f"{plural(each['records'], 'record')}, {plural(each['errors'], 'error')}"
        yield say(f"service ({counts})", f"서비스(로그 {records}건, 오류 {errors}건)"), each["name"]
    for each in _named(facts["endpoints"], ENDPOINTS):
        requests, failures = number(each["requests"]), number(each["failures"])
        counts = f"{plural(each['requests'], 'request')}, {failures} failed"
        yield say(f"endpoint ({counts})", f"엔드포인트(요청 {requests}회, 실패 {failures}회)"), each["name"]
    for each in _named(facts["error_kinds"], KINDS):
        count = number(each["count"])
        yield say(f"kind of error ({count})", f"오류 유형({count}건)"), catalogue().title(each["name"], language)
    yield from _messages(facts, say)


def _requests(facts: Facts, say: Say) -> Iterator[str]:
    requests, failures = number(facts["requests"]), number(facts["failures"])
    yield say(f"requests: {requests}", f"요청: {requests}개")
    if facts["failures"]:
        yield say(f"requests answered with 5xx: {failures}", f"5xx로 응답한 요청: {failures}개")
    if latency := facts["latency"]:
        mean, p95 = duration(latency["mean_ms"]), duration(latency["p95_ms"])
        yield say(f"mean response time: {mean} (p95 {p95})", f"평균 응답 시간: {mean}(p95 {p95})")


def _trouble(facts: Facts, say: Say) -> Iterator[str]:
    errors, warnings, share = number(facts["errors"]), number(facts["warnings"]), percent(facts["error_share"])
    if facts["errors"]:
        yield say(f"errors: {errors} ({share} of the records)", f"오류: {errors}건(전체 로그의 {share})")
    else:
        yield say("errors: none", "오류: 없음")
    if facts["warnings"]:
        yield say(f"warnings: {warnings}", f"경고: {warnings}건")
    else:
        yield say("warnings: none", "경고: 없음")


def _change(change: float, before: Facts, say: Say) -> Iterator[str]:
    size, records, errors = percent(abs(change)), number(before["records"]), before["errors"]
    if abs(change) < 0.01:
        told = say("about as many", "거의 같음")
    else:
        told = say(f"{size} more", f"{size} 증가") if change > 0 else say(f"{size} fewer", f"{size} 감소")
    counts = say(f"{records} then, with {plural(errors, 'error')}", f"직전 {records}건, 그중 오류 {number(errors)}건")
    yield say(f"records against the window before: {told} ({counts})", f"직전 구간 대비 로그: {told}({counts})")


def _messages(facts: Facts, say: Say) -> Iterator[tuple[str, str]]:
    if not facts["requests"]:
        for each in _named(facts["top_patterns"], 1):
            count = number(each["count"])
            yield say(f"most frequent message ({count})", f"가장 많이 기록된 메시지({count}건)"), each["template"]
    for each in _named(facts["top_new_patterns"], NEW if facts["new_patterns"] else 0):
        count = number(each["count"])
        yield say(f"new message ({count})", f"처음 나타난 메시지({count}건)"), each["template"]


def _named(ranking: Sequence[Facts], limit: int) -> list[Facts]:
    return [each for each in ranking if each["name"]][:limit]
