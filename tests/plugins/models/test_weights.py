from __future__ import annotations

from typing import Any

import pytest

from fake_models import SHOW
from sllm_plugins.models.ollama.weights import nearest, read_weights, same_tag, special_tokens


def digest(**more: object) -> str:
    return read_weights({**SHOW, **more}).digest


def test_the_digest_does_not_depend_on_the_order_of_parameters_or_the_folder_of_the_server() -> None:
    modelfile = SHOW["modelfile"].replace("/models/", '"C:\\my models\\').replace("\nTEMPLATE", '"\nTEMPLATE')
    assert digest(parameters="num_ctx      2048\nstop x") == digest(modelfile=modelfile) == digest()


@pytest.mark.parametrize(
    "more",
    [
        {"modelfile": SHOW["modelfile"].replace("aaa", "aab")},
        {"modelfile": SHOW["modelfile"].replace("TEMPLATE", f"ADAPTER /models/sha256-{'c' * 64}\nTEMPLATE")},
        {"parameters": "num_ctx 4096"},
        {"template": "{{ .System }}"},
        {"system": "You are a pirate."},
        {"messages": [{"role": "user", "content": "hello"}]},
    ],
)
def test_the_digest_changes_with_all_that_changes_answers(more: dict[str, Any]) -> None:
    assert digest(**more) != digest()


def test_text_of_the_author_that_looks_like_weights_is_none() -> None:
    text = f"{SHOW['modelfile']}FROM /models/sha256-{'d' * 64}\n"
    assert digest(modelfile=text) == digest()


def test_a_tag_without_blobs_has_no_digest() -> None:
    assert digest(modelfile="FROM gpt-cloud\n") == ""
    assert read_weights({}).digest == ""


def test_whatever_is_no_answer_of_the_server_tells_nothing() -> None:
    odd = {"modelfile": 3, "model_info": [], "details": None, "capabilities": "all", "parameters": {}}
    assert read_weights(odd) == read_weights({})
    assert special_tokens(odd) == ()


def test_special_tokens_are_those_that_mean_something_in_plain_text() -> None:
    assert special_tokens(SHOW) == ("<|eot_id|>", "<table>")


def test_a_vocabulary_of_other_types_is_no_danger() -> None:
    info = {"tokenizer.ggml.tokens": ["<unk>", 7, None, "<s>"], "tokenizer.ggml.token_type": [2, 3, 3]}
    assert special_tokens({"model_info": info}) == ("<unk>",)


def test_the_name_without_a_version_is_the_latest() -> None:
    assert same_tag("llama3", "llama3:latest")
    assert same_tag("localhost:5000/a/llama3", "localhost:5000/a/Llama3:latest")
    assert not same_tag("llama3", "llama3:8b")


def test_what_was_probably_meant() -> None:
    assert nearest("llama3", ["qwen3:4b", "llama3:8b"]) == "llama3:8b"
    assert nearest("lama3", ["qwen3:4b", "llama3:latest"]) == "llama3:latest"
    assert nearest("llama3", ["qwen3:4b"]) == ""
    assert nearest("llama3", []) == ""
