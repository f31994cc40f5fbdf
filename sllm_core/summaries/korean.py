"""The sentences of a summary in Korean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sllm_core.records import LEVELS
from sllm_core.summaries.facts import Facts
from sllm_core.summaries.issues import catalogue
from sllm_core.summaries.language import duration, listing, number, particle, percent, shorten, span


def sentences(facts: Facts, start: datetime, end: datetime) -> Iterator[str]:
    """One sentence after the other, the most important first."""
    when = span(start, end, "ko")
    if not facts["records"]:
        yield f"{when} 기록된 로그가 없습니다."
        return
    if facts["requests"]:
        yield f"{when} 총 {number(facts['requests'])}개의 요청이 처리되었습니다."
        yield from _requests(facts)
    else:
        yield f"{when} 총 {number(facts['records'])}건의 로그가 기록되었습니다{_levels(facts)}."
    yield _errors(facts)
    yield from _services(facts)
    if not facts["requests"]:
        yield from _patterns(facts)
    yield from _news(facts)


def _requests(facts: Facts) -> Iterator[str]:
    named = [each for each in facts["endpoints"] if each["name"]]
    endpoint = (
        f"가장 많이 요청된 엔드포인트는 {named[0]['name']}({number(named[0]['requests'])}회)입니다." if named else ""
    )
    if latency := facts["latency"]:
        mean = f"평균 응답 시간은 {duration(latency['mean_ms'])}(p95 {duration(latency['p95_ms'])})"
        yield f"{mean}이며, {endpoint}" if endpoint else f"{mean}입니다."
    elif endpoint:
        yield endpoint


def _levels(facts: Facts) -> str:
    levels = [f"{each} {number(facts['levels'][each])}건" for each in LEVELS if each in facts["levels"]]
    return f"({', '.join(levels)})" if levels else ""


def _errors(facts: Facts) -> str:
    warnings = f"경고는 {number(facts['warnings'])}건입니다."
    if not facts["errors"]:
        return f"오류는 없었으며, {warnings}" if facts["warnings"] else "오류와 경고는 없었습니다."
    share = f"전체 {number(facts['records'])}건의 {percent(facts['error_share'])}"
    told = f"{number(facts['errors'])}건의 오류가 발생했습니다({share})."
    kinds = [
        f"{catalogue().title(each['name'], 'ko')}({number(each['count'])}건)"
        for each in facts["error_kinds"][:3]
        if each["name"]
    ]
    most = f" 주요 오류는 {listing(kinds, 'ko')}입니다." if kinds else ""
    return f"{told}{most}{f' {warnings}' if facts['warnings'] else ''}"


def _services(facts: Facts) -> Iterator[str]:
    named = [each for each in facts["services"] if each["name"]]
    if len(named) > 1:
        entries = [f"{each['name']}({number(each['records'])}건)" for each in named[:3]]
        yield f"로그가 가장 많은 서비스는 {listing(entries, 'ko')}입니다."
    failing = max(named, key=lambda each: int(each["errors"]), default=None)
    if failing and len(named) > 1 and failing["errors"]:
        yield f"오류가 가장 많은 서비스는 {failing['name']}({number(failing['errors'])}건)입니다."


def _patterns(facts: Facts) -> Iterator[str]:
    named = [each for each in facts["top_patterns"] if each["name"]]
    if named:
        yield f"가장 많이 기록된 메시지는 “{shorten(named[0]['template'], 100)}”({number(named[0]['count'])}건)입니다."


def _news(facts: Facts) -> Iterator[str]:
    if facts["new_patterns"]:
        yield f"처음 나타난 메시지 유형은 {number(facts['new_patterns'])}개입니다."
    if facts["change"] is not None and facts["before"]:
        before = particle(f"직전 구간({number(facts['before']['records'])}건)", "과/와")
        yield f"{before} 비교하면 로그 수가 {_change(facts['change'])}."


def _change(change: float) -> str:
    if abs(change) < 0.01:
        return "거의 같습니다"
    return f"{percent(abs(change))} {'늘었습니다' if change > 0 else '줄었습니다'}"
