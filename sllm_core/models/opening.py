"""The gateway to the model that the settings choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sllm_core.plugin import PluginError

if TYPE_CHECKING:
    from sllm_core.models.gateway import Gateway, ModelStore
    from sllm_core.models.language_model import LanguageModel
    from sllm_core.settings.sections import ModelSection


def open_gateway(models: Sequence[LanguageModel], section: ModelSection, memory: ModelStore) -> Gateway | None:
    """The gateway to the model that `[model] use` names, else to the first; None where no model is enabled.

    Raises:
        PluginError: `use` names none of the models.
    """
    names = [each.name for each in models]
    if section.use and section.use not in names:
        known = ", ".join(names) or "none is enabled"
        raise PluginError(f"[model] use: there is no model {section.use!r} ({known}); enable [plugins.{section.use}]")
    if not models:
        return None
    from sllm_core.models.gateway import Gateway
    from sllm_core.models.limits import Limits

    chosen = models[names.index(section.use)] if section.use else models[0]
    limits = Limits(section.concurrency, section.timeout.total_seconds(), section.retries)
    return Gateway(chosen, limits, memory)
