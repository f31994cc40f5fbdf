"""How large a model is, by what its file or its folder says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class ShapeUnknown(Exception):
    """A model does not say how large it is, or is built in another way than Llama."""


@dataclass(frozen=True)
class Shape:
    """The sizes of a model that is built as Llama is: attention with grouped queries, and a gated feed-forward part."""

    layers: int
    hidden: int
    feed: int
    heads: int
    pairs: int
    width: int
    vocabulary: int
    tied: bool = False

    @property
    def linears(self) -> tuple[tuple[int, int], ...]:
        """Rows and columns of the seven matrices of a layer: q, k, v, o, gate, up, down."""
        asked, kept = self.heads * self.width, self.pairs * self.width
        attention = ((asked, self.hidden), (kept, self.hidden), (kept, self.hidden), (self.hidden, asked))
        return (*attention, (self.feed, self.hidden), (self.feed, self.hidden), (self.hidden, self.feed))

    @property
    def parameters(self) -> int:
        layer = sum(rows * columns for rows, columns in self.linears) + 2 * self.hidden
        return self.layers * layer + (2 - self.tied) * self.vocabulary * self.hidden + self.hidden

    def adapter(self, rank: int) -> int:
        """How many parameters an adapter of this rank has."""
        return self.layers * rank * sum(rows + columns for rows, columns in self.linears)


def shape_of_server(about: Mapping[str, Any]) -> Shape:
    """The shape by the keys of GGUF, as a server tells them.

    Raises:
        ShapeUnknown
    """
    kind = about.get("general.architecture")
    try:
        heads, hidden = _whole(about[f"{kind}.attention.head_count"]), _whole(about[f"{kind}.embedding_length"])
        return Shape(
            _whole(about[f"{kind}.block_count"]),
            hidden,
            _whole(about[f"{kind}.feed_forward_length"]),
            heads,
            _whole(about.get(f"{kind}.attention.head_count_kv", heads)),
            _whole(about.get(f"{kind}.attention.key_length", hidden // heads)),
            _whole(about.get(f"{kind}.vocab_size", 0)),
        )
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise ShapeUnknown(f"the server does not tell {error} of a model of the kind {kind}") from None


def shape_of_folder(config: Mapping[str, Any]) -> Shape:
    """The shape by a config.json of Hugging Face.

    Raises:
        ShapeUnknown
    """
    try:
        heads, hidden = _whole(config["num_attention_heads"]), _whole(config["hidden_size"])
        return Shape(
            _whole(config["num_hidden_layers"]),
            hidden,
            _whole(config["intermediate_size"]),
            heads,
            _whole(config.get("num_key_value_heads") or heads),
            _whole(config.get("head_dim") or hidden // heads),
            _whole(config["vocab_size"]),
            bool(config.get("tie_word_embeddings", False)),
        )
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise ShapeUnknown(f"config.json does not tell {error}") from None


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(value)
    return value
