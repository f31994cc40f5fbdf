"""The tuner of the embedded classifier: trains it anew, in a process of its own, in seconds and without a GPU."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sllm_core.classifier import Classifier, Verdicts
from sllm_core.classifier.retrain import STEPS, Told
from sllm_core.components import Context
from sllm_core.learning.artefacts import read_classifier
from sllm_core.learning.candidate import Candidate, TuningWork
from sllm_core.learning.dataset import Dataset, Example
from sllm_core.learning.tuning import Step
from sllm_core.plugin import Plugin, PluginConfig, PluginError, hookimpl

from . import training

TASKS = ("sentiment", "anomaly")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
TOLD = 2000
"""How many characters of what a failed training said are told."""


class ClassifierConfig(PluginConfig):
    """[plugins.classifier]: `weight` is how many times a human's label counts beside a message of the shipped corpus,
    `threads` how many the training may use, which changes nothing of the result but its last digits."""

    weight: Annotated[float, Field(gt=0, le=100)] = 3.0
    threads: Annotated[int, Field(ge=1, le=64)] = 1


class TrainingFailed(PluginError):
    """The training ended without weights; the message says what it said last."""

    exit_code = 1


class ClassifierTuner(Plugin[ClassifierConfig]):
    """Learns from what humans labelled, and brings better weights for the embedded classifier."""

    Config = ClassifierConfig

    @hookimpl
    def sllm_tuners(self, context: Context) -> list[Retraining]:
        return [Retraining(self.name, self.config, context.verdicts)]


class Retraining:
    """Trains from the corpus of the package and the examples, never from what the classifier itself said."""

    tasks: tuple[str, ...] = TASKS

    def __init__(self, name: str, config: ClassifierConfig, verdicts: Verdicts) -> None:
        self.name, self._config, self._verdicts = name, config, verdicts

    async def tune(self, dataset: Dataset, run: TuningWork) -> Candidate:
        """The retrained classifier beside the one that judges now.

        Raises:
            TrainingFailed: the process of the training failed.
        """
        incumbent = self._verdicts.classifier
        learnt, held = (merged(dataset.of_parts(part), self._config.weight) for part in ("train", "dev"))
        order = run.folder / training.ORDER
        await asyncio.to_thread(_write, order, learnt, held, {"base": incumbent.version, "data": dataset.digest})
        await self._train(run)
        made = await asyncio.to_thread(read_classifier, run.folder / training.MADE)
        manifest = json.loads((run.folder / training.MADE / "manifest.json").read_text(encoding="utf-8"))
        return Candidate(
            made.version,
            incumbent.version,
            run.folder / training.MADE,
            Embedded(made),
            Embedded(incumbent),
            lineage={"weight": self._config.weight, "threads": self._config.threads, "learnt": len(learnt)},
            metrics=manifest["metrics"],
        )

    async def _train(self, run: TuningWork) -> None:
        threads = dict.fromkeys(THREADS, str(self._config.threads))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", training.__name__, str(run.folder)),
            env={**os.environ, **threads},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.TaskGroup() as tasks:
                said = tasks.create_task(_all_of(process.stderr))
                tasks.create_task(_follow(process.stdout, run))
            if await process.wait() != 0:
                raise TrainingFailed(f"the training failed: {said.result()[-TOLD:].strip() or 'without a word'}")
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


@dataclass(frozen=True)
class Embedded:
    """A classifier as it answers."""

    classifier: Classifier

    async def odds(self, task: str, examples: Sequence[Example]) -> NDArray[np.float64]:
        """Its probabilities, (n, 3)."""
        judged = await asyncio.to_thread(
            self.classifier.judge, [each.text for each in examples], [each.level for each in examples]
        )
        return np.asarray(judged.sentiment if task == "sentiment" else judged.severity, np.float64)


def merged(examples: Iterable[Example], weight: float) -> list[Told]:
    """A row for each text and level, with the answers to both questions where there are both."""
    rows: dict[tuple[str, str | None, str], dict[str, str]] = {}
    for each in examples:
        rows.setdefault((each.text, each.level, each.origin), {})[each.task] = each.label
    return [
        Told(text, level, said.get("sentiment"), said.get("anomaly"), weight if origin == "human" else 1.0)
        for (text, level, origin), said in rows.items()
    ]


def _write(file: Path, learnt: Sequence[Told], held: Sequence[Told], manifest: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    order = {"learnt": [asdict(each) for each in learnt], "held": [asdict(each) for each in held], "manifest": manifest}
    file.write_text(json.dumps(order), encoding="utf-8")


async def _follow(stream: asyncio.StreamReader | None, run: TuningWork) -> None:
    while stream is not None and (line := await stream.readline()):
        with suppress(ValueError):
            run.tell(Step("training", int(line), STEPS))


async def _all_of(stream: asyncio.StreamReader | None) -> str:
    return "" if stream is None else (await stream.read()).decode(errors="replace")
