"""The tuner of the language model: from labels to an adapter on the server, in steps that can be gone on with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sllm_core.components import Context
from sllm_core.learning.asking import Row, rows
from sllm_core.learning.candidate import Candidate, TuningWork
from sllm_core.learning.dataset import Dataset
from sllm_core.learning.orders import Step
from sllm_core.learning.prompted import ServedAnswers
from sllm_core.learning.statement import LABELS
from sllm_core.models.adaptable import Adaptable
from sllm_core.models.language_model import Identity, ModelRefused, ModelUnavailable, Prompt
from sllm_core.plugin import PluginError
from sllm_core.safety import Preparation

from .config import LoraConfig
from .deploying import Deploying, going_on
from .manifest import Manifest, write_version
from .serving import Served, Tuned
from .tags import Tags
from .training import Trained, train

TASKS = ("sentiment", "anomaly", "summary")
COMPARED = 12
"""How many questions are asked to see whether the server answers as the adapter was trained."""
CALIBRATED = 100
"""How many examples that are not measured on are asked, to make probabilities of odds."""
MADE = "made"


class NothingToTune(PluginError):
    """There is no model that an adapter can be put on, or nothing to teach it; the message says what is lacking."""

    exit_code = 1


@dataclass(frozen=True)
class Lessons:
    """What is learnt, and what is held back to see when it is learnt."""

    rows: Sequence[Row]
    held: Sequence[Row]

    @property
    def compared(self) -> list[Prompt]:
        """Questions of both, the held first."""
        return [each.prompt for each in (*self.held, *self.rows)][:COMPARED]


class LoraTuner:
    """Learns what humans labelled as an adapter on the weights that are served."""

    tasks: tuple[str, ...] = TASKS
    resumes = True

    def __init__(self, name: str, config: LoraConfig, context: Context) -> None:
        self.name, self._config, self._context = name, config, context
        self._served = Served(context)

    async def tune(self, dataset: Dataset, run: TuningWork) -> Candidate:
        """A candidate on the server, beside what serves now; what a killed run has done is gone on with.

        Raises:
            PluginError: it cannot be made; the message says what is lacking.
        """
        model = self._model()
        tags = Tags(self._context.store, self.name)
        await tags.clean(self._served.discard, going_on(run.folder))
        try:
            base, identity = await model.base(), await model.identify()
            lessons = await asyncio.to_thread(self._lessons, dataset, identity)
            trained = await train(self._config, base, lessons.rows, lessons.held, run, model.rendered)
            deploying = Deploying(self._config, model, base, run, tags.note)
            manifest = await deploying.deploy(trained, lessons.compared)
            return await self._candidate(manifest, trained, deploying.file, dataset, run)
        except ModelUnavailable as error:
            raise NothingToTune(f"the model server is away: {error}; the next run goes on from here") from error
        except ModelRefused as error:
            raise NothingToTune(f"the model server refuses: {error}") from error

    def serve(self, folder: Path | None) -> Callable[[], None]:
        """Check the version in a folder, None for the base; what is returned makes it serve.

        Raises:
            ArtefactError: it cannot be served.
        """
        return self._served.serve(folder)

    async def discard(self, lineage: Mapping[str, Any]) -> None:
        """Take the tag of a version off the server.

        Raises:
            PluginError: it cannot be taken off now.
        """
        if tag := str(lineage.get("tag") or ""):
            await self._served.discard(tag)

    def _model(self) -> Adaptable:
        gateway = self._context.model
        if gateway is None:
            raise NothingToTune(f"[plugins.{self.name}] tunes the model of [plugins.ollama], which is not enabled")
        if not isinstance(gateway.model, Adaptable):
            raise NothingToTune(
                f"no adapter can be put on the model {gateway.model.name}: only Ollama takes one; enable "
                f"[plugins.ollama] and choose it with [model] use, or remove [plugins.{self.name}]"
            )
        return gateway.model

    def _lessons(self, dataset: Dataset, identity: Identity) -> Lessons:
        prepare, context = replace(self._prepare(), special=identity.special), identity.context
        language, group = self._context.language, self._config.patterns
        learnt = rows(dataset, language, prepare, context, ("train",), group)
        held = rows(dataset, language, prepare, context, ("dev",), group)
        if not learnt:
            raise NothingToTune("none of the labels can be asked about: their texts do not fit into num_ctx")
        return Lessons(learnt, held)

    def _prepare(self) -> Preparation:
        return Preparation(self._context.redactor(), (), self._context.store.secret())

    async def _candidate(
        self, manifest: Manifest, trained: Trained, adapter: Path, dataset: Dataset, run: TuningWork
    ) -> Candidate:
        """Both sides, calibrated on what is not measured.

        All of the incumbent comes first, as servers never have two adapters of one base loaded side by side.
        """
        run.tell(Step("candidate", 0, 1, manifest.name))
        incumbent, candidate = self._answers(self._incumbent(manifest.base_tag)), self._answers(manifest.tag)
        examples = [each for each in dataset.of_parts("dev") if each.task in LABELS][:CALIBRATED]
        try:
            await incumbent.calibrate(examples)
            await candidate.calibrate(examples)
            made = replace(manifest, calibrations=candidate.calibrations)
            await asyncio.to_thread(write_version, run.folder / MADE, made, adapter)
        except BaseException:
            await incumbent.close()
            await candidate.close()
            raise
        run.tell(Step("candidate", 1, 1, manifest.name))
        lineage = {name: value for name, value in asdict(manifest).items() if name not in ("parity", "calibrations")}
        return Candidate(
            manifest.name,
            self._holding(),
            run.folder / MADE,
            candidate,
            incumbent,
            lineage={**lineage, "training": trained.digest, "settings": self._config.model_dump(mode="json")},
            metrics={**trained.metrics, "parity": dict(manifest.parity)},
        )

    def _answers(self, tag: str) -> ServedAnswers:
        return ServedAnswers(self._model().tuned(tag), self._context.language, self._prepare())

    def _incumbent(self, base: str) -> str:
        """The tag that serves now."""
        gateway = self._context.model
        serving = None if gateway is None else gateway.serving
        return serving.tag if isinstance(serving, Tuned) else base

    def _holding(self) -> str:
        """The version that serves now."""
        gateway = self._context.model
        serving = None if gateway is None else gateway.serving
        return serving.version if isinstance(serving, Tuned) else f"{self.name}-base"
