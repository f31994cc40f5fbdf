"""The analyzers that `sllm eval` measures: the embedded one, a model, and those that a configuration enables."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sllm_core.plugin import PluginError

if TYPE_CHECKING:
    from sllm_core.evaluation.data import Data
    from sllm_core.evaluation.judge import Judge
    from sllm_core.evaluation.meaning import Meaning
    from sllm_core.loader import Assembly
    from sllm_core.review.judging import Calibrations
    from sllm_core.settings import Settings
    from sllm_core.store import Store

EMBEDDED, MODEL = "embedded", "model"
Keep = Callable[[str, "Calibrations"], None]
"""Keeps the calibrations of a version of a model for later runs."""


@dataclass(frozen=True)
class Wanted:
    """Which analyzers are measured: their names, the configuration that enables them, and what their labels mean.

    `model` is the plugin and the name of a model that is asked whatever the configuration says; None: the one that it
    enables. `language` is that of the questions to a model where there is no configuration.
    """

    analyzers: tuple[str, ...]
    config: Path
    model: tuple[str, str] | None
    meanings: Mapping[str, Meaning]
    language: str


@dataclass(frozen=True)
class Opened:
    """The judges in the order in which they were named, who stands in for answers that are missing, and what keeps
    calibrations."""

    judges: tuple[Judge, ...]
    stand_in: Judge
    keep: Keep


@asynccontextmanager
async def open_judges(wanted: Wanted, data: Data) -> AsyncIterator[Opened]:
    """What is measured on these data, ready to judge.

    Raises:
        PluginError: an analyzer is not enabled, or a model cannot be asked.
    """
    from sllm_core.classifier import Classifier, Verdicts
    from sllm_core.evaluation.embedded_judge import EmbeddedJudge

    def embedded() -> EmbeddedJudge:
        return EmbeddedJudge(Verdicts(Classifier.load, data.patterns))

    async with AsyncExitStack() as stack:
        others = [each for each in wanted.analyzers if each != EMBEDDED]
        opening = await _Opening.begin(stack, wanted, data) if others else None
        judges = [
            await opening.judge(name) if opening and name != EMBEDDED else embedded() for name in wanted.analyzers
        ]
        yield Opened(tuple(judges), embedded(), opening.keep if opening else _nothing)


def _nothing(version: str, calibrations: Calibrations) -> None:
    return None


@dataclass(frozen=True)
class _Opening:
    """What a configuration enables, for as long as the stack is open."""

    wanted: Wanted
    data: Data
    settings: Settings
    memory: Store
    scratch: Store
    assembly: Assembly

    @classmethod
    async def begin(cls, stack: AsyncExitStack, wanted: Wanted, data: Data) -> _Opening:
        from sllm_core.classifier import Classifier, Verdicts
        from sllm_core.opening import assemble
        from sllm_core.store import Store

        settings = _settings(wanted)
        memory = stack.enter_context(_memory(wanted, settings))
        scratch = stack.enter_context(Store())
        assembly = assemble(settings, scratch, Verdicts(Classifier.load, scratch.patterns), memory)
        if assembly.model is not None:
            stack.push_async_callback(assembly.model.close)
        for lifespan in assembly.lifespans:
            await stack.enter_async_context(lifespan)
        return cls(wanted, data, settings, memory, scratch, assembly)

    async def judge(self, name: str) -> Judge:
        """The judge of that name.

        Raises:
            PluginError: there is none.
        """
        return await self._model() if name == MODEL else self._analyzer(name)

    def keep(self, version: str, calibrations: Calibrations) -> None:
        from sllm_core.evaluation.model_judge import ModelJudge

        ModelJudge.keep(self.memory, version, calibrations)

    async def _model(self) -> Judge:
        from sllm_core.evaluation.model_judge import ModelJudge
        from sllm_core.redaction import Redactor
        from sllm_core.review.examiner import Terms

        if self.assembly.model is None:
            where = f"{self.wanted.config}: no language model is enabled"
            raise PluginError(f"{where}; add [plugins.ollama], or name one: --model ollama:llama3")
        redactor = Redactor.of(self.settings.redaction)
        terms = Terms(redactor, self.settings.language, self.settings.model.patterns)
        return await ModelJudge.meet(self.assembly.model, self.data.patterns, self.memory, terms)

    def _analyzer(self, name: str) -> Judge:
        from sllm_core.evaluation.analyzer_judge import AnalyzerJudge
        from sllm_core.evaluation.meaning import Meaning
        from sllm_core.settings.mistakes import suggestion

        known = {each.name: each for each in self.assembly.analyzers}
        if name not in known:
            near = suggestion(name, (EMBEDDED, MODEL, *known))
            listed = ", ".join((EMBEDDED, MODEL, *known))
            raise PluginError(f"{self.wanted.config} enables no analyzer '{name}'{near or f'; there are {listed}'}")
        installed = (str(each.installed) for each in self.settings.plugins if each.section == name)
        meaning = self.wanted.meanings.get(name, Meaning())
        return AnalyzerJudge(known[name], self.scratch.patterns, next(installed, ""), meaning)


def _settings(wanted: Wanted) -> Settings:
    """The configuration, with the model that was named; without a file, nothing but that model.

    Raises:
        PluginError: there is no file, and it is needed; or it is not valid.
    """
    from sllm_core.settings import load_settings

    there = wanted.config.exists()
    if wanted.model is None and not there:
        other = " or name a model: --model ollama:llama3" if MODEL in wanted.analyzers else ""
        raise PluginError(f"{wanted.config}: no such file; give -c FILE where the analyzer is enabled{other}")
    named: dict[str, object] = {}
    if wanted.model is not None:
        plugin, model = wanted.model
        named = {"model": {"use": plugin}, "plugins": {plugin: {"model": model}}}
    if there:
        return load_settings(wanted.config, overrides=named)
    return load_settings(None, overrides={"language": wanted.language, **named})


def _memory(wanted: Wanted, settings: Settings) -> Store:
    """Where answers and calibrations are kept: the store of the configuration, else the folder of the user's caches."""
    from sllm_core.cli.model_options import cache_folder
    from sllm_core.opening import open_store
    from sllm_core.store import Store

    if MODEL not in wanted.analyzers:
        return Store()
    return open_store(settings) if wanted.config.exists() else Store(cache_folder(os.environ))
