"""Which weights stand behind a tag: what /api/show says, as a digest that is the same on every server."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BLOBS = re.compile(r'^(FROM|ADAPTER)\s.*sha256[-:]([0-9a-f]{64})"?\s*$')
HEAD = ("FROM", "ADAPTER", "#")
"""How the lines of a modelfile begin that stand before texts of its author."""
OTHER = ("template", "system", "messages", "renderer", "parser")
"""What else of /api/show has a say in the answer."""
SPECIAL = frozenset({2, 3, 4})
"""Token types that the tokeniser finds in any text: unknown, control, user-defined."""


@dataclass(frozen=True)
class Weights:
    """What /api/show says about a tag.

    `digest` follows from the digests of all blobs, the parameters, the template, and the texts that the tag puts before
    a prompt; "" when it names no blob. `trained` is how many tokens the model was trained on, 0 when it does not say;
    `remote` the host that it really runs on, if that is another.
    """

    digest: str
    trained: int = 0
    size: str = ""
    quantisation: str = ""
    capabilities: tuple[str, ...] = ()
    remote: str = ""


def read_weights(show: Mapping[str, Any]) -> Weights:
    """The weights in an answer of /api/show; whatever it lacks stays empty."""
    about, details = _mapping(show, "model_info"), _mapping(show, "details")
    trained = about.get(f"{about.get('general.architecture')}.context_length")
    capabilities = show.get("capabilities")
    return Weights(
        digest=_digest(show),
        trained=trained if isinstance(trained, int) else 0,
        size=_text(details, "parameter_size"),
        quantisation=_text(details, "quantization_level"),
        capabilities=tuple(map(str, capabilities)) if isinstance(capabilities, list) else (),
        remote=_text(show, "remote_host"),
    )


def special_tokens(show: Mapping[str, Any]) -> tuple[str, ...]:
    """The tokens of a vocabulary, in a verbose answer of /api/show, that a tokeniser finds in plain text.

    Runs of blanks and single characters, which some vocabularies list among them, are left out: they mean nothing.
    """
    about = _mapping(show, "model_info")
    tokens, types = about.get("tokenizer.ggml.tokens"), about.get("tokenizer.ggml.token_type")
    if not isinstance(tokens, list) or not isinstance(types, list):
        return ()
    pairs = zip(tokens, types, strict=False)
    return tuple(dict.fromkeys(each for each, kind in pairs if kind in SPECIAL and _is_marker(each)))


def _digest(show: Mapping[str, Any]) -> str:
    blobs = sorted(_blobs(_text(show, "modelfile")))
    if not blobs:
        return ""
    parameters = sorted(" ".join(line.split()) for line in _text(show, "parameters").splitlines())
    text = json.dumps([blobs, parameters, *(show.get(each) or "" for each in OTHER)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _blobs(modelfile: str) -> Iterator[tuple[str, ...]]:
    for line in modelfile.splitlines():
        if line.strip() and not line.startswith(HEAD):
            return
        if match := BLOBS.match(line):
            yield match.groups()


def _is_marker(token: object) -> bool:
    return isinstance(token, str) and len(token.strip(" ▁\t\r\n")) > 1 and not token.strip(" ▁").isalnum()


def _mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def same_tag(one: str, other: str) -> bool:
    """Whether two names mean the same tag: `llama3` is `llama3:latest`."""
    return _whole(one) == _whole(other)


def nearest(model: str, tags: Sequence[str]) -> str:
    """The tag that was probably meant, or ""."""
    from difflib import get_close_matches

    family = [each for each in tags if each.partition(":")[0] == model.partition(":")[0]]
    return next(iter(family or get_close_matches(model, tags, 1, 0.5)), "")


def _whole(tag: str) -> str:
    return tag.lower() if ":" in tag.rpartition("/")[2] else f"{tag.lower()}:latest"
