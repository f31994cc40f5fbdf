"""What a language model said in earlier runs, for those that only look."""

from __future__ import annotations

from sllm_core.classifier import ModelVerdicts
from sllm_core.store import Store

LATEST = "model.latest"
"""Under what the store keeps which version of a model judged last; empty where it failed its trial."""


def known_verdicts(store: Store) -> ModelVerdicts:
    """The verdicts of the model that judged last."""
    version = str(store.recall(LATEST) or "")
    return ModelVerdicts.of(version, store.model_verdicts(version) if version else ())
