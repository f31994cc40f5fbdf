"""The configuration: config.toml and what overrides it, validated by one model that is built at run time."""

from __future__ import annotations

from sllm_core.settings.fields import Duration, EnvironmentName, PathInConfig, ZoneName
from sllm_core.settings.loading import EnabledPlugin, Settings, load_settings, settings_from
from sllm_core.settings.mistakes import Mistake, SettingsError

__all__ = [
    "Duration",
    "EnabledPlugin",
    "EnvironmentName",
    "Mistake",
    "PathInConfig",
    "Settings",
    "SettingsError",
    "ZoneName",
    "load_settings",
    "settings_from",
]
