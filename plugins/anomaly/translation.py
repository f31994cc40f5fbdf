"""Findings of this analyzer in the other language: code's sentences written anew from their facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sllm_core.findings import Finding
from sllm_core.summaries.issues import catalogue

from .issue import Example, Issue, Share
from .wording import EXAMPLE, TRENDS, explain, explain_window, titles, withdrawn


def translated(finding: Finding, language: str) -> Finding:
    """The finding as code would have worded it in that language.

    It stays as it is where a language model worded it, and where its facts do not suffice.
    """
    if finding.language == language or finding.told_by is not None:
        return finding
    try:
        return _window(finding, language) if "issues" in finding.facts else _issue(finding, language)
    except (KeyError, TypeError, ValueError, AttributeError):  # facts that another version wrote
        return finding


def _issue(finding: Finding, language: str) -> Finding:
    issue = told(finding)
    text = withdrawn(language) if finding.label == "normal" else explain(issue, language)
    return replace(finding, explanation=text, detected_issues=titles(issue, language), language=language)


def _window(finding: Finding, language: str) -> Finding:
    facts, origin = finding.facts, finding.language
    counts = [(_title(each["title"], origin, language), int(each["records"])) for each in facts["found"]]
    return replace(
        finding,
        explanation=explain_window(facts, counts, bool(facts["reason"]), language),
        detected_issues=tuple(_title(each, origin, language) for each in finding.detected_issues),
        facts={**facts, "found": [{"title": title, "records": records} for title, records in counts]},
        language=language,
    )


def told(finding: Finding) -> Issue:
    """The issue that a finding was made of, as far as its sentences tell.

    Raises:
        KeyError, TypeError, ValueError: the facts are not those of an issue.
    """
    facts, example = finding.facts, _example(finding)
    if not facts["kinds"]:
        raise ValueError("an issue is of some kind")
    return Issue(
        label=finding.label,
        kinds=facts["kinds"],
        position="",
        patterns=tuple(range(facts["pattern_count"])),  # how many is all that the sentences tell
        count=facts["records"],
        first=datetime.fromisoformat(facts["first"]),
        last=datetime.fromisoformat(facts["last"]),
        slots=tuple(facts["slots"]),
        services=tuple(facts["services"]),
        reasons=tuple(facts["reason"]),
        examples=(Example("", None, example),) if example else (),
        target=facts["target"] or "",
        by_rules=finding.method == "rules",
        usual=facts["usual"],
        unseen=facts["new_patterns"],
        share=_share(facts),
        pattern_facts=tuple(facts["patterns"]),
    )


def _share(facts: Mapping[str, Any]) -> Share | None:
    return Share(facts["failures"], facts["answers"]) if "answers" in facts else None


def _example(finding: Finding) -> str:
    """The line that the explanation quotes at its end; "" where it quotes none."""
    _, lead, quoted = finding.explanation.partition(EXAMPLE[finding.language])
    return quoted.removesuffix("”") if lead else ""


def _title(title: str, origin: str, language: str) -> str:
    """A name of a kind of trouble, or of what harmless records did; what is in no catalogue stays as it is."""
    for trend, pattern in TRENDS[origin].items():
        before, after = pattern.split("{}")
        if title.startswith(before) and title.endswith(after):
            inner = title.removeprefix(before).removesuffix(after)
            return TRENDS[language][trend].format(_name(inner, origin, language))
    return _name(title, origin, language)


def _name(name: str, origin: str, language: str) -> str:
    known = MappingProxyType({each.title(origin): each for each in catalogue().issues})
    return known[name].title(language) if name in known else name
