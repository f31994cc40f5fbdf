"""What is known of a language model from earlier runs."""

from __future__ import annotations

from typing import Any

from sllm_core.classifier import ModelVerdicts
from sllm_core.review.judging import Calibrations
from sllm_core.review.trial import Trial
from sllm_core.store import Store

LATEST = "model.latest"
"""Under what the store keeps which version of a model judged last; empty where it failed its trial."""

CALIBRATION, TRIAL = "model.calibration", "model.trial"
"""Under what, with a version of a model, its calibrations and its trial are kept."""


def known_calibrations(memory: Store, version: str) -> Calibrations:
    """What was measured for a version of a model, else what its trial has shown."""
    measured: Any = memory.recall(f"{CALIBRATION} {version}")
    if measured is not None:
        return Calibrations.from_json(measured)
    tried: Any = memory.recall(f"{TRIAL} {version}")
    return Calibrations() if tried is None else Trial.from_json(tried).calibrations


def known_verdicts(store: Store) -> ModelVerdicts:
    """The verdicts of the model that judged last."""
    version = str(store.recall(LATEST) or "")
    return ModelVerdicts.of(version, store.model_verdicts(version) if version else ())
