"""One tuner's part of a run of tuning: a candidate, measured, and promoted if it is better."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from sllm_core.components import Tuner
from sllm_core.learning.artefacts import MANIFEST, UNFINISHED, clear, install, sync_folder
from sllm_core.learning.building import Builder
from sllm_core.learning.candidate import Candidate, TuningWork
from sllm_core.learning.dataset import Dataset
from sllm_core.learning.gate import Gate, Judged
from sllm_core.learning.orders import Order, Step, Tell, TuningResult
from sllm_core.learning.registry import Registry
from sllm_core.learning.versions import Version
from sllm_core.plugin import PluginError

BY = "tuning"
"""Who promotes what has passed the gate."""

DATA = "data-"
"""How the folders of datasets begin."""

EXAMPLES = "examples.jsonl"


@dataclass(frozen=True)
class Bench:
    """What every run of tuning works with."""

    registry: Registry
    builder: Builder
    gate: Gate
    seed: int = 0

    @property
    def models(self) -> Path:
        """Where versions are kept.

        Raises:
            PluginError: the store is in memory.
        """
        if self.registry.models is None:
            raise PluginError("tuning needs a store on disk: name its folder with [store] path")
        return self.registry.models

    def folder(self, tuner: str) -> Path:
        """Where a tuner works; it is removed when the run ends, or by the next."""
        return self.models / f"{UNFINISHED}{tuner}"

    def clean(self) -> None:
        """Remove what runs have left that were killed: folders that are of no version, versions without a verdict."""
        versions = self.registry.versions()
        for each in versions:
            if each.state == "made" and not each.current:
                self.registry.forget(each)
        kept = [each for each in versions if each.state != "made" or each.current]
        data = {f"{DATA}{each.lineage.get('data')}" for each in kept}
        clear(self.models, {*(each.folder for each in kept if each.folder), *data})

    def keep_dataset(self, dataset: Dataset) -> None:
        """Write the examples and the manifest, for whoever wants to see what a version has learnt."""
        place = self.models / f"{DATA}{dataset.digest}"
        if place.exists():
            return
        beside = self.models / f"{UNFINISHED}{place.name}"
        beside.mkdir(parents=True)
        lines = [json.dumps(each.to_json(), ensure_ascii=False) for each in dataset.examples]
        _write(beside / EXAMPLES, "".join(f"{line}\n" for line in lines))
        _write(beside / MANIFEST, json.dumps(dict(dataset.manifest), indent=1, ensure_ascii=False))
        sync_folder(beside)
        install(beside, self.models, place.name)


@dataclass(frozen=True)
class Attempt:
    """One tuner and one dataset, in a run."""

    bench: Bench
    tuner: Tuner
    order: Order
    run: str
    tell: Tell
    dataset: Dataset
    work: Path

    async def carry_out(self) -> TuningResult:
        """Raises: PluginError: the tuner could not make a candidate, or it could not be kept."""
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
        candidate = await self._made()
        if candidate.version == candidate.base:
            told = f"the labels change nothing: the candidate is {candidate.base} itself"
            report = {"tasks": {}, "checks": [], "missing": [], "reason": _reason("no_change", version=candidate.base)}
            return self._result(Judged("insufficient", told, report), None)
        version = await asyncio.to_thread(self._kept, candidate)
        self.tell(Step("gate", 0, 1, version.name))
        judged = await gate.judge(candidate, self.dataset, tasks)
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

    async def _made(self) -> Candidate:
        await asyncio.to_thread(self.bench.keep_dataset, self.dataset)
        self.work.mkdir(parents=True)
        self.tell(Step("training", detail=self.tuner.name))
        return await self.tuner.tune(self.dataset, TuningWork(self.run, self.work, self.bench.seed, self.tell))

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


def _reason(code: str, **values: str) -> dict[str, Any]:
    """Why a run came to nothing, for those who word it in another language."""
    return {"code": code, "values": values}


def _write(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8", errors="surrogatepass") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
