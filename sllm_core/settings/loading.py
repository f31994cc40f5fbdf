"""config.toml, the environment and the command line, brought together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sllm_core.plugin import Plugin, PluginConfig
from sllm_core.settings.declarations import RESERVED, Declaration, Imported, declarations, import_plugins
from sllm_core.settings.environment import Setting, about_sllm, read_environment, read_secrets, variable_name
from sllm_core.settings.fields import EnvironmentName, path_defaults
from sllm_core.settings.installed import InstalledPlugin, available_plugins
from sllm_core.settings.layers import Given, flatten, merge, read_toml
from sllm_core.settings.mistakes import Mistake, SettingsError
from sllm_core.settings.sections import (
    LearningSection,
    LoggingSection,
    ModelSection,
    PatternsSection,
    PipelineSection,
    RedactionSection,
    ScheduleSection,
    Sections,
    ServiceSection,
    StoreSection,
    TelemetrySection,
    WatchSection,
)
from sllm_core.settings.validation import Origins, config_model, keys, validate


@dataclass(frozen=True)
class EnabledPlugin:
    """A plugin that is on: its section, where it comes from, its class, and its validated configuration."""

    section: str
    installed: InstalledPlugin
    factory: type[Plugin[Any]]
    config: PluginConfig


@dataclass(frozen=True)
class Settings:
    """The whole configuration, valid.

    `folder` is where config.toml lies; relative paths are taken from there. `plugins` are the enabled ones in the order
    of config.toml, `off` the sections with `enabled = false`. `origins` says where each value was given; what is not
    in it is a default.
    """

    values: Sections
    folder: Path
    plugins: tuple[EnabledPlugin, ...] = ()
    off: tuple[str, ...] = ()
    origins: Origins = field(default_factory=lambda: MappingProxyType({}))

    @property
    def models(self) -> tuple[EnabledPlugin, ...]:
        """The enabled plugins that have a language model."""
        return tuple(each for each in self.plugins if hasattr(each.factory, "sllm_models"))

    @property
    def language(self) -> str:
        """The language of findings: en or ko."""
        return self.values.language

    @property
    def timezone(self) -> str:
        """The name of the time zone in which days begin and times without a zone are read."""
        return self.values.timezone

    @property
    def pipeline(self) -> PipelineSection:
        """[pipeline]."""
        return self.values.pipeline

    @property
    def patterns(self) -> PatternsSection:
        """[patterns]."""
        return self.values.patterns

    @property
    def store(self) -> StoreSection:
        """[store]."""
        return self.values.store

    @property
    def model(self) -> ModelSection:
        """[model]."""
        return self.values.model

    @property
    def redaction(self) -> RedactionSection:
        """[redaction]."""
        return self.values.redaction

    @property
    def service(self) -> ServiceSection:
        """[service]."""
        return self.values.service

    @property
    def learning(self) -> LearningSection:
        """[learning]."""
        return self.values.learning

    @property
    def schedule(self) -> ScheduleSection:
        """[schedule]."""
        return self.values.schedule

    @property
    def watch(self) -> WatchSection:
        """[watch]."""
        return self.values.watch

    @property
    def logging(self) -> LoggingSection:
        """[logging]."""
        return self.values.logging

    @property
    def telemetry(self) -> TelemetrySection:
        """[telemetry]."""
        return self.values.telemetry


@dataclass(frozen=True)
class _Inputs:
    data: Mapping[str, object]
    origin: str
    folder: Path
    overrides: Mapping[str, object]
    environ: Mapping[str, Setting]


def load_settings(
    path: Path | None, *, overrides: Mapping[str, object] | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """The configuration in the file at `path`, or without a file when it is None.

    `overrides` are nested tables like those of config.toml and go before everything; then come the variables in
    `environ` (the environment of the process when None) and in `.env` beside the file, the folder of secrets, the
    file, and the defaults. A variable without text counts as not set.

    Raises:
        SettingsError: with all mistakes that could be found.
    """
    folder = path.absolute().parent if path else Path.cwd()
    data = read_toml(path) if path else {}
    return _load(data, str(path or "configuration"), folder, overrides, os.environ if environ is None else environ)


def settings_from(
    data: Mapping[str, object],
    *,
    folder: Path | None = None,
    overrides: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The configuration in nested tables instead of a file; the environment is only what `environ` says.

    Raises:
        SettingsError: with all mistakes that could be found.
    """
    return _load(data, "configuration", (folder or Path()).absolute(), overrides, environ or {}, dotenv=False)


def declared_in(path: Path) -> tuple[tuple[Declaration, ...], tuple[Mistake, ...]]:
    """What the file says under [plugins], as far as it can be read, and what is wrong; imports no plugin."""
    mistakes: list[Mistake] = []
    environ = read_environment(os.environ, path.absolute().parent / ".env", mistakes)
    try:
        declared = tuple(declarations(read_toml(path), str(path), environ, mistakes))
    except SettingsError as error:
        return (), error.mistakes
    return declared, tuple(mistakes)


def _load(
    data: Mapping[str, object],
    origin: str,
    folder: Path,
    overrides: Mapping[str, object] | None,
    environ: Mapping[str, str],
    dotenv: bool = True,
) -> Settings:
    mistakes: list[Mistake] = []
    names = read_environment(environ, folder / ".env" if dotenv else None, mistakes)
    inputs = _Inputs(data, origin, folder, overrides or {}, names)
    settings = _assemble(inputs, mistakes)
    if settings is None or mistakes:
        raise SettingsError(mistakes)
    return settings


def _assemble(inputs: _Inputs, mistakes: list[Mistake]) -> Settings | None:
    tables, _ = merge([flatten(inputs.data, inputs.origin), flatten(inputs.overrides, "command line")])
    declared = tuple(declarations(tables, inputs.origin, inputs.environ, mistakes))
    available = available_plugins()
    imported = tuple(import_plugins(declared, available, mistakes))
    model = config_model(imported)
    silent = _silent(imported, declared, available)
    settings = [each for each in _settings(inputs, imported, mistakes) if not each.name.upper().startswith(silent)]
    defaults = {each.section: path_defaults(keys(each.factory.Config)) for each in imported}
    tree, origins = merge(_layers(inputs, settings, model, tuple(defaults)), {"plugins": defaults})
    values = validate(model, tree, inputs.folder, origins, mistakes)
    off = tuple(each.section for each in declared if not each.enabled)
    if values is None:
        return None
    return Settings(values, inputs.folder, _enabled(values, imported), off, MappingProxyType(origins))


def _settings(inputs: _Inputs, imported: Sequence[Imported], mistakes: list[Mistake]) -> Iterator[Setting]:
    if secrets := inputs.environ.get("SLLM_SECRETS_DIR"):
        yield from read_secrets(inputs.folder / secrets.text, mistakes)
    yield from _named(inputs.environ, imported)
    yield from about_sllm(inputs.environ.values())


def _named(environ: Mapping[str, Setting], imported: Sequence[Imported]) -> Iterator[Setting]:
    for each in imported:
        own = each.section == each.installed.name
        for key, about in keys(each.factory.Config).items() if own else ():
            for marker in about.metadata:
                if isinstance(marker, EnvironmentName) and (setting := environ.get(marker.name)):
                    yield replace(setting, name=f"{variable_name('plugins', each.section)}__{key}")


def _silent(
    imported: Sequence[Imported], declared: Sequence[Declaration], available: Sequence[InstalledPlugin]
) -> tuple[str, ...]:
    on = {each.section for each in imported}
    others = {each.section for each in declared} | {each.name for each in available}
    prefixes = (variable_name("plugins", each) + "__" for each in others - on)
    return (*prefixes, *(variable_name("plugins", each, "enabled") for each in on))


def _layers(
    inputs: _Inputs, settings: Sequence[Setting], model: type[Sections], on: Sequence[str]
) -> Iterator[Iterable[Given]]:
    yield _configured(inputs.data, inputs.origin, on)
    if settings:
        from sllm_core.settings.variables import Variables

        yield from map(Variables(model, on).read, settings)
    yield _configured(inputs.overrides, "command line", on)


def _configured(tables: Mapping[str, object], origin: str, on: Sequence[str]) -> Iterator[Given]:
    for given in flatten(tables, origin):
        head, section, key = (*given.path, "", "")[:3]
        if head != "plugins" or (section in on and key not in RESERVED):
            yield given


def _enabled(values: Sections, imported: Sequence[Imported]) -> tuple[EnabledPlugin, ...]:
    configs = [getattr(values.plugins, name) for name in type(values.plugins).model_fields]
    return tuple(
        EnabledPlugin(each.section, each.installed, each.factory, config)
        for each, config in zip(imported, configs, strict=True)
    )
