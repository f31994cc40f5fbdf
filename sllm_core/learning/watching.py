"""Watches what tuning has promoted, and takes it back where people or figures speak against it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sllm_core.classifier import Verdicts
from sllm_core.learning.attempt import BY
from sllm_core.learning.registry import Registry, RegistryError
from sllm_core.learning.versions import CLASSIFIER, Version
from sllm_core.learning.watch import Measure, Watched, looked
from sllm_core.learning.watch_comparison import Comparison
from sllm_core.learning.watch_evidence import Tally

if TYPE_CHECKING:
    from sllm_core.models.counts import Counts
    from sllm_core.settings.sections import LearningSection, WatchSection
    from sllm_core.store import Store
    from sllm_core.store.versions import Switch

STATES = ("idle", "watching", "doubtful", "taken back", "settled")
"""How a version may stand: see Sight."""

WATCH = "watch"
"""Who takes versions back, and under what the store keeps how they stand, with the name of a tuner."""


@dataclass(frozen=True)
class Sight:
    """How a tuner's version stands. `state`: `idle`, nothing was promoted lately; `watching`; `doubtful`, a measure is
    beyond its limit; `taken back`, with the `reason`; `settled`, the time of the watch is over."""

    tuner: str
    version: str
    state: str
    measures: tuple[Measure, ...] = ()
    looks: int = 0
    since: datetime | None = None
    reason: str = ""
    back: int = 0


class Watch:
    """Looks at the versions of a store; one look at a time.

    What tuning promoted by itself is taken back by itself; what a person promoted is only told to be doubtful.

    Args:
        verdicts: those that hold now.
        counts: what the gateway to the language model has counted since the process began; None without one.
    """

    def __init__(
        self,
        store: Store,
        registry: Registry,
        verdicts: Verdicts,
        terms: WatchSection,
        learning: LearningSection,
        counts: Callable[[], Counts] | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._registry, self._verdicts = store, registry, verdicts
        self._terms, self._counts, self._now = terms, counts, now
        self._comparison = Comparison(store, registry, verdicts, terms, learning, now)
        self._counted = Tally() if counts is None else Tally.of(counts())
        self.sights: tuple[Sight, ...] = ()

    def look(self) -> tuple[Sight, ...]:
        """Look at all tuners, and take back what is to be.

        Raises:
            StoreError: the store refused; the next look goes on.
        """
        counts = None if self._counts is None else Tally.of(self._counts())
        more = Tally() if counts is None else counts - self._counted
        tuners = dict.fromkeys(each.tuner for each in self._registry.versions())
        self.sights = tuple(self._look(tuner, more) for tuner in tuners)
        self._counted = counts or Tally()
        return self.sights

    def _look(self, tuner: str, more: Tally) -> Sight:
        switches, version = self._registry.switches(tuner), self._registry.current(tuner)
        kept = self._kept(tuner)
        if tuner != CLASSIFIER:
            self._note(kept, version, more)
        sight = self._seen(tuner, version, switches, kept)
        self._store.remember(f"{WATCH} {tuner}", kept)
        return replace(sight, back=sum(each.by == WATCH for each in self._registry.switches(tuner)))

    def _seen(self, tuner: str, version: Version, switches: Sequence[Switch], kept: dict[str, Any]) -> Sight:
        if not switches or switches[-1].back:
            reason = switches[-1].reason if switches and switches[-1].by == WATCH else ""
            return Sight(tuner, version.name, "taken back" if reason else "idle", reason=reason)
        if self._now() - switches[-1].at > self._terms.lasts:
            return Sight(tuner, version.name, "settled", since=switches[-1].at)
        return self._watched(tuner, version, switches, kept)

    def _watched(self, tuner: str, version: Version, switches: Sequence[Switch], kept: dict[str, Any]) -> Sight:
        last = switches[-1]
        watched = Watched(version.name, last.at.isoformat())
        if (told := kept.get("watched")) and (told["version"], told["since"]) == (watched.version, watched.since):
            watched = Watched.from_json(told)
        measures = tuple(self._comparison.measures(version, switches, kept))
        watched, found = looked(watched, measures, self._terms)
        kept["watched"] = watched.to_json()
        sight = Sight(tuner, version.name, "watching", measures, watched.looks, last.at)
        if found is not None and last.by == BY:
            return self._taken_back(sight, version, found, kept)
        beyond = [each.told for each in measures if each.exceeded]
        return replace(sight, state="doubtful", reason="; ".join(beyond)) if beyond else sight

    def _taken_back(self, sight: Sight, version: Version, found: Measure, kept: dict[str, Any]) -> Sight:
        """What was promoted does not hold any more, and the same labels do not bring it back."""
        log = logging.getLogger("sllm.learning")
        reason = f"{found.told}, in {self._terms.looks} looks in a row"
        check = {"name": f"watch: {found.key}", "passed": False, "measured": round(found.value, 4)}
        check |= {"needed": f"at most {found.limit:g}", "code": f"watch_{found.name.replace(' ', '_')}"}
        check |= {"values": {"task": found.task, "most": found.limit}}
        report = {**version.report, "checks": [*(version.report.get("checks") or ()), check]}
        try:
            self._registry.keep(replace(version, report={**report, "outcome": "refused", "detail": reason}))
            now = self._registry.rollback(sight.tuner, WATCH, reason=reason, state="refused", of=version.name)
        except RegistryError as error:
            log.error("a version could not be taken back", extra={"version": version.name, "reason": str(error)})
            kept["watched"]["over"] = False
            return replace(sight, state="doubtful", reason=f"{reason}; {error}")
        log.warning("took a version back", extra={"version": version.name, "now": now.name, "reason": reason})
        return replace(sight, version=now.name, state="taken back", reason=reason)

    def _kept(self, tuner: str) -> dict[str, Any]:
        """What is known from earlier looks."""
        found = self._store.recall(f"{WATCH} {tuner}")
        return {"tallies": {}, "models": {}, **(found if isinstance(found, dict) else {})}

    def _note(self, kept: dict[str, Any], version: Version, more: Tally) -> None:
        """What was asked since the last look counts for the version of now, and so does who judges."""
        known = {each: kept["tallies"].get(each, {}) for each in self._registry.way(version.tuner)}
        kept["tallies"] = {**known, version.name: vars(Tally(**known[version.name]) + more)}
        if self._verdicts.model:
            models = {name: each for name, each in kept["models"].items() if name in known}
            kept["models"] = {**models, version.name: self._verdicts.model}
