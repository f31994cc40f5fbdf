"""What a tuner is given, and what it makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from sllm_core.learning.dataset import Example
from sllm_core.learning.orders import Step


class Answers(Protocol):
    """A model as it serves, whose answers the gate compares."""

    async def odds(self, task: str, examples: Sequence[Example]) -> NDArray[np.float64]:
        """Calibrated probabilities (n, labels) of the task's labels, in their order, for n examples."""
        ...


@runtime_checkable
class Closing(Protocol):
    """What answers offer besides if they hold something, such as connections: `close` is called once, in the end."""

    async def close(self) -> None: ...


@dataclass(frozen=True)
class TuningWork:
    """A run of tuning: its id, a folder of its own for what is made on the way, and what tells how far it is.

    What is random follows from the `seed`. `tell` may raise, to end the run. The folder is empty, but for a tuner that
    resumes: see `Resuming`.
    """

    run: str
    folder: Path
    seed: int
    tell: Callable[[Step], None]


@dataclass(frozen=True)
class Candidate:
    """A new version, as it would serve, beside the one that serves now.

    `artefact` is the folder with its files, which core moves to its place; `base` is the version that it was made from,
    `lineage` has whatever else tells how, as JSON values, and `metrics` what was measured on the way.
    """

    version: str
    base: str
    artefact: Path
    candidate: Answers
    incumbent: Answers
    lineage: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
