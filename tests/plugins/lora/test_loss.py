"""The loss of packs, with a Llama of two layers and random weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sllm_plugins.tuners.lora.loss import held_loss, pack_loss, shares_rightly
from sllm_plugins.tuners.lora.packing import EncodedRow, pack, packs

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

torch: Any = pytest.importorskip("torch", reason="needs pip install 'sllm[tune]'")

BEGINNING = tuple(range(3, 35))


def row(*own: int) -> EncodedRow:
    """A question that ends with the first of its own tokens."""
    ids = (*BEGINNING, *own)
    return EncodedRow(ids, tuple(0.5 * (place > len(BEGINNING)) for place in range(len(ids))), len(BEGINNING) + 1)


ROWS = (row(40, 41, 42), row(50, 51), row(60, 61, 62, 63))


@pytest.fixture
def model() -> Module:
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(7)
    sizes: dict[str, Any] = {"vocab_size": 96, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2}
    made: Module = LlamaForCausalLM(LlamaConfig(num_attention_heads=4, num_key_value_heads=2, **sizes))
    return made.eval()


def gradients(model: Module, *of: Tensor) -> Tensor:
    model.zero_grad()
    torch.stack(of).sum().backward()
    together: Tensor = torch.cat([each.grad.flatten() for each in model.parameters() if each.grad is not None])
    return together


def test_the_gradients_of_a_pack_are_those_of_its_rows(model: Module) -> None:
    alone = gradients(model, *(pack_loss(model, pack([each]), "cpu") for each in ROWS))
    together = gradients(model, pack_loss(model, pack(ROWS), "cpu"))
    assert float((alone - together).abs().max()) < 1e-5 * float(alone.abs().max())


def test_the_loss_is_that_of_the_whole_sequence_where_it_counts(model: Module) -> None:
    (each,) = packs(ROWS[:1], 100)
    ids = torch.tensor([each.ids])
    losses = torch.nn.functional.cross_entropy(model(input_ids=ids).logits[0, :-1], ids[0, 1:], reduction="none")
    expected = (losses * torch.tensor(ROWS[0].weights[1:])).sum()
    assert pack_loss(model, each, "cpu").item() == pytest.approx(expected.item(), rel=1e-5)


def test_rows_that_count_nothing_have_gradients_of_nothing(model: Module) -> None:
    nothing = EncodedRow(ROWS[0].ids, (0.0,) * len(ROWS[0].ids), ROWS[0].prompt)
    assert float(gradients(model, pack_loss(model, pack([nothing]), "cpu")).abs().max()) == 0


def test_what_is_held_back_teaches_nothing(model: Module) -> None:
    loss, weight = held_loss(model, packs(ROWS, 100), "cpu")
    assert (weight, loss > 0) == (sum(each.weight for each in ROWS), True)
    assert all(each.grad is None for each in model.parameters())


def test_a_model_that_keeps_rows_apart_is_known(model: Module) -> None:
    assert shares_rightly(model, ROWS, "cpu")


def test_a_model_that_mixes_rows_is_known(model: Module) -> None:
    whole = model.forward

    def mixing(attention_mask: object = None, **given: object) -> object:
        return whole(**given)

    model.forward = mixing
    assert not shares_rightly(model, ROWS, "cpu")
