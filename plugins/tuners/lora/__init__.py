"""The plugin `lora`: tunes the language model that Ollama serves on the labels of the team, as an adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sllm_core.plugin import Plugin, hookimpl

from .config import LoraConfig

if TYPE_CHECKING:
    from sllm_core.components import Context, Tuner

__all__ = ["Lora", "LoraConfig"]


class Lora(Plugin[LoraConfig]):
    """Gives the tuner; nothing of the extra `tune` is imported before it is asked to tune."""

    Config = LoraConfig

    @hookimpl
    def sllm_tuners(self, context: Context) -> list[Tuner]:
        from .tuner import LoraTuner

        return [LoraTuner(self.name, self.config, context)]
