"""All that the author of a plugin inherits or catches."""

from __future__ import annotations

from typing import Generic, TypeVar

import pluggy
from pydantic import BaseModel, ConfigDict

hookimpl = pluggy.HookimplMarker("sllm")


class PluginConfig(BaseModel):
    """The section of a plugin in config.toml. Unknown keys are errors; values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


ConfigT = TypeVar("ConfigT", bound=PluginConfig)


class Plugin(Generic[ConfigT]):
    """A plugin: one class, one entry point in the group `sllm`, one section in config.toml.

    `name` is the name of the section; `config` is the section, validated by `Config`.
    """

    Config: type[PluginConfig] = PluginConfig

    def __init__(self, name: str, config: ConfigT) -> None:
        self.name = name
        self.config = config


class PluginError(Exception):
    """Something that the user can mend: the message says what is wrong, where, and what to do.

    A command that meets it prints the message and ends with `exit_code`.
    """

    exit_code = 2
