"""What `sllm check --connect` tells about an Ollama server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sllm_core.diagnosis import Diagnosis
from sllm_core.models.language_model import Identity, ModelRefused, ModelUnavailable

from ..address import is_local, shown
from ..probe import PROBE, probed
from .weights import Weights, nearest, same_tag

if TYPE_CHECKING:
    from .model import OllamaModel
    from .server import OllamaServer

PATIENCE = 4.0
"""Seconds for what needs no model, and as many for loading it and a short answer."""
LISTED = 8
"""How many tags are named."""
VARIABLES = MappingProxyType({"url": "OLLAMA_API_URL", "model": "OLLAMA_MODEL"})

Fact = tuple[str, str]


async def diagnose(model: OllamaModel) -> Diagnosis:
    """The server, the tag, its weights, and whether it gives log-probabilities."""
    facts: list[Fact] = []
    config = model.config
    try:
        async with asyncio.timeout(PATIENCE):
            server = model.open()
            facts.append(("server", _named(await server.version())))
            tags = await server.tags()
            if not any(same_tag(each, config.model) for each in tags):
                problem = f"the server has no model {config.model}"
                return Diagnosis(shown(config.url), tuple(facts), problem, _missing(model, sorted(tags)))
            identity = await model.identify()
        facts += _facts(model, identity, await _weights(server))
        facts.append(("log-probabilities", await _log_probabilities(model)))
    except TimeoutError:
        problem = f"the server had not answered after {PATIENCE:g} s"
        return Diagnosis(shown(config.url), tuple(facts), problem, _unreachable(model))
    except ModelUnavailable as error:
        return Diagnosis(shown(config.url), tuple(facts), str(error), () if facts else _unreachable(model))
    except ModelRefused as error:
        return Diagnosis(shown(config.url), tuple(facts), str(error))
    return Diagnosis(shown(config.url), tuple(facts))


async def _weights(server: OllamaServer) -> Weights:
    from .weights import read_weights

    return read_weights(await server.show())


def _facts(model: OllamaModel, identity: Identity, weights: Weights) -> Iterator[Fact]:
    yield "model", ", ".join(filter(None, (identity.tag, weights.size, weights.quantisation)))
    yield "weights", identity.digest[:12] or "the server does not tell"
    trained = f", trained on {weights.trained}" if weights.trained else ""
    yield "context", f"{identity.context} tokens{trained}"
    yield "parallel", "1 call at a time" if identity.parallel == 1 else f"{identity.parallel} calls at a time"


async def _log_probabilities(model: OllamaModel) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            return probed(await model.complete(PROBE))
    except TimeoutError:
        return f"not known: the model was not ready to answer within {PATIENCE:g} s; sllm waits longer when it runs"


def _named(version: str) -> str:
    return "Ollama, built from its source" if version in ("", "0.0.0") else f"Ollama {version}"


def _missing(model: OllamaModel, tags: Sequence[str]) -> tuple[str, ...]:
    wanted = model.config.model
    pull = f"type: ollama pull {wanted}"
    if not tags:
        return (pull,)
    near = nearest(wanted, tags)
    meant = f"; did you mean {near}?" if near else ""
    more = f" and {len(tags) - LISTED} more" if len(tags) > LISTED else ""
    return pull, f"{_setting(model, 'model')} to what is there: {', '.join(tags[:LISTED])}{more}{meant}"


def _unreachable(model: OllamaModel) -> tuple[str, ...]:
    host = urlsplit(model.config.url).hostname or ""
    start = "type: ollama serve" if is_local(host) else f"on {host}, type: OLLAMA_HOST=0.0.0.0 ollama serve"
    return start, f"{_setting(model, 'url')} to where it runs"


def _setting(model: OllamaModel, key: str) -> str:
    variable = f", or {VARIABLES[key]}," if model.name == "ollama" else ""
    return f"set {key} in [plugins.{model.name}]{variable}"
