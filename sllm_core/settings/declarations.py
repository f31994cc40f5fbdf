"""The tables under [plugins]: which plugins are on, and their classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from sllm_core.plugin import Plugin, PluginConfig
from sllm_core.settings.environment import Setting, variable_name
from sllm_core.settings.installed import InstalledPlugin
from sllm_core.settings.mistakes import Mistake, dotted, noted, one_line, suggestion

RESERVED = ("enabled", "plugin")
"""Keys that every section of a plugin may have; they are no part of its configuration."""


@dataclass(frozen=True)
class Declaration:
    """One table [plugins.<section>]; `plugin` is the name of the entry point, `where` leads the mistakes about it."""

    section: str
    plugin: str
    enabled: bool
    where: str


@dataclass(frozen=True)
class Imported:
    """An enabled plugin whose class is there."""

    section: str
    installed: InstalledPlugin
    factory: type[Plugin[Any]]


def declarations(
    tables: Mapping[str, object], origin: str, environ: Mapping[str, Setting], mistakes: list[Mistake]
) -> Iterator[Declaration]:
    """What the tables under `plugins` declare, in their order."""
    plugins = tables.get("plugins", {})
    if not isinstance(plugins, Mapping):
        mistakes.append(Mistake(f"{origin}: plugins", "expected tables such as [plugins.stdout]"))
        return
    for section, table in plugins.items():
        where = f"{origin}: {dotted(('plugins', section))}"
        if isinstance(table, Mapping):
            plugin, enabled = _reserved(section, table, where, environ, mistakes)
            yield Declaration(section, plugin, enabled, where)
        else:
            mistakes.append(Mistake(where, f"expected a table; write it as [{dotted(('plugins', section))}]"))


def import_plugins(
    declared: Iterable[Declaration], available: Sequence[InstalledPlugin], mistakes: list[Mistake]
) -> Iterator[Imported]:
    """The classes of the plugins that are on; no other is imported."""
    for declaration in declared:
        offers = [each for each in available if each.name == declaration.plugin]
        if not declaration.enabled:
            continue
        if len(offers) == 1:
            yield from _import(declaration, offers[0], mistakes)
        else:
            mistakes.append(Mistake(declaration.where, _not_one(declaration.plugin, offers, available)))


def _reserved(
    section: str, table: Mapping[str, object], where: str, environ: Mapping[str, Setting], mistakes: list[Mistake]
) -> tuple[str, bool]:
    plugin, enabled = table.get("plugin", section), table.get("enabled", True)
    if not isinstance(plugin, str):
        mistakes.append(Mistake(f"{where}.plugin", "expected the name of a plugin"))
        return section, False
    if setting := environ.get(variable_name("plugins", section, "enabled")):
        where, enabled = setting.origin, setting.text
    else:
        where = f"{where}.enabled"
    try:
        return plugin, TypeAdapter(bool).validate_python(enabled)
    except ValidationError:
        mistakes.append(Mistake(where, "expected true or false"))
        return plugin, False


def _not_one(name: str, offers: Sequence[InstalledPlugin], available: Sequence[InstalledPlugin]) -> str:
    if offers:
        names = " and ".join(f"{each.distribution} {each.version}" for each in offers)
        return f"{names} both offer a plugin '{name}'; uninstall one of them"
    known = sorted({each.name for each in available})
    near = suggestion(name, known)
    return f"no installed distribution offers a plugin '{name}'" + (
        near or f"; install it or remove the section (installed: {', '.join(known) or 'none'})"
    )


def _import(declaration: Declaration, installed: InstalledPlugin, mistakes: list[Mistake]) -> Iterator[Imported]:
    try:
        factory = _factory(installed)
    except (Exception, SystemExit) as error:  # whatever the code of a plugin does must end as a mistake
        what = f"cannot import {installed}: {one_line(error)}; {_remedy(error)}, or set enabled = false"
        mistakes.append(Mistake(declaration.where, what, noted(error, f"in section [plugins.{declaration.section}]")))
    else:
        yield Imported(declaration.section, installed, factory)


def _factory(installed: InstalledPlugin) -> type[Plugin[Any]]:
    factory = installed.entry.load()
    if not (isinstance(factory, type) and issubclass(factory, Plugin)):
        raise TypeError("it is no subclass of sllm_core.plugin.Plugin")
    if not (isinstance(factory.Config, type) and issubclass(factory.Config, PluginConfig)):
        raise TypeError("its Config is no subclass of sllm_core.plugin.PluginConfig")
    for config in _promised(factory):
        if not issubclass(factory.Config, config):
            raise TypeError(f"it is a Plugin[{config.__name__}] and lacks the line Config = {config.__name__}")
    factory.Config.model_rebuild()
    if taken := [key for key in RESERVED if key in factory.Config.model_fields]:
        raise TypeError(f"its Config has a field '{taken[0]}', which is reserved")
    return factory


def _promised(factory: type[Plugin[Any]]) -> Iterator[type[PluginConfig]]:
    for base in getattr(factory, "__orig_bases__", ()):
        yield from (each for each in get_args(base) if isinstance(each, type) and issubclass(each, PluginConfig))


def _remedy(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"install what provides '{error.name}'"
    return "mend or upgrade the distribution"
