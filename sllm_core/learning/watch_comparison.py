"""A version beside the one before it, in the figures that the watch goes by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from sllm_core.classifier import Classifier, Verdicts
from sllm_core.learning.artefacts import ArtefactError, read_classifier
from sllm_core.learning.registry import Registry
from sllm_core.learning.statement import LABELS
from sllm_core.learning.versions import CLASSIFIER, Version
from sllm_core.learning.watch import Measure, Share, drifted, risen
from sllm_core.learning.watch_evidence import (
    Ids,
    Mix,
    RecentPatterns,
    Tally,
    disagreement,
    judged_by_both,
    judged_by_models,
)
from sllm_core.review.known import LATEST

if TYPE_CHECKING:
    from sllm_core.settings.sections import LearningSection, WatchSection
    from sllm_core.store import Store
    from sllm_core.store.versions import Switch

EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Comparison:
    """Makes the measures of versions. Where the classifier of before cannot be read, its labels are not compared."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        verdicts: Verdicts,
        terms: WatchSection,
        learning: LearningSection,
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._registry, self._verdicts = store, registry, verdicts
        self._terms, self._learning, self._now = terms, learning, now
        self._pair: tuple[tuple[str, str], Callable[[Ids, str], Mix]] | None = None
        self._recent: RecentPatterns | None = None

    def measures(self, version: Version, switches: Sequence[Switch], kept: Mapping[str, Any]) -> Iterator[Measure]:
        """All of a version that holds since the last of the switches.

        Args:
            kept: of a served model `tallies` and `models`, by version: what it was asked, and who judged.
        """
        former, terms = "".join(self._registry.way(version.tuner)[1:2]), self._terms
        for task, first, second in self._mixes(version, former, kept, switches[-1].at):
            yield drifted("label mix", task, first, second, terms.drift, terms.least, _moves(version, former, task))
        if version.tuner != CLASSIFIER:
            yield from self._answers(version.name, former, kept)
        yield self._disagreement(version.tuner, switches)

    def _answers(self, version: str, former: str, kept: Mapping[str, Any]) -> Iterator[Measure]:
        before, now = (Tally(**kept["tallies"].get(name, {})) for name in (former, version))
        limit, least = self._terms.invalid, self._terms.least
        invalid = Share(before.invalid, before.calls), Share(now.invalid, now.calls)
        yield risen("invalid answers", "", *invalid, limit, least)
        silent = Share(before.silent, before.asked), Share(now.silent, now.asked)
        yield risen("abstentions", "", *silent, limit, least)

    def _disagreement(self, tuner: str, switches: Sequence[Switch]) -> Measure:
        since, before = switches[-1].at, switches[-2].at if len(switches) > 1 else EVER
        said, about = self._store.feedback.labelled(), self._about(tuner)
        first = disagreement(said, self._learning, before, since, about)
        second = disagreement(said, self._learning, since, self._now(), about)
        return risen("disagreement", "", first, second, self._terms.disagreement, self._terms.statements)

    def _mixes(
        self, version: Version, former: str, kept: Mapping[str, Any], since: datetime
    ) -> Iterator[tuple[str, list[int], list[int]]]:
        """The labels of both versions by task, on what no human has labelled."""
        if version.tuner != CLASSIFIER:
            first, second = (str(kept["models"].get(name, "")) for name in (former, version.name))
            for task in LABELS if first and second and first != second else ():
                yield task, *judged_by_models(self._store, first, second, task, self._labelled(task))
        elif (mix := self._both(version, former)) is not None:
            patterns = self._recent_since(since).ids()
            for task in LABELS:
                yield task, *mix(np.setdiff1d(patterns, self._labelled(task)), task)

    def _recent_since(self, since: datetime) -> RecentPatterns:
        if self._recent is None or self._recent.since != since:
            self._recent = RecentPatterns(self._store, since, self._now)
        return self._recent

    def _both(self, version: Version, former: str) -> Callable[[Ids, str], Mix] | None:
        """What lets the classifier of now and the one before judge."""
        names = version.name, former
        if self._pair is None or self._pair[0] != names:
            try:
                self._pair = names, judged_by_both(self._store, self._former(former), self._verdicts.classifier)
            except ArtefactError:
                return None
        return self._pair[1]

    def _former(self, name: str) -> Classifier:
        found = self._registry.find(name)
        folder = None if found is None else self._registry.folder(found)
        return Classifier.load() if folder is None else read_classifier(folder)

    def _labelled(self, task: str) -> Ids:
        said = {each.pattern for each in self._store.feedback.labelled() if each.feedback.task == task}
        return np.array(sorted(said), np.uint64)

    def _about(self, tuner: str) -> Callable[[int], bool]:
        """Whether a pattern is judged by the versions of a tuner: the language model judges what it has answered."""
        model = str(self._store.recall(LATEST) or "") if self._verdicts.model else ""
        judged = {each.pattern for each in self._store.model_verdicts(model)} if model else set[int]()
        return lambda pattern: (pattern in judged) != (tuner == CLASSIFIER)


def _moves(version: Version, former: str, task: str) -> Sequence[Sequence[int]]:
    """What the gate saw change; nothing where it was not compared with the version of before."""
    tested = version.report.get("tasks") or {}
    return (tested.get(task) or {}).get("moves") or () if version.base == former else ()
