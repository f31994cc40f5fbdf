"""What `sllm check --connect` tells about an OpenAI-compatible server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from sllm_core.diagnosis import Diagnosis
from sllm_core.models.language_model import Identity, ModelRefused, ModelUnavailable

from ..address import shown
from ..probe import PROBE, probed
from .listing import Listed

if TYPE_CHECKING:
    from .model import OpenAIModel

PATIENCE = 4.0
"""Seconds for what needs no model, and as many for a short answer."""
LISTED = 8
"""How many models are named."""

Fact = tuple[str, str]


async def diagnose(model: OpenAIModel) -> Diagnosis:
    """The server, the model, what is known of its weights, and whether it gives log-probabilities."""
    facts: list[Fact] = []
    address, wanted = shown(model.config.base_url), model.config.model
    try:
        async with asyncio.timeout(PATIENCE):
            models = await model.models()
            if wanted not in models:
                return Diagnosis(address, (), f"the server has no model {wanted}", _missing(model, sorted(models)))
            identity = await model.identify()
        facts += _facts(identity, models[wanted])
        facts.append(("log-probabilities", await _log_probabilities(model)))
    except TimeoutError:
        return Diagnosis(address, (), f"the server had not answered after {PATIENCE:g} s", _unreachable(model))
    except ModelUnavailable as error:
        return Diagnosis(address, tuple(facts), str(error), () if facts else _unreachable(model))
    except ModelRefused as error:
        return Diagnosis(address, tuple(facts), str(error))
    return Diagnosis(address, tuple(facts))


def _facts(identity: Identity, found: Listed) -> Iterator[Fact]:
    yield "server", found.server or "it does not tell which"
    yield "model", identity.tag
    yield "weights", identity.digest[:12] or "the server does not tell"
    yield "context", f"{identity.context} tokens"
    yield "parallel", "1 call at a time" if identity.parallel == 1 else f"{identity.parallel} calls at a time"


async def _log_probabilities(model: OpenAIModel) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            return probed(await model.complete(PROBE))
    except TimeoutError:
        return f"not known: the model did not answer within {PATIENCE:g} s; sllm waits longer when it runs"


def _missing(model: OpenAIModel, models: Sequence[str]) -> tuple[str, ...]:
    if not models:
        return ("start the server with a model",)
    near = "".join(f"; did you mean {each}?" for each in get_close_matches(model.config.model, models, 1, 0.5))
    more = f" and {len(models) - LISTED} more" if len(models) > LISTED else ""
    return (f"set model in [plugins.{model.name}] to what is there: {', '.join(models[:LISTED])}{more}{near}",)


def _unreachable(model: OpenAIModel) -> tuple[str, ...]:
    return (f"start the server, or correct base_url in [plugins.{model.name}]",)
