"""The base as transformers loads it, from the very file that a server serves or from a folder that is the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sllm_core.plugin import PluginError

from .shape import Shape, ShapeUnknown, shape_of_folder, shape_of_server

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from .plan import Way

LINK = "base.gguf"
"""What a file is called for transformers, which goes by the end of its name; a blob's has none."""

THETA = 10_000.0
"""The base of the frequencies of positions where a file does not say (llama.cpp)."""


class BaseUnusable(PluginError):
    """The base cannot be trained on; the message says why, and what to do."""

    exit_code = 1


@dataclass(frozen=True)
class Header:
    """What a GGUF file says of itself: single values by key, and by what the frequencies of positions are divided."""

    about: Mapping[str, Any]
    factors: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Source:
    """Where the base is: a folder, and in it the name of a GGUF file, None if it has the form of Hugging Face."""

    folder: Path
    file: str | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        return {} if self.file is None else {"gguf_file": self.file}

    def header(self) -> Header | None:
        """What the GGUF file says of itself; None if there is none."""
        return None if self.file is None else read_header(self.folder / self.file)

    def tokenizer(self) -> PreTrainedTokenizerBase:
        """The vocabulary of the base.

        Raises:
            BaseUnusable: there is none, or one that does not tell where its tokens stand in a text.
        """
        from transformers import AutoTokenizer

        try:
            tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(str(self.folder), **self.arguments)
        except (OSError, ValueError, KeyError, NotImplementedError) as error:
            raise BaseUnusable(f"the vocabulary of {self.folder} cannot be read: {error}") from error
        if not tokenizer.is_fast:
            raise BaseUnusable(f"{self.folder} needs a tokenizer.json: a vocabulary without it does not tell offsets")
        return tokenizer

    def config(self) -> dict[str, Any]:
        """What transformers makes of the base's config.

        Raises:
            BaseUnusable: it is of a kind that cannot be loaded.
        """
        from transformers import AutoConfig

        try:
            config: dict[str, Any] = AutoConfig.from_pretrained(str(self.folder), **self.arguments).to_dict()
        except (OSError, ValueError, KeyError) as error:
            raise BaseUnusable(f"transformers cannot load the base in {self.folder}: {error}") from error
        return config

    def model(self, way: Way, gpu: bool) -> PreTrainedModel:
        """The base in the memory of the GPU or of the machine, in the numbers that the plan has chosen.

        Raises:
            BaseUnusable: it cannot be loaded.
        """
        from transformers import AutoModelForCausalLM

        load: Any = AutoModelForCausalLM.from_pretrained
        numbers = _numbers(way, self.file is not None)
        try:
            model = load(str(self.folder), attn_implementation="sdpa", **self.arguments, **numbers)
        except (OSError, ValueError, NotImplementedError) as error:
            raise BaseUnusable(f"transformers cannot load the base in {self.folder}: {error}") from error
        if self.file is not None:
            # It is of plain numbers now, and transformers trains none that came from a file of this kind.
            model.hf_quantizer = None
        made: PreTrainedModel = model if way.kind == "4 bits" or not gpu else model.to("cuda")
        return made


def find_base(base: str, work: Path) -> Source:
    """A base by its path; a file gets a link in the folder `work` under a name that transformers knows.

    Raises:
        BaseUnusable: there is nothing that can be read.
    """
    path = Path(base).expanduser()
    if path.is_dir():
        return Source(path)
    if not path.is_file():
        raise BaseUnusable(f"the base {path} is not there")
    link = work / LINK
    link.unlink(missing_ok=True)
    link.symlink_to(path.absolute())
    return Source(work, LINK)


def read_header(file: Path) -> Header:
    """What a GGUF file says of itself, but its vocabulary.

    Raises:
        BaseUnusable: it is none.
    """
    from gguf import GGUFReader, GGUFValueType

    try:
        reader = GGUFReader(str(file))
    except (OSError, ValueError) as error:
        raise BaseUnusable(f"{file.resolve()} is no GGUF file: {error}") from error
    about = {
        name: field.contents() for name, field in reader.fields.items() if field.types[:1] != [GGUFValueType.ARRAY]
    }
    factors = [each.data for each in reader.tensors if each.name == "rope_freqs.weight"]
    return Header(about, np.array(factors[0], np.float32) if factors else None)


def restore_positions(model: PreTrainedModel, header: Header) -> None:
    """See that positions mean what they mean to the server: transformers leaves out by what Llama 3.1 divides them.

    Raises:
        BaseUnusable: they are stretched in another way.
    """
    kind = header.about.get("general.architecture")
    stretched = header.about.get(f"{kind}.rope.scaling.type", "none")
    if stretched != "none":
        raise BaseUnusable(f"the base stretches positions ({stretched}), which is lost in training; take another base")
    told = float(header.about.get(f"{kind}.rope.freq_base", THETA))
    if (found := _theta(model.config.to_dict())) != told:
        raise BaseUnusable(f"positions turn by {told:g} in the file of the base and by {found:g} once it is loaded")
    if header.factors is not None:
        _divide(model, header.factors)


def check_same(config: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """See that a folder has the weights that a server serves, as far as their sizes and positions tell.

    Raises:
        BaseUnusable: it has others.
    """
    try:
        here, there = shape_of_folder(config), shape_of_server(about)
    except ShapeUnknown:
        return
    pairs = {name: (getattr(here, name), getattr(there, name)) for name in Shape.__dataclass_fields__ if name != "tied"}
    if not there.vocabulary:
        del pairs["vocabulary"]
    kind = about.get("general.architecture")
    pairs["base of positions"] = (_theta(config), float(about.get(f"{kind}.rope.freq_base", THETA)))
    wrong = [f"{name} {mine} beside {its}" for name, (mine, its) in pairs.items() if mine != its]
    if wrong:
        raise BaseUnusable(f"[plugins.lora] base is not what the server serves: {'; '.join(wrong)}")


def kind_of(config: Mapping[str, Any]) -> Shape:
    """The shape of a base that transformers has read the config of.

    Raises:
        BaseUnusable: it is built in another way than Llama.
    """
    try:
        return shape_of_folder(config)
    except ShapeUnknown as error:
        told = json.dumps(config.get("model_type"))
        raise BaseUnusable(f"a base of the kind {told} cannot be tuned: {error}; take one of Llama's kind") from error


def _numbers(way: Way, unpack: bool) -> dict[str, Any]:
    """In which numbers transformers is to hold the weights, which are unpacked if they come from a GGUF file."""
    import torch
    import transformers

    if way.kind != "4 bits":
        plain = {"dtype": getattr(torch, way.kind)}
        packed = getattr(transformers, "GgufConfig", None)
        return {**plain, "quantization_config": packed(dequantize=True)} if unpack and packed else plain
    four: Any = transformers.BitsAndBytesConfig
    settings = four(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    return {"dtype": torch.bfloat16, "quantization_config": settings}


def _theta(config: Mapping[str, Any]) -> float:
    said = config.get("rope_parameters") or {}
    return float(said.get("rope_theta") or config.get("rope_theta") or THETA)


def _divide(model: PreTrainedModel, factors: NDArray[np.float32]) -> None:
    import torch

    inner: Any = model
    rotary = getattr(inner.get_decoder(), "rotary_emb", None)
    if rotary is None or rotary.inv_freq.shape != factors.shape:
        raise BaseUnusable("the base divides the frequencies of positions, and the loaded model has no place for that")
    divided = rotary.inv_freq / torch.from_numpy(factors).to(rotary.inv_freq)
    rotary.inv_freq.copy_(divided)
    if isinstance(getattr(rotary, "original_inv_freq", None), torch.Tensor):
        rotary.original_inv_freq = divided.clone()
