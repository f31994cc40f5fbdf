"""What humans say of summaries: checked against the facts, and as examples to learn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sllm_core.findings import Finding
from sllm_core.learning.dataset import Example, Quarantined
from sllm_core.learning.parts import part_of_text
from sllm_core.learning.quarantine import flooded_note, floods
from sllm_core.learning.statement import SUMMARY, Feedback, FeedbackError
from sllm_core.safety import Preparation
from sllm_core.store.feedback import Labelled
from sllm_core.summaries.narration import LINE, LONGEST, Narration

if TYPE_CHECKING:
    from sllm_core.settings.sections import LearningSection
    from sllm_core.store import Store

KNOWN = frozenset({"records", "levels", "services", "requests", "top_patterns", "top_new_patterns"})
"""What the facts of a summary have at least."""

RANKINGS = ("services", "endpoints", "error_kinds")
"""The rankings whose names come from logs; those of patterns have ids as names."""


def check_summary(feedback: Feedback) -> None:
    """See that a statement about a summary says something of one.

    Raises:
        FeedbackError: it does not.
    """
    if feedback.finding is None or feedback.pattern is not None:
        raise FeedbackError("finding", "name the finding whose summary it is about, and no pattern")
    if feedback.label is not None:
        raise FeedbackError("label", "a summary has no label; give the text that it should have been")
    if feedback.right is None and not feedback.text:
        raise FeedbackError("text", "say whether the summary is right, or give the text that it should have been")


def about_summary(feedback: Feedback, finding: Finding) -> Feedback:
    """The statement with the text that holds by it.

    Raises:
        FeedbackError: the finding is no summary, or the text tells what its facts do not say.
    """
    if finding.label != SUMMARY:
        raise FeedbackError("task", f"the finding says {finding.label!r}, which is no summary")
    text = " ".join(feedback.text.split())
    if feedback.right and text not in ("", finding.explanation):
        raise FeedbackError("text", "it says that the summary is right and gives another; leave one out")
    if text and feedback.right is not True and (wrong := _mistake(finding, text)):
        raise FeedbackError("text", wrong)
    return replace(feedback, text=finding.explanation if feedback.right else text)


def told_summaries(
    store: Store, prepare: Preparation, terms: LearningSection
) -> tuple[list[Example], list[Quarantined]]:
    """What summaries should have told, by the findings that are still known, and what was set aside."""
    said = [_placed(each) for each in store.feedback.told()]
    flooded = floods(said, terms.burst, terms.trusted)
    kept = by_finding(each.feedback for each in said if each.feedback.id not in flooded)
    known = [(store.revisions.finding(id), kept[id]) for id in sorted(kept)]
    found = [_example(about, finding[1], prepare) for finding, about in known if finding is not None]
    aside = flooded_note([each for each in said if each.feedback.id in flooded])
    aside += [each for each in found if isinstance(each, Quarantined)]
    return [each for each in found if isinstance(each, Example)], aside


def _placed(said: Feedback) -> Labelled:
    return Labelled(said, 0, said.text, 0, "", None)


def _example(said: Sequence[Feedback], finding: Finding, prepare: Preparation) -> Example | Quarantined | None:
    """What is learnt of what was said about one summary; None: nothing, since only thumbs point down."""
    texts = [each for each in said if each.text]
    if not texts:
        return None
    key = finding.id[:32]
    if any(each.right is False and not each.text for each in said) and any(each.right for each in said):
        told = ", ".join(f"{'right' if each.right else 'wrong'} by {each.by}" for each in said[:10])
        return Quarantined("flip", SUMMARY, key, told, len(said))
    last = max(texts, key=lambda each: (each.at, each.by))
    if wrong := _mistake(finding, last.text):
        return Quarantined("figures", SUMMARY, key, wrong, len(texts))
    session = prepare.session()
    return Example(
        SUMMARY,
        key,
        f"{finding.facts['records']:,} records",
        session.line(last.text, LONGEST),
        part_of_text(finding.id),
        by=tuple(sorted({each.by for each in texts})),
        source=finding.source,
        count=len(texts),
        window=_window(finding, session),
    )


def by_finding(said: Iterable[Feedback]) -> dict[str, list[Feedback]]:
    """Statements by the finding that they are about."""
    found: dict[str, list[Feedback]] = {}
    for each in said:
        if each.finding is not None:
            found.setdefault(each.finding, []).append(each)
    return found


def _mistake(finding: Finding, text: str) -> str | None:
    if finding.window is None or not finding.facts.keys() >= KNOWN:
        return "nothing is known of what it tells of"
    return Narration(finding.facts, finding.language, *finding.window).mistake({SUMMARY: text})


def _window(finding: Finding, prepare: Preparation) -> Mapping[str, Any]:
    """What it tells of, with the texts from logs made ready."""
    if finding.window is None:
        return {}
    start, end = (each.isoformat() for each in finding.window)
    facts = {name: _safe(each, name, prepare) for name, each in finding.facts.items()}
    return {"facts": facts, "language": finding.language, "start": start, "end": end}


def _safe(value: object, name: str, prepare: Preparation, within: str = "") -> object:
    if isinstance(value, Mapping):
        return {key: _safe(each, key, prepare, name) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_safe(each, name, prepare, within) for each in value]
    is_logged = name == "template" or (name == "name" and within in RANKINGS)
    return prepare.line(value, LINE) if is_logged and isinstance(value, str) else value
