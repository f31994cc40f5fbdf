"""One tuner's part of a run of tuning: a candidate, measured, and promoted if it is better."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from importlib import metadata
from typing import Any

from sllm_core.components import Tuner
from sllm_core.learning.artefacts import install
from sllm_core.learning.bench import Bench
from sllm_core.learning.candidate import Candidate, Closing, TuningWork
from sllm_core.learning.dataset import Dataset
from sllm_core.learning.dataset_files import keep_dataset
from sllm_core.learning.gate import Judged
from sllm_core.learning.orders import Order, Step, Tell, TuningResult
from sllm_core.learning.reference import best_scores
from sllm_core.learning.versions import Version
from sllm_core.learning.work import Work, is_resuming

BY = "tuning"
"""Who promotes what has passed the gate."""


@dataclass(frozen=True)
class Attempt:
    """One tuner and one dataset, in a run."""

    bench: Bench
    tuner: Tuner
    order: Order
    run: str
    tell: Tell
    dataset: Dataset

    async def carry_out(self) -> TuningResult:
        """Raises: PluginError: the tuner could not make a candidate, or it could not be kept."""
        work = Work(self.bench.folder(self.tuner.name), self._follows(), is_resuming(self.tuner))
        try:
            result = await self._carried_out(work)
        except BaseException:
            await asyncio.to_thread(work.stop)
            raise
        await asyncio.to_thread(work.close)
        return result

    async def _carried_out(self, work: Work) -> TuningResult:
        gate, tasks = self.bench.gate, self._tasks
        if not gate.ready(self.dataset, tasks):
            return self._result(gate.insufficient(self.dataset, tasks), None)
        if (spoilt := gate.spoilt(self.dataset, tasks)) is not None:
            return self._result(spoilt, None)
        known = await asyncio.to_thread(self._known)
        if known is not None:
            told = f"nothing was labelled since {known.name} was made, which is {known.state}"
            if known.state == "passed":
                return await self._decided(Judged("promoted", told, known.report), known)
            reason = _reason("nothing_new", version=known.name, state=known.state)
            return self._result(Judged("insufficient", told, {**known.report, "reason": reason}), known)
        candidate = await self._made(work)
        try:
            return await self._measured(candidate)
        finally:
            await _close(candidate)

    async def _measured(self, candidate: Candidate) -> TuningResult:
        if candidate.version == candidate.base:
            told = f"the labels change nothing: the candidate is {candidate.base} itself"
            report = {"tasks": {}, "checks": [], "missing": [], "reason": _reason("no_change", version=candidate.base)}
            return self._result(Judged("insufficient", told, report), None)
        version = await asyncio.to_thread(self._kept, candidate)
        self.tell(Step("gate", 0, 1, version.name))
        best = await asyncio.to_thread(lambda: best_scores(self.bench.registry.versions(), self.tuner.name))
        judged = await self.bench.gate.judge(candidate, self.dataset, self._tasks, best, self.tell)
        self.tell(Step("gate", 1, 1, judged.outcome))
        return await self._decided(judged, version)

    @property
    def _tasks(self) -> Sequence[str]:
        return [each for each in self.tuner.tasks if not self.order.tasks or each in self.order.tasks]

    def _known(self) -> Version | None:
        """The version that was made from the same labels in the same way and measured beside what holds now, or that
        holds itself."""
        mine = [each for each in self.bench.registry.versions() if each.tuner == self.tuner.name]
        holding = next((each.name for each in mine if each.current), "")
        return next((each for each in mine if self._is_repeated(each, holding)), None)

    def _is_repeated(self, version: Version, holding: str) -> bool:
        measured = version.state in ("passed", "refused") and version.base == holding
        wanted = self._lineage()
        return (measured or version.current) and {name: version.lineage.get(name) for name in wanted} == wanted

    def _lineage(self) -> dict[str, Any]:
        """What a candidate follows from, but the version that it is measured beside."""
        return {
            "data": self.dataset.digest,
            "seed": self.bench.seed,
            "code": metadata.version("sllm"),
            "tasks": list(self._tasks),
            **self.bench.gate.terms,
        }

    def _follows(self) -> dict[str, Any]:
        """What the work of the tuner follows from."""
        replay = "\n".join(f"{each.task} {each.label} {each.text}" for each in self.dataset.replay)
        return {
            "tuner": self.tuner.name,
            "data": self.dataset.digest,
            "replay": blake2b(replay.encode(errors="surrogatepass"), digest_size=8).hexdigest(),
            "seed": self.bench.seed,
            "code": metadata.version("sllm"),
        }

    async def _made(self, work: Work) -> Candidate:
        await asyncio.to_thread(keep_dataset, self.dataset, self.bench.models)
        resumed = await asyncio.to_thread(work.open)
        self.tell(Step("training", detail=f"{self.tuner.name}, going on" if resumed else self.tuner.name))
        return await self.tuner.tune(self.dataset, TuningWork(self.run, work.folder, self.bench.seed, self.tell))

    def _kept(self, candidate: Candidate) -> Version:
        """The candidate as a version that is not measured yet."""
        registry = self.bench.registry
        before = registry.find(candidate.version)
        folder = f"{self.tuner.name}-{candidate.version.rpartition('-')[2]}"
        install(candidate.artefact, self.bench.models, folder)
        version = Version(
            candidate.version,
            self.tuner.name,
            "made",
            before.made if before and before.made else datetime.now(UTC),
            candidate.base,
            lineage={**candidate.lineage, **self._lineage(), "run": self.run},
            metrics=candidate.metrics,
            folder=folder,
        )
        registry.keep(version)
        return version

    async def _decided(self, judged: Judged, version: Version) -> TuningResult:
        """Keep what came of it, and switch to the version if it is better."""
        state = "passed" if judged.outcome == "promoted" else judged.outcome
        report = {**judged.report, "outcome": judged.outcome, "detail": judged.detail}
        kept = replace(version, state=state, report=report, current=False)
        await asyncio.to_thread(self.bench.registry.keep, kept)
        if state != "passed":
            return self._result(judged, version)
        if self.order.dry_run:
            return self._result(replace(judged, outcome="dry run"), version)
        self.tell(Step("promotion", 0, 1, version.name))
        await asyncio.to_thread(self.bench.registry.promote, version.name, BY, reason=f"run {self.run}")
        self.tell(Step("promotion", 1, 1, version.name))
        return self._result(judged, version)

    def _result(self, judged: Judged, version: Version | None) -> TuningResult:
        name = None if version is None else version.name
        report = {**judged.report, "tuner": self.tuner.name, "version": name, "base": version and version.base}
        return TuningResult(judged.outcome, name, judged.detail, {**report, "outcome": judged.outcome})


async def _close(candidate: Candidate) -> None:
    """Give back what the answers of both hold."""
    for each in (candidate.incumbent, candidate.candidate):
        if isinstance(each, Closing):
            await each.close()


def _reason(code: str, **values: str) -> dict[str, Any]:
    """Why a run came to nothing, for those who word it in another language."""
    return {"code": code, "values": values}
