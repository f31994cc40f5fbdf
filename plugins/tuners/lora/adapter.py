"""An adapter as PEFT writes it, read strictly: whatever a server would leave out or get wrong is refused here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from sllm_core.plugin import PluginError

from .tensors import Stored, TensorsError, read_index

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"

MODULES: Mapping[str, str] = MappingProxyType(
    {
        "self_attn.q_proj": "attn_q",
        "self_attn.k_proj": "attn_k",
        "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output",
        "mlp.gate_proj": "ffn_gate",
        "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down",
    }
)
"""The linear layers that a server can put an adapter on: their names in PEFT and in GGUF."""

NAME = re.compile(r"base_model\.model\.model\.layers\.(\d+)\.(\w+\.\w+)\.lora_(A|B)\.weight")

EMPTY = (
    "use_dora",
    "use_rslora",
    "use_qalora",
    "rank_pattern",
    "alpha_pattern",
    "modules_to_save",
    "trainable_token_indices",
    "target_parameters",
    "fan_in_fan_out",
    "lora_bias",
    "layer_replication",
    "alora_invocation_tokens",
    "arrow_config",
    "corda_config",
    "loftq_config",
)
"""Settings of PEFT that change what an adapter means, and that GGUF has no place for."""

HARMLESS_STARTS = (True, False, None, "gaussian", "orthogonal", "eva")
"""First values of an adapter that leave the base as it was; others (pissa, olora, loftq) change the base itself."""


class AdapterError(PluginError):
    """An adapter cannot be served as it is; the message says what is wrong with it."""

    exit_code = 1


@dataclass(frozen=True)
class Pair:
    """The two matrices of one linear layer: A (rank, inputs) and B (outputs, rank)."""

    layer: int
    module: str
    a: Stored
    b: Stored

    @property
    def name(self) -> str:
        """The layer's weight in GGUF."""
        return f"blk.{self.layer}.{MODULES[self.module]}.weight"


@dataclass(frozen=True)
class Adapter:
    """What the output of a linear layer gets beside its own: alpha / rank * B (A input)."""

    rank: int
    alpha: int
    pairs: tuple[Pair, ...]


def read_adapter(folder: Path) -> Adapter:
    """The adapter in a folder; its numbers stay in the file.

    Raises:
        AdapterError: it is not there, not whole, or of a kind that cannot be served.
    """
    try:
        told = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        index = read_index(folder / WEIGHTS)
    except (OSError, TensorsError, ValueError) as error:
        raise AdapterError(f"the adapter in {folder} cannot be read: {error}") from error
    if not isinstance(told, dict):
        raise AdapterError(f"the adapter in {folder} cannot be read: {CONFIG} is no JSON object")
    rank, alpha = _settings(told)
    return Adapter(rank, alpha, tuple(_paired(index, rank)))


def check_numbers(adapter: Adapter) -> None:
    """See that all numbers are finite, and that the adapter does anything.

    Raises:
        AdapterError: they are not, or it does not.
    """
    effect = 0.0
    for pair in adapter.pairs:
        sizes = [float(np.abs(each.read()).max()) for each in (pair.a, pair.b)]
        if not np.isfinite(sizes).all():
            raise AdapterError(f"{pair.name}: the adapter has numbers that are none: its training went astray")
        effect = max(effect, min(sizes))
    if effect == 0.0:
        raise AdapterError("the adapter changes nothing: all of its weights are zero")


def check_fit(adapter: Adapter, about: Mapping[str, Any]) -> None:
    """See that the matrices fit on a base, by what the server tells of it.

    Raises:
        AdapterError: they do not.
    """
    shape = Shape.of(about)
    for pair in adapter.pairs:
        outputs, inputs = shape.of_module(MODULES[pair.module])
        if pair.layer >= shape.layers or (pair.b.shape[0], pair.a.shape[1]) != (outputs, inputs):
            raise AdapterError(
                f"{pair.name}: the adapter is ({pair.b.shape[0]}, {pair.a.shape[1]}), the base has {shape.layers} "
                f"layers of ({outputs}, {inputs}): it was trained on another base than the one that is served"
            )


@dataclass(frozen=True)
class Shape:
    """The sizes of a Llama: layers, values of a token, of its feed-forward part, of a head, and how many heads."""

    layers: int
    hidden: int
    feed: int
    width: int
    heads: int
    pairs: int

    @classmethod
    def of(cls, about: Mapping[str, Any]) -> Shape:
        """The sizes by the keys of GGUF.

        Raises:
            AdapterError: it is no Llama, or does not tell them.
        """
        kind = about.get("general.architecture")
        if kind != "llama":
            what = f"the base is of the architecture {kind}; an adapter can be exported for llama only"
            raise AdapterError(f"{what} (Llama and Mistral models have it)")
        names = ("block_count", "embedding_length", "feed_forward_length", "attention.head_count")
        known = [about.get(f"llama.{each}") for each in names]
        if not all(isinstance(each, int) and each > 0 for each in known):
            lacking = ", ".join(f"llama.{name}" for name, each in zip(names, known, strict=True) if not each)
            raise AdapterError(f"the server does not tell {lacking or 'sizes as numbers'} of the base")
        layers, hidden, feed, heads = (int(each or 0) for each in known)
        width = int(about.get("llama.attention.key_length") or hidden // heads)
        return cls(layers, hidden, feed, width, heads, int(about.get("llama.attention.head_count_kv") or heads))

    def of_module(self, name: str) -> tuple[int, int]:
        """Outputs and inputs of a linear layer, by its name in GGUF."""
        query, key = self.heads * self.width, self.pairs * self.width
        return {
            "attn_q": (query, self.hidden),
            "attn_k": (key, self.hidden),
            "attn_v": (key, self.hidden),
            "attn_output": (self.hidden, query),
            "ffn_gate": (self.feed, self.hidden),
            "ffn_up": (self.feed, self.hidden),
            "ffn_down": (self.hidden, self.feed),
        }[name]


def _settings(told: Mapping[str, Any]) -> tuple[int, int]:
    """Rank and alpha."""
    if told.get("peft_type") != "LORA":
        raise AdapterError(f"the adapter is of the type {told.get('peft_type')}, not LORA")
    if wrong := [each for each in EMPTY if told.get(each)]:
        raise AdapterError(f"the adapter was trained with {', '.join(wrong)}, which no server obeys")
    if told.get("bias", "none") != "none":
        raise AdapterError("the adapter has biases, which no server adds; train with bias = none")
    if told.get("init_lora_weights", True) not in HARMLESS_STARTS:
        raise AdapterError(f"the adapter began as {told['init_lora_weights']}, which changes the base itself")
    rank, alpha = told.get("r"), told.get("lora_alpha")
    if not all(isinstance(each, int) and not isinstance(each, bool) and each > 0 for each in (rank, alpha)):
        raise AdapterError(f"rank ({rank}) and alpha ({alpha}) of the adapter must be whole numbers above 0")
    return int(rank or 0), int(alpha or 0)


def _paired(index: Mapping[str, Stored], rank: int) -> Iterator[Pair]:
    """The pairs in the order in which the file names them first."""
    found: dict[tuple[int, str], dict[str, Stored]] = {}
    for name, stored in index.items():
        match = NAME.fullmatch(name)
        if match is None or match[2] not in MODULES:
            known = ", ".join(each.partition(".")[2] for each in MODULES)
            raise AdapterError(f"the adapter has {name}; a server can put one on {known} only")
        found.setdefault((int(match[1]), match[2]), {})[match[3]] = stored
    if not found:
        raise AdapterError("the adapter has no weights")
    for (layer, module), both in found.items():
        if both.keys() != {"A", "B"} or both["A"].shape[:1] != (rank,) or both["B"].shape[1:] != (rank,):
            raise AdapterError(f"layer {layer}, {module}: the adapter lacks one of two matrices of rank {rank}")
        yield Pair(layer, module, both["A"], both["B"])
