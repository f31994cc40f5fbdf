"""The store and the enabled plugins, as the settings say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sllm_core.classifier import Verdicts
from sllm_core.components import Context
from sllm_core.loader import Assembly, load_plugins
from sllm_core.models.opening import open_gateway
from sllm_core.patterns import PatternTable
from sllm_core.settings import Settings
from sllm_core.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from sllm_core.clock.runs import TuningRuns
    from sllm_core.learning.learning import Learning
    from sllm_core.redaction import Redactor


def open_store(settings: Settings, *, forget: bool = False) -> Store:
    """The store that the settings name; `forget` what is older than they say.

    Raises:
        StoreError: it cannot be written, is in use by another process, or is damaged.
    """
    section = settings.patterns
    patterns = PatternTable(limit=section.limit, key=section.key.get_secret_value().encode(errors="surrogatepass"))
    keep = datetime.now(UTC) - settings.store.retention if forget else None
    return Store(settings.store.path, patterns, keep=keep)


def assemble(settings: Settings, store: Store, verdicts: Verdicts, memory: Store | None = None) -> Assembly:
    """What the enabled plugins give; `memory` keeps what a model answers, `store` if None.

    Raises:
        PluginError: a plugin cannot be loaded or set up.
    """
    plugins = load_plugins(settings)
    models = plugins.models()
    model = open_gateway(models, settings.model, memory or store)
    zone = ZoneInfo(settings.timezone)
    hiding = partial(redactor, settings)
    assembly = plugins.collect(Context(store.patterns, verdicts, store, settings.language, zone, model, hiding))
    return replace(assembly, models=models)


def assemble_answering(settings: Settings, store: Store, verdicts: Verdicts, language: str) -> Assembly:
    """The enabled analyzers once more, in a language, for those who ask beside the streams.

    They share the patterns and the verdicts; what has been, they are to know nothing of.

    Raises:
        PluginError: a plugin cannot be loaded or set up.
    """
    zone, hiding = ZoneInfo(settings.timezone), partial(redactor, settings)
    context = Context(store.patterns, verdicts, Store(None, store.patterns), language, zone, None, hiding)
    return load_plugins(settings).answering(context)


def open_learning(
    settings: Settings,
    store: Store,
    verdicts: Verdicts,
    assembly: Assembly,
    changed: Callable[[], None] = lambda: None,
) -> Learning:
    """Feedback, versions and tuning of a store; `changed` is called when somebody has said something of a verdict."""
    from sllm_core.learning.learning import Learning

    return Learning(store, verdicts, assembly.tuners, settings.learning, redactor(settings), changed)


def open_runs(store: Store, assembly: Assembly, learning: Learning) -> TuningRuns:
    """The tuning runs of a store, which share claims with other workers where a plugin offers that.

    Raises:
        StoreError: the store cannot be read or written.
    """
    from sllm_core.clock.leases import Leases, this_owner
    from sllm_core.clock.runs import TuningRuns

    claims = next(iter(assembly.claims), store.claims)
    return TuningRuns(store.tuning_runs, learning.tuning, Leases(claims, this_owner()))


def redactor(settings: Settings) -> Redactor:
    from sllm_core.redaction import Redactor

    return Redactor.of(settings.redaction)
