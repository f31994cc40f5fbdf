"""Titles and explanations of issues and windows in English and Korean, from their facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sllm_core.summaries.issues import catalogue
from sllm_core.summaries.language import between, listing, number, particle, percent, plural, shorten

from .evidence import UNKNOWN, role_of
from .issue import Issue

LINE = 160
"""How many characters of an example line an explanation quotes."""

TRENDS = MappingProxyType(
    {
        "en": MappingProxyType({"drop": "Fewer records: {}", "new": "New kind of record: {}", "surge": "Surge: {}"}),
        "ko": MappingProxyType({"drop": "{} 로그 감소", "new": "{} 신규 로그", "surge": "{} 로그 급증"}),
    }
)
"""By language, what harmless records did, with the place of their name."""

EXAMPLE = MappingProxyType({"en": "Example: “", "ko": "예: “"})
"""By language, what stands before the line that an explanation quotes at its end."""

NAMED = 5
"""How many issues the explanation of a window names, and how many kinds of trouble that of an issue."""


def titles(issue: Issue, language: str) -> tuple[str, ...]:
    """Short names of the kinds of trouble, the root first; or what harmless records did."""
    names = tuple(catalogue().title(kind, language) for kind in list(issue.kinds)[:NAMED])
    if not issue.by_rules or issue.share is not None:
        return names
    return (TRENDS[language][_trend(issue)].format(names[0]),)


def explain(issue: Issue, language: str) -> str:
    """What happened, how often, since when, where, against what is usual, with an example line."""
    return " ".join((_korean if language == "ko" else _english)(issue))


def explain_window(facts: Mapping[str, Any], counts: Sequence[tuple[str, int]], raised: bool, language: str) -> str:
    """One or two sentences about the window; `counts` has the title and the records of each issue."""
    if language == "ko":
        return " ".join(_window_korean(facts, counts, raised))
    return " ".join(_window_english(facts, counts, raised))


def withdrawn(language: str) -> str:
    """Of an issue that a better verdict has shown to be none."""
    if language == "ko":
        return "처음에는 이상 징후로 보았으나, 언어 모델의 판정에 따라 정상으로 정정되었습니다."
    return "It was taken for an issue at first; by the verdict of the language model it is none."


def _trend(issue: Issue) -> str:
    if issue.unseen == len(issue.patterns):
        return "new"
    if "surge" in issue.reasons or "burst" in issue.reasons:
        return "surge"
    return "drop" if "drop" in issue.reasons else "new"


def _about(issue: Issue, language: str) -> str:
    """The name of the root with what it is about; in Korean in quotation marks."""
    name = catalogue().title(issue.root, language)
    quoted = f"‘{name}’" if language == "ko" and role_of(issue.root) != UNKNOWN else name
    return f"{quoted}({issue.target})" if issue.target and language == "ko" else _english_target(quoted, issue.target)


def _english_target(name: str, target: str) -> str:
    return f"{name} ({target})" if target else name


def _others(issue: Issue, language: str) -> list[str]:
    return [catalogue().title(kind, language) for kind in list(issue.kinds)[1:NAMED]]


def _english(issue: Issue) -> Iterator[str]:
    where = f" in {listing(issue.services[:3], 'en')}" if issue.services else ""
    kinds = f" of {len(issue.patterns)} patterns" if len(issue.pattern_facts) > 1 and issue.share is None else ""
    others = _others(issue, "en")
    name = _about(issue, "en") + (f", with {listing(others, 'en')}" if others else "")
    if issue.count:
        yield f"{name}: {plural(issue.count, 'record')}{kinds}{where} {between(issue.first, issue.last, 'en')}."
    else:
        yield f"{name}: not one record in this window."
    yield from _usual_english(issue)
    if issue.example:
        yield f"{EXAMPLE['en']}{shorten(issue.example, LINE)}”"


def _usual_english(issue: Issue) -> Iterator[str]:
    if issue.share is not None:
        failures, answers = number(issue.share.failures), plural(issue.share.answers, "answer")
        yield f"{failures} of {answers} ({percent(issue.share.value)}) were 5xx."
    if not issue.pattern_facts:
        return
    if issue.unseen == len(issue.patterns):
        yield "Nothing like it was seen before." if issue.share is None else "Its other messages are new."
    elif issue.usual is not None and issue.share is None:
        usual = f"About {number(issue.usual)} per window are usual" if issue.usual >= 0.5 else "There are usually none"
        yield f"{usual}."
    if 0 < issue.unseen < len(issue.patterns):
        yield f"{issue.unseen} of the patterns {'is' if issue.unseen == 1 else 'are'} new."
    if "burst" in issue.reasons:
        yield f"Up to {number(max(issue.slots))} came within one sixtieth of the window."
    if "ongoing" in issue.reasons:
        yield "It has been going on in earlier windows as well."


def _korean(issue: Issue) -> Iterator[str]:
    where = f"{listing(issue.services[:3], 'ko')}에서 " if issue.services else ""
    kinds = f"(패턴 {len(issue.patterns)}개)" if len(issue.pattern_facts) > 1 and issue.share is None else ""
    when = between(issue.first, issue.last, "ko")
    if issue.count:
        yield f"{where}{when} {_about(issue, 'ko')} 관련 로그가 {number(issue.count)}건{kinds} 기록되었습니다."
    else:
        yield f"{_about(issue, 'ko')} 관련 로그가 이 구간에 한 건도 기록되지 않았습니다."
    if others := _others(issue, "ko"):
        yield f"{particle(listing(others, 'ko'), '이/가')} 함께 나타났습니다."
    yield from _usual_korean(issue)
    if issue.example:
        yield f"{EXAMPLE['ko']}{shorten(issue.example, LINE)}”"


def _usual_korean(issue: Issue) -> Iterator[str]:
    if issue.share is not None:
        failures = f"{number(issue.share.failures)}건({percent(issue.share.value)})이 5xx였습니다"
        yield f"전체 응답 {number(issue.share.answers)}건 중 {failures}."
    if not issue.pattern_facts:
        return
    if issue.unseen == len(issue.patterns):
        yield "이전에는 나타난 적이 없는 로그입니다." if issue.share is None else "그 밖의 로그는 처음 나타났습니다."
    elif issue.usual is not None and issue.share is None:
        usual = f"구간당 약 {number(issue.usual)}건입니다" if issue.usual >= 0.5 else "거의 없는 로그입니다"
        yield f"평소에는 {usual}."
    if 0 < issue.unseen < len(issue.patterns):
        yield f"이 중 {issue.unseen}개 패턴은 처음 나타났습니다."
    if "burst" in issue.reasons:
        yield f"구간의 60분의 1 동안 최대 {number(max(issue.slots))}건이 몰렸습니다."
    if "ongoing" in issue.reasons:
        yield "이전 구간부터 계속되고 있습니다."


def _window_english(facts: Mapping[str, Any], counts: Sequence[tuple[str, int]], raised: bool) -> Iterator[str]:
    figures = f"{plural(facts['errors'], 'error')}, {plural(facts['warnings'], 'warning')}"
    among = f"among {plural(facts['records'], 'record')} ({figures})"
    if counts:
        named = [f"{title} ({number(count)})" for title, count in counts[:NAMED]]
        more = f" and {plural(len(counts) - NAMED, 'other')}" if len(counts) > NAMED else ""
        were = "was" if len(counts) == 1 else "were"
        yield f"{plural(len(counts), 'issue')} {were} found {among}: {', '.join(named)}{more}."
    else:
        yield f"Nothing unusual {among}."
    if facts["known_problems"]:
        known = plural(facts["known_problems"], "known kind")
        yield f"{known} of problem came at the usual rate."
    if facts["minor_patterns"]:
        minor = f"{plural(facts['minor_patterns'], 'kind')} of warning ({plural(facts['minor_records'], 'record')})"
        yield f"{minor} {'is' if facts['minor_patterns'] == 1 else 'are'} too rare or too ordinary to be an issue."
    if raised:
        yield f"The share of errors is {percent(facts['error_share'])}; {percent(facts['usual_error_share'])} is usual."


def _window_korean(facts: Mapping[str, Any], counts: Sequence[tuple[str, int]], raised: bool) -> Iterator[str]:
    figures = f"오류 {number(facts['errors'])}건, 경고 {number(facts['warnings'])}건"
    among = f"로그 {number(facts['records'])}건({figures})에서"
    if counts:
        named = [f"{title}({number(count)}건)" for title, count in counts[:NAMED]]
        more = f" 외 {len(counts) - NAMED}건" if len(counts) > NAMED else ""
        yield f"{among} 이상 징후 {len(counts)}건이 발견되었습니다: {', '.join(named)}{more}."
    else:
        yield f"{among} 이상 징후가 발견되지 않았습니다."
    if facts["known_problems"]:
        yield f"이미 알려진 문제 {number(facts['known_problems'])}개 유형은 평소 수준입니다."
    if facts["minor_patterns"]:
        minor = f"경고 {number(facts['minor_patterns'])}개 유형({number(facts['minor_records'])}건)"
        yield f"그 밖의 {particle(minor, '은/는')} 드물거나 일상적인 것이어서 제외했습니다."
    if raised:
        usual = percent(facts["usual_error_share"])
        yield f"오류 비율은 {particle(percent(facts['error_share']), '으로/로')} 평소({usual})보다 높습니다."
