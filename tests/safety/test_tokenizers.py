"""What a real tokenizer makes of hostile lines: without neutralisation control tokens, with it none."""

from __future__ import annotations

from typing import Protocol

import pytest
from tokenizers import AddedToken, Tokenizer, normalizers
from tokenizers.models import BPE

from sllm_core.safety import neutralise

SPECIAL = (
    *(
        "<|begin_of_text|>",
        "<|eot_id|>",
        "<|start_header_id|>",
        "<|end_header_id|>",
        "<|im_start|>",
        "<|im_end|>",
        "<s>",
    ),
    *(
        "</s>",
        "[INST]",
        "[/INST]",
        "<<SYS>>",
        "<start_of_turn>",
        "<end_of_turn>",
        "<｜User｜>",
        "<｜end▁of▁sentence｜>",
    ),
    *(
        "<|END_OF_TURN_TOKEN|>",
        "<think>",
        "</think>",
        "[|system|]",
        "<unused12>",
        "]~b]",
        "<tool_call>",
        "<|endoftext|>",
    ),
)


class Hostile(Protocol):
    """A line of the corpus."""

    text: str


@pytest.fixture(params=[False, True], ids=["as-it-is", "folding"])
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    """A tokenizer that knows control tokens only, as they are or also in folded text."""
    made = Tokenizer(BPE())
    if request.param:
        made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    made.add_special_tokens([AddedToken(each, special=True, normalized=request.param) for each in SPECIAL])
    return made


def control_tokens(tokenizer: Tokenizer, text: str) -> int:
    return len(tokenizer.encode(text, add_special_tokens=False).ids)


def test_no_hostile_line_has_a_control_token(corpus: list[Hostile], tokenizer: Tokenizer) -> None:
    texts = [neutralise(each.text, SPECIAL) for each in corpus]
    assert [text for text in texts if control_tokens(tokenizer, text)] == []


def test_without_neutralisation_hostile_lines_have_them(corpus: list[Hostile], tokenizer: Tokenizer) -> None:
    texts = [each.text.encode(errors="replace").decode() for each in corpus]
    assert sum(control_tokens(tokenizer, text) > 0 for text in texts) >= 20
