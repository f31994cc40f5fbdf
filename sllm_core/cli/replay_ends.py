"""Which sections of the configuration a replay reads from, and which it sends to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from sllm_core.components import Context
from sllm_core.plugin import PluginError
from sllm_core.replay.history import Historic
from sllm_core.replay.outlet import Receiving

if TYPE_CHECKING:
    from sllm_core.settings import EnabledPlugin, Settings
    from sllm_core.store import Store

End = TypeVar("End")

HOOKS = ("sllm_sources", "sllm_sinks")


@dataclass(frozen=True)
class Ends:
    """What is enabled and has the past, or takes a replay, by the names of the sections."""

    settings: Settings
    histories: Mapping[str, Historic]
    outlets: Mapping[str, Receiving]

    def history(self, name: str | None) -> Historic:
        """The section of that name, or the only one.

        Raises:
            PluginError: there is none, or there are several.
        """
        remedy = "name files, or add [plugins.elasticsearch]"
        return _chosen(self.histories, name, "--from", "has the past of its records", remedy)

    def outlet(self, name: str | None) -> Receiving:
        """The section of that name, or the only one.

        Raises:
            PluginError: there is none, or there are several.
        """
        return _chosen(self.outlets, name, "--to", "takes a replay", "add [plugins.kafka]")


def load_ends(config: Path, named: Iterable[str | None], store: Store) -> Ends:
    """The sources and sinks of a configuration; those that are named also if they are off.

    Raises:
        SettingsError: the configuration is wrong.
    """
    from sllm_core.classifier import Classifier, Verdicts
    from sllm_core.loader import load_plugins
    from sllm_core.settings import load_settings

    names = [each for each in named if each is not None]
    settings = load_settings(config, overrides={"plugins": {each: {"enabled": True} for each in names}})
    plugins = load_plugins(replace(settings, plugins=tuple(_needed(settings.plugins))))
    verdicts = Verdicts(Classifier.load, store.patterns)
    context = Context(store.patterns, verdicts, store, settings.language, ZoneInfo(settings.timezone))
    found = plugins.collect(context)
    components = (*found.sources, *found.sinks)
    histories = {each.name: each for each in components if isinstance(each, Historic)}
    outlets = {each.name: each for each in components if isinstance(each, Receiving)}
    return Ends(settings, histories, outlets)


def _needed(plugins: Sequence[EnabledPlugin]) -> Iterable[EnabledPlugin]:
    """Those with sources or sinks; nothing is analysed here."""
    return (each for each in plugins if any(hasattr(each.factory, hook) for hook in HOOKS))


def _chosen(found: Mapping[str, End], name: str | None, option: str, does: str, remedy: str) -> End:
    if name is None and len(found) == 1:
        return next(iter(found.values()))
    if name is not None and name in found:
        return found[name]
    if not found:
        raise PluginError(f"no section of the configuration {does}; {remedy}")
    which = " or ".join(f"{option} {each}" for each in found)
    raise PluginError(f"[plugins.{name}] is none that {does}; type {which}" if name else f"say which: {which}")
