"""From settings to plugins, and from plugins to the sources, analyzers, sinks and lifespans that they declare.

The only module that calls pluggy's manager. Each phase reports all its mistakes at once.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pluggy

from sllm_core import hookspecs
from sllm_core.plugin import Plugin
from sllm_core.settings.installed import available_plugins
from sllm_core.settings.mistakes import Mistake, SettingsError, noted, one_line, suggestion
from sllm_core.settings.validation import place

if TYPE_CHECKING:
    import click
    from litestar.types import ControllerRouterHandler

    from sllm_core.clock.claims import Claims
    from sllm_core.components import Analyzer, Context, Sink, Source, Tuner
    from sllm_core.models.gateway import Gateway
    from sllm_core.models.language_model import LanguageModel
    from sllm_core.settings import EnabledPlugin, Settings

__all__ = ["Assembly", "Plugins", "available_plugins", "load_plugins"]

HOOKS = tuple(name for name in vars(hookspecs) if name.startswith("sllm_"))


@dataclass(frozen=True)
class Assembly:
    """What the enabled plugins declare, in the order of config.toml.

    `model` is the way to the one of `models` that is asked. `routes` asks the plugins for what they show on the web, by
    the names of their sections; it may raise SettingsError.
    """

    sources: tuple[Source, ...] = ()
    analyzers: tuple[Analyzer, ...] = ()
    sinks: tuple[Sink, ...] = ()
    lifespans: tuple[AbstractAsyncContextManager[None], ...] = ()
    models: tuple[LanguageModel, ...] = ()
    model: Gateway | None = None
    tuners: tuple[Tuner, ...] = ()
    claims: tuple[Claims, ...] = ()
    routes: Callable[[], Mapping[str, tuple[ControllerRouterHandler, ...]]] = dict


def load_plugins(settings: Settings) -> Plugins:
    """The enabled plugins, made and registered; nothing is asked of them yet.

    Raises:
        SettingsError: plugins could not be made, or implement their hooks wrongly.
    """
    manager = pluggy.PluginManager("sllm")
    manager.add_hookspecs(hookspecs)
    loaded = Plugins(manager, settings)
    mistakes: list[Mistake] = []
    for enabled in settings.plugins:
        wrong = list(_wrong_hooks(enabled.factory))
        mistakes += [loaded.mistake(enabled.section, what) for what in wrong]
        if not wrong:
            _register(enabled, manager, loaded, mistakes)
    if mistakes:
        raise SettingsError(mistakes)
    manager.check_pending()
    return loaded


class Plugins:
    """The enabled plugins, ready to be asked what they declare."""

    def __init__(self, manager: pluggy.PluginManager, settings: Settings) -> None:
        self._manager = manager
        self._enabled = {each.section: each for each in settings.plugins}
        self._origins = settings.origins

    def collect(self, context: Context) -> Assembly:
        """Calls each hook once and checks what it returns.

        Raises:
            SettingsError: a hook raised, returned something else than components, or two components share a name.
        """
        mistakes: list[Mistake] = []
        sources = self._components("sllm_sources", ("batches", "acknowledge or commit"), mistakes, context=context)
        analyzers = self._components("sllm_analyzers", ("analyze",), mistakes, context=context)
        sinks = self._components("sllm_sinks", ("write",), mistakes, context=context)
        tuners = self._components("sllm_tuners", ("tune",), mistakes, context=context)
        claims = self._components("sllm_claims", ("find", "put"), mistakes)
        lifespans = self._lifespans(mistakes, context)
        if mistakes:
            raise SettingsError(mistakes)
        return Assembly(
            cast("tuple[Source, ...]", sources),
            cast("tuple[Analyzer, ...]", analyzers),
            cast("tuple[Sink, ...]", sinks),
            lifespans,
            model=context.model,
            tuners=cast("tuple[Tuner, ...]", tuners),
            claims=cast("tuple[Claims, ...]", claims),
            routes=partial(self._routes, context),
        )

    def _routes(self, context: Context) -> dict[str, tuple[ControllerRouterHandler, ...]]:
        mistakes: list[Mistake] = []
        found: defaultdict[str, tuple[ControllerRouterHandler, ...]] = defaultdict(tuple)
        for section, route in self._items("sllm_routes", mistakes, context=context):
            found[section] += (cast("ControllerRouterHandler", route),)
        if mistakes:
            raise SettingsError(mistakes)
        return dict(found)

    def answering(self, context: Context) -> Assembly:
        """The analyzers alone, with the lifespans of their plugins; for those who ask beside the streams.

        Raises:
            SettingsError: as `collect` does.
        """
        mistakes: list[Mistake] = []
        self._enabled = {name: each for name, each in self._enabled.items() if hasattr(each.factory, "sllm_analyzers")}
        analyzers = self._components("sllm_analyzers", ("analyze",), mistakes, context=context)
        lifespans = self._lifespans(mistakes, context)
        if mistakes:
            raise SettingsError(mistakes)
        return Assembly(analyzers=cast("tuple[Analyzer, ...]", analyzers), lifespans=lifespans, model=context.model)

    def models(self) -> tuple[LanguageModel, ...]:
        """The language models; asked before `collect`, since what is collected may use one.

        Raises:
            SettingsError: as `collect` does.
        """
        mistakes: list[Mistake] = []
        found = self._components("sllm_models", ("identify", "complete", "close"), mistakes)
        if mistakes:
            raise SettingsError(mistakes)
        return cast("tuple[LanguageModel, ...]", found)

    def commands(self) -> dict[str, tuple[click.Command, ...]]:
        """The commands of each plugin that has some, by the name of its section.

        Raises:
            SettingsError: as `collect` does.
        """
        import click

        mistakes: list[Mistake] = []
        found: defaultdict[str, tuple[click.Command, ...]] = defaultdict(tuple)
        for section, command in self._items("sllm_commands", mistakes):
            if isinstance(command, click.Command):
                found[section] += (command,)
            else:
                mistakes.append(self.mistake(section, f"sllm_commands returned {command!r}, which is no click.Command"))
        if mistakes:
            raise SettingsError(mistakes)
        return dict(found)

    def mistake(self, section: str, what: str, cause: Exception | None = None) -> Mistake:
        """A mistake of the plugin in a section; it names the distribution and the way out."""
        where = place(("plugins", section), self._origins)
        if cause is not None:
            noted(cause, f"in section [plugins.{section}]")
        remedy = "correct the section, upgrade the distribution or set enabled = false"
        return Mistake(where, f"{what} ({self._enabled[section].installed}); {remedy}", cause)

    def _components(
        self, hook: str, methods: tuple[str, ...], mistakes: list[Mistake], **arguments: object
    ) -> tuple[object, ...]:
        owners: dict[str, str] = {}
        found: list[object] = []
        for section, component in self._items(hook, mistakes, **arguments):
            name = getattr(component, "name", None)
            if what := _no_component(component, methods):
                mistakes.append(self.mistake(section, f"{hook} returned {type(component).__name__}, {what}"))
            elif name in owners:
                both = f"{hook} returned a second '{name}' beside that of [plugins.{owners[name]}]"
                mistakes.append(self.mistake(section, both))
            else:
                owners[str(name)] = section
                found.append(component)
        return tuple(found)

    def _lifespans(self, mistakes: list[Mistake], context: Context) -> tuple[AbstractAsyncContextManager[None], ...]:
        found: list[AbstractAsyncContextManager[None]] = []
        for section, result in self._results("sllm_lifespan", mistakes, context=context):
            if isinstance(result, AbstractAsyncContextManager):
                found.append(result)
            else:
                what = f"sllm_lifespan returned {type(result).__name__}, which is no asynchronous context manager"
                mistakes.append(self.mistake(section, what))
        return tuple(found)

    def _items(self, hook: str, mistakes: list[Mistake], **arguments: object) -> Iterator[tuple[str, object]]:
        for section, result in self._results(hook, mistakes, **arguments):
            if not isinstance(result, Iterable) or isinstance(result, str | bytes | Mapping):
                what = f"{hook} returned {type(result).__name__} instead of a list; return [] when there is nothing"
                mistakes.append(self.mistake(section, what))
                continue
            try:
                yield from [(section, item) for item in result]
            except Exception as error:
                mistakes.append(self.mistake(section, f"{hook} raised {one_line(error)}", error))

    def _results(self, hook: str, mistakes: list[Mistake], **arguments: object) -> Iterator[tuple[str, object]]:
        # One call for each plugin, with the wrappers of all: pluggy's own loop would stop at the first that raises,
        # and would not say which plugin a result comes from.
        implementations = getattr(self._manager.hook, hook).get_hookimpls()
        speakers = {
            each.plugin_name: each.plugin for each in implementations if not each.wrapper and not each.hookwrapper
        }
        for section in self._enabled:
            if section in speakers:
                others = [plugin for name, plugin in speakers.items() if name != section]
                try:
                    results = self._manager.subset_hook_caller(hook, others)(**arguments)
                except Exception as error:
                    mistakes.append(self.mistake(section, f"{hook} raised {one_line(error)}", error))
                else:
                    yield section, (results[0] if results else None)


def _register(enabled: EnabledPlugin, manager: pluggy.PluginManager, loaded: Plugins, mistakes: list[Mistake]) -> None:
    try:
        plugin = enabled.factory(enabled.section, enabled.config)
    except Exception as error:
        mistakes.append(loaded.mistake(enabled.section, f"cannot be made: {one_line(error)}", error))
        return
    try:
        manager.register(plugin, name=enabled.section)
    except (pluggy.PluginValidationError, ValueError) as error:
        mistakes.append(loaded.mistake(enabled.section, one_line(error), error))


def _wrong_hooks(factory: type[Plugin[Any]]) -> Iterator[str]:
    for name in dir(factory):
        attribute = inspect.getattr_static(factory, name)
        function = getattr(attribute, "__func__", attribute)
        options = getattr(function, "sllm_impl", None)
        if not name.startswith("sllm_") and options is None:
            continue
        hook = (options or {}).get("specname") or name
        if hook not in HOOKS:
            yield f"there is no hook '{hook}'{suggestion(hook, HOOKS) or '; the hooks are ' + ', '.join(HOOKS)}"
        elif options is None:
            yield f"{name} lacks the decorator @hookimpl"
        elif inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            yield f"{name} is 'async def'; hooks are plain functions, what they return may be asynchronous"


def _no_component(component: object, methods: tuple[str, ...]) -> str | None:
    name = getattr(component, "name", None)
    if isinstance(component, type):
        return "which is a class; return an instance"
    if not isinstance(name, str) or not name:
        return "which has no name"
    has = {each: any(callable(getattr(component, name, None)) for name in each.split(" or ")) for each in methods}
    if missing := [each for each in methods if not has[each]]:
        return f"which has no method {missing[0]}"
    if "batches" in methods and inspect.iscoroutinefunction(getattr(component, "batches", None)):
        return "whose batches is a coroutine; it must be an asynchronous generator"
    return None
