"""A Llama of transformers as a GGUF file that Ollama serves and that transformers reads back, weight for weight."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tiny_llama import LLAMA3, SPECIAL

if TYPE_CHECKING:
    from gguf import GGUFWriter
    from numpy.typing import NDArray
    from tokenizers import Tokenizer
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

CHAT = (
    "{% for message in messages %}<|start_header_id|>{{ message['role'] }}<|end_header_id|>\n\n"
    "{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] }}<|eot_id|>{% endgeneration %}"
    "{% else %}{{ message['content'] }}<|eot_id|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
"""The notation of transformers for what TEMPLATE of tiny_llama is for Ollama."""

_ENDS = ("<|begin_of_text|>", "<|eot_id|>", "<|pad|>")

OUTER = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
INNER = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
"""What the weights of transformers are called in a file: those of the whole model, and those of each layer."""


def learn_tokenizer(texts: Iterator[str], size: int) -> PreTrainedTokenizerFast:
    """A tokeniser with at most `size` entries that knows the words of the texts, and every other byte for itself."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    words = pre_tokenizers.Split(Regex(LLAMA3), "isolated")
    bytes_of = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([words, bytes_of])
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=list(SPECIAL), initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    begin, *_, end, pad = SPECIAL
    wrapped: Any = PreTrainedTokenizerFast
    made: PreTrainedTokenizerFast = wrapped(
        tokenizer_object=tokenizer, bos_token=begin, eos_token=end, pad_token=pad, chat_template=CHAT
    )
    return made


def llama_config(vocabulary: int, **shape: Any) -> LlamaConfig:  # noqa: ANN401
    """The shape of a small Llama whose token ids are those of `learn_tokenizer`; `shape` has the usual fields."""
    from transformers import LlamaConfig

    begin, end, pad = map(SPECIAL.index, _ENDS)
    return LlamaConfig(
        vocab_size=vocabulary,
        rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 500_000.0},
        tie_word_embeddings=True,
        bos_token_id=begin,
        eos_token_id=end,
        pad_token_id=pad,
        **shape,
    )


def write_base(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, path: Path, kind: str = "f16") -> None:
    """Write a model with its tokeniser; its matrices as `f16` or `f32`, all else as f32.

    Raises:
        ValueError: the model turns places in a way (rope_type) that is not written.
    """
    from gguf import GGUFWriter

    writer = GGUFWriter(path, "llama")
    _describe(writer, model.config, kind)
    _add_vocabulary(writer, tokenizer, model.config.vocab_size)
    for name, tensor in _tensors(model):
        writer.add_tensor(name, tensor.astype(np.float16 if kind == "f16" and tensor.ndim > 1 else np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def permute(weight: NDArray[Any], heads: int) -> NDArray[Any]:
    """Rows of halves, as transformers turns them, in the order of pairs, as llama.cpp does."""
    half = weight.shape[0] // heads // 2
    return weight.reshape(heads, 2, half, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def _describe(writer: GGUFWriter, config: Any, kind: str) -> None:  # noqa: ANN401
    from gguf import GGML_QUANT_VERSION, LlamaFileType

    rope: Mapping[str, Any] = config.rope_parameters
    if rope.get("rope_type", "default") != "default":
        raise ValueError(f"rope_type {rope['rope_type']} is not written")
    width = config.head_dim or config.hidden_size // config.num_attention_heads
    writer.add_name("base")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(width)
    writer.add_value_length(width)
    writer.add_rope_dimension_count(width)
    writer.add_rope_freq_base(rope["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    writer.add_file_type(LlamaFileType.MOSTLY_F16 if kind == "f16" else LlamaFileType.ALL_F32)
    writer.add_quantization_version(GGML_QUANT_VERSION)


def _add_vocabulary(writer: GGUFWriter, tokenizer: PreTrainedTokenizerFast, size: int) -> None:
    from gguf import TokenType

    inner: Tokenizer = tokenizer.backend_tokenizer
    known = {number: token for token, number in inner.get_vocab().items()}
    tokens = [known.get(number, f"[PAD{number}]") for number in range(size)]
    kinds = [
        TokenType.CONTROL if token in SPECIAL else TokenType.NORMAL if number in known else TokenType.UNUSED
        for number, token in enumerate(tokens)
    ]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) for pair in json.loads(inner.to_str())["model"]["merges"]])
    writer.add_bos_token_id(SPECIAL.index(_ENDS[0]))
    writer.add_eos_token_id(SPECIAL.index(_ENDS[1]))
    writer.add_pad_token_id(SPECIAL.index(_ENDS[2]))
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT)


def _tensors(model: LlamaForCausalLM) -> Iterator[tuple[str, NDArray[np.float32]]]:
    config: Any = model.config
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    for key, value in model.state_dict().items():
        name = key.removesuffix(".weight")
        if name == "lm_head" and config.tie_word_embeddings:
            continue
        weight = value.detach().float().cpu().numpy()
        if name in OUTER:
            yield f"{OUTER[name]}.weight", weight
        else:
            _, _, layer, module = name.split(".", 3)
            inner = INNER[module]
            yield f"blk.{layer}.{inner}.weight", permute(weight, heads[inner]) if inner in heads else weight
