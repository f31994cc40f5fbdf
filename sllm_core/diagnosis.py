"""What a component tells about what it is connected to, for `sllm doctor` and `sllm check --connect`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from sllm_core.models.language_model import ModelRefused, ModelUnavailable
from sllm_core.plugin import PluginError

if TYPE_CHECKING:
    from sllm_core.models.language_model import LanguageModel

PATIENCE = 9.5
"""Seconds that a component has to tell; all are asked at the same time."""


@dataclass(frozen=True)
class Diagnosis:
    """How a component stands with a server.

    `address` is what was tried, without passwords; `facts` are names and values, in the order in which they are shown;
    `problem` says on one line what is wrong, "" when nothing is; `remedies` are what the user may type or set then.
    """

    address: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    remedies: tuple[str, ...] = ()


@runtime_checkable
class Connected(Protocol):
    """What a model, a source or a sink may offer besides: whether what it needs is there."""

    name: str

    async def diagnose(self) -> Diagnosis:
        """Ask the server, in a few seconds, without changing what it holds. What goes wrong is a `problem`."""
        ...


async def diagnose_models(models: Iterable[LanguageModel]) -> dict[str, Diagnosis]:
    """What each model tells, by its name; of one that is not `Connected`, what it answers to who it is.

    It takes at most PATIENCE; the models are closed afterwards.
    """
    asked = list(models)
    try:
        found = await asyncio.gather(*map(_diagnose, asked))
        return {model.name: diagnosis for model, diagnosis in zip(asked, found, strict=True)}
    finally:
        await asyncio.gather(*(model.close() for model in asked), return_exceptions=True)


async def diagnose_components(components: Iterable[object]) -> list[tuple[str, Diagnosis]]:
    """What each source or sink tells that is `Connected`, with its name, in at most PATIENCE."""
    asked = [each for each in components if isinstance(each, Connected)]
    found = await asyncio.gather(*(_in_time(each.diagnose()) for each in asked))
    return [(each.name, diagnosis) for each, diagnosis in zip(asked, found, strict=True)]


def _diagnose(model: LanguageModel) -> Awaitable[Diagnosis]:
    return _in_time(model.diagnose() if isinstance(model, Connected) else _identified(model))


async def _in_time(telling: Awaitable[Diagnosis]) -> Diagnosis:
    try:
        async with asyncio.timeout(PATIENCE):
            return await telling
    except TimeoutError:
        return Diagnosis(problem=f"no answer within {PATIENCE:g} s")
    except (ModelUnavailable, ModelRefused, PluginError) as error:
        return Diagnosis(problem=str(error))
    except Exception as error:  # a plugin may raise anything; the others are still told about
        return Diagnosis(problem=f"{type(error).__name__}: {error}")


async def _identified(model: LanguageModel) -> Diagnosis:
    identity = await model.identify()
    facts = (
        ("model", identity.tag),
        ("weights", identity.digest[:12] or "the server does not tell"),
        ("context", f"{identity.context} tokens"),
        ("parallel", str(identity.parallel)),
    )
    return Diagnosis(facts=facts)
