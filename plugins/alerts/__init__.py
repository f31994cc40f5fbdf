"""The plugin `alerts`: tells people of findings by e-mail, chat and whatever else Apprise reaches."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from sllm_core.plugin import Plugin, hookimpl

from .config import AlertsConfig

if TYPE_CHECKING:
    import click

    from sllm_core.components import Context, Sink

    from .sink import AlertsSink
    from .writing import Writer


class Alerts(Plugin[AlertsConfig]):
    """The `alerts` sink and its commands.

    Raises:
        PluginError: a target is none that Apprise can use (it is named by its number), or a template is none.
    """

    Config = AlertsConfig

    def __init__(self, name: str, config: AlertsConfig) -> None:
        from .targets import targets

        super().__init__(name, config)
        self._targets = targets(config.targets)
        if config.template is not None:
            self._writer(config.language or "en", UTC)
        self._sink: AlertsSink | None = None

    @hookimpl
    def sllm_sinks(self, context: Context) -> Iterable[Sink]:
        return [self._of(context)]

    @hookimpl
    def sllm_lifespan(self, context: Context) -> AbstractAsyncContextManager[None]:
        return self._of(context).running()

    @hookimpl
    def sllm_commands(self) -> Iterable[click.Command]:
        from .commands import template_command, test_command

        return [test_command(self._targets), template_command(self.config.language)]

    def _writer(self, language: str, zone: tzinfo) -> Writer:
        from .writing import Writer

        return Writer(language, zone, self.config.template, self.name)

    def _of(self, context: Context) -> AlertsSink:
        from .sink import AlertsSink

        if self._sink is None:
            writer = self._writer(self.config.language or context.language, context.zone)
            self._sink = AlertsSink(self.name, self.config, context, self._targets, writer, context.redactor())
        return self._sink
