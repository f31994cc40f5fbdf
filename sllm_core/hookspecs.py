"""The hooks. Each is called once, when the program is assembled; it declares, and core acts on what it returns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    import click
    from litestar.types import ControllerRouterHandler

    from sllm_core.clock.claims import Claims
    from sllm_core.components import Analyzer, Context, Sink, Source, Tuner
    from sllm_core.models.language_model import LanguageModel

hookspec = pluggy.HookspecMarker("sllm")


@hookspec
def sllm_models() -> Iterable[LanguageModel]:
    """Language models; core asks the one that `[model] use` names, or the first, through its gateway.

    Example::

        class Local(Plugin[LocalConfig]):
            Config = LocalConfig

            @hookimpl
            def sllm_models(self) -> list[LanguageModel]:
                return [LocalModel(self.name, self.config.url)]
    """


@hookspec
def sllm_sources(context: Context) -> Iterable[Source]:
    """Sources of records; core reads all of them side by side until they end.

    Example::

        class Queue(Plugin[QueueConfig]):
            Config = QueueConfig

            @hookimpl
            def sllm_sources(self, context: Context) -> list[Source]:
                return [QueueSource(self.name, self.config.url, context.store)]
    """


@hookspec
def sllm_analyzers(context: Context) -> Iterable[Analyzer]:
    """Analyzers; core hands every batch of every source to each of them, in the order of config.toml.

    Example::

        class Length(Plugin[LengthConfig]):
            Config = LengthConfig

            @hookimpl
            def sllm_analyzers(self) -> list[Analyzer]:
                return [LengthAnalyzer(self.config.limit)]
    """


@hookspec
def sllm_sinks(context: Context) -> Iterable[Sink]:
    """Sinks; core writes the findings of each closed window to all of them before it acknowledges the records.

    Example::

        class Chat(Plugin[ChatConfig]):
            Config = ChatConfig

            @hookimpl
            def sllm_sinks(self) -> list[Sink]:
                return [ChatSink(self.name, self.config.room)]
    """


@hookspec
def sllm_tuners(context: Context) -> Iterable[Tuner]:
    """Tuners; core gives them what humans have labelled, and promotes what they make if it is measurably better.

    Example::

        class Forest(Plugin[ForestConfig]):
            Config = ForestConfig

            @hookimpl
            def sllm_tuners(self, context: Context) -> list[Tuner]:
                return [ForestTuner(self.name, self.config.trees, context.verdicts)]
    """


@hookspec
def sllm_claims() -> Iterable[Claims]:
    """Where workers agree on which of them does what one alone is to do, as the nightly tuning; core uses the first.

    Example::

        class Table(Plugin[TableConfig]):
            Config = TableConfig

            @hookimpl
            def sllm_claims(self) -> list[Claims]:
                return [TableClaims(self.name, self.config.url)]
    """


@hookspec
def sllm_lifespan(context: Context) -> AbstractAsyncContextManager[None]:
    """A context that core enters before the first batch and leaves after the last: connections, background tasks.

    Example::

        class Chat(Plugin[ChatConfig]):
            Config = ChatConfig

            @hookimpl
            def sllm_lifespan(self) -> AbstractAsyncContextManager[None]:
                return self.connection()
    """


@hookspec
def sllm_routes(context: Context) -> Iterable[ControllerRouterHandler]:
    """Resources of Litestar; `sllm serve` shows them under `/plugins/<name>`, to those whose keys may read.

    A handler that does more than read asks for more: `opt={"scope": "analyze"}` or `"admin"`. Example::

        class Chat(Plugin[ChatConfig]):
            Config = ChatConfig

            @hookimpl
            def sllm_routes(self) -> list[ControllerRouterHandler]:
                return [get("/rooms", sync_to_thread=False)(self.list_rooms)]
    """


@hookspec
def sllm_commands() -> Iterable[click.Command]:
    """Commands; core shows them as `sllm plugin <name> ...`.

    Example::

        class Chat(Plugin[ChatConfig]):
            Config = ChatConfig

            @hookimpl
            def sllm_commands(self) -> list[click.Command]:
                return [click.Command("rooms", callback=self.list_rooms)]
    """
