"""Adapters of random numbers in PEFT's form, written with numpy alone, and the Llama of `tiny_llama` as their base."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ollama_server import drop_model, put_model, unload_model
from sllm_core.models.adaptable import BaseWeights
from sllm_core.models.language_model import Completion, Identity, Prompt
from tiny_llama import CONTEXT, FEED, HEADS, HIDDEN, LAYERS, PAIRS, WIDTH, write_model

MODULES = (
    "self_attn.q_proj",
    "self_attn.k_proj",
    "self_attn.v_proj",
    "self_attn.o_proj",
    "mlp.gate_proj",
    "mlp.up_proj",
    "mlp.down_proj",
)
KINDS: Mapping[str, str] = MappingProxyType({"F32": "<f4", "F16": "<f2", "BF16": "<u2", "F64": "<f8"})


@dataclass(frozen=True)
class Sizes:
    """The sizes of a Llama; those of `tiny_llama` unless told otherwise."""

    layers: int = LAYERS
    hidden: int = HIDDEN
    feed: int = FEED
    heads: int = HEADS
    pairs: int = PAIRS
    width: int = WIDTH

    @property
    def about(self) -> dict[str, Any]:
        """What a server tells of it."""
        return {
            "general.architecture": "llama",
            "llama.block_count": self.layers,
            "llama.embedding_length": self.hidden,
            "llama.feed_forward_length": self.feed,
            "llama.attention.head_count": self.heads,
            "llama.attention.head_count_kv": self.pairs,
            "llama.attention.key_length": self.width,
            "llama.context_length": CONTEXT,
        }

    @property
    def config(self) -> dict[str, Any]:
        """What transformers is told of it."""
        return {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "hidden_size": self.hidden,
            "intermediate_size": self.feed,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.pairs,
            "head_dim": self.width,
            "vocab_size": 1024,
            "max_position_embeddings": CONTEXT,
            "rms_norm_eps": 1e-5,
            "rope_parameters": {"rope_type": "default", "rope_theta": 500_000.0},
            "tie_word_embeddings": False,
        }

    def of(self, module: str) -> tuple[int, int]:
        """Outputs and inputs of a linear layer."""
        query, key = self.heads * self.width, self.pairs * self.width
        outputs = (query, key, key, self.hidden, self.feed, self.feed, self.hidden)
        inputs = (self.hidden, self.hidden, self.hidden, query, self.hidden, self.hidden, self.feed)
        place = MODULES.index(module)
        return outputs[place], inputs[place]


TINY = Sizes()


def random_adapter(
    folder: Path,
    sizes: Sizes = TINY,
    *,
    rank: int = 4,
    alpha: int = 8,
    seed: int = 7,
    strength: float = 0.25,
    kinds: Sequence[str] = ("F32", "F32"),
    modules: Sequence[str] = MODULES,
    **settings: object,
) -> Path:
    """Write an adapter into a new folder; `strength` is how large its B is, `kinds` are those of A and B."""
    random = np.random.default_rng(seed)
    tensors: dict[str, tuple[str, NDArray[np.float64]]] = {}
    for layer in range(sizes.layers):
        for module in modules:
            outputs, inputs = sizes.of(module)
            name = f"base_model.model.model.layers.{layer}.{module}"
            tensors[f"{name}.lora_A.weight"] = kinds[0], random.normal(0, inputs**-0.5, (rank, inputs))
            tensors[f"{name}.lora_B.weight"] = kinds[1], random.normal(0, strength, (outputs, rank))
    folder.mkdir(parents=True, exist_ok=True)
    write_tensors(folder / "adapter_model.safetensors", tensors)
    told = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": rank, "lora_alpha": alpha, "lora_dropout": 0.0}
    told |= {"target_modules": [each.partition(".")[2] for each in modules], "bias": "none", "inference_mode": True}
    (folder / "adapter_config.json").write_text(json.dumps({**told, **settings}), encoding="utf-8")
    return folder


def write_tensors(path: Path, tensors: Mapping[str, tuple[str, NDArray[np.float64]]]) -> None:
    """Write a safetensors file: the numbers of each tensor as the kind that is named."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    data = bytearray()
    # As safetensors does it: the widest numbers first, and those of a width by their names.
    order = sorted(tensors, key=lambda name: (-np.dtype(KINDS[tensors[name][0]]).itemsize, name))
    for name in order:
        kind, numbers = tensors[name]
        begin = len(data)
        data += _numbers(kind, numbers)
        header[name] = {"dtype": kind, "shape": list(numbers.shape), "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + bytes(data))


def _numbers(kind: str, numbers: NDArray[np.float64]) -> bytes:
    if kind == "BF16":
        return (numbers.astype("<f4").view("<u4") >> 16).astype("<u2").tobytes()
    return numbers.astype(KINDS[kind]).tobytes()


def needs_extra() -> None:
    """Leave the test out where the libraries of the extra `tune` are not installed; none of them is imported."""
    if any(find_spec(each) is None for each in ("torch", "transformers", "peft")):
        pytest.skip("needs the extra tune: pip install 'sllm[tune]'")


@contextmanager
def own_base(url: str, folder: Path, seed: int) -> Iterator[tuple[str, Path]]:
    """A tag of a small Llama on a server, and its file, as long as this lasts.

    With a seed of its own its weights are those of no other test: an adapter on them makes nobody else load anew.
    """
    tag, file = f"sllm-test-base:{uuid.uuid4().hex[:12]}", folder / "base.gguf"
    write_model(file, seed=seed)
    put_model(url, tag, file)
    try:
        yield tag, file
    finally:
        unload_model(url, tag)
        drop_model(url, tag)


@dataclass
class PretendServer:
    """What a server of models has: its tags with what they are made of; `away` and `refusing` are raised where set."""

    tags: dict[str, str] = field(default_factory=dict)
    base: str = "ba" * 32
    away: Exception | None = None
    refusing: Exception | None = None
    deployed: int = 0

    def reach(self) -> None:
        if self.away is not None:
            raise self.away


class PretendModel:
    """A model whose server takes adapters, all in memory; it answers each question with the first of all labels."""

    def __init__(self, server: PretendServer, tag: str = "tiny:1", name: str = "pretend") -> None:
        self.server, self.tag, self.name = server, tag, name
        self.closed, self.asked = 0, list[Prompt]()

    async def identify(self) -> Identity:
        self.server.reach()
        return Identity(self.tag, self.server.tags.get(self.tag, self.server.base), context=4096)

    async def complete(self, prompt: Prompt) -> Completion:
        self.server.reach()
        self.asked.append(prompt)
        return Completion(json.dumps({name: each["enum"][0] for name, each in prompt.schema["properties"].items()}))

    async def close(self) -> None:
        self.closed += 1

    async def base(self) -> BaseWeights:
        self.server.reach()
        return BaseWeights("tiny:1", self.server.base, TINY.about, "{{ .Prompt }}")

    async def deploy(self, tag: str, adapter: Path) -> str:
        self.server.reach()
        if self.server.refusing is not None:
            raise self.server.refusing
        digest = hashlib.sha256(self.server.base.encode() + adapter.read_bytes()).hexdigest()
        self.server.tags[tag] = digest
        self.server.deployed += 1
        return digest

    async def withdraw(self, tag: str) -> None:
        self.server.reach()
        self.server.tags.pop(tag, None)

    async def deployed(self, tag: str) -> str | None:
        self.server.reach()
        return self.server.tags.get(tag)

    def tuned(self, tag: str) -> PretendModel:
        return PretendModel(self.server, tag, f"{self.name} {tag}")

    async def rendered(self, prompt: Prompt) -> str:
        return f"{prompt.system}\n{prompt.user}\n"

    async def tags(self) -> Mapping[str, str]:
        return dict(self.server.tags)
