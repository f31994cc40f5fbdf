"""The loop that one writes with PEFT: rows padded to the longest of a step, and no more."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sllm_plugins.tuners.lora.config import LoraConfig
from sllm_plugins.tuners.lora.learner import TARGETS
from sllm_plugins.tuners.lora.packing import EncodedRow

if TYPE_CHECKING:
    from torch import Tensor


def learn(model: Any, steps: Iterable[Sequence[EncodedRow]], pad: int) -> float:  # noqa: ANN401
    """Learn the rows of each step; the seconds that it took."""
    import torch

    weights = [each for each in model.parameters() if each.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=LoraConfig().learning_rate)
    begun = time.monotonic()
    for part in steps:
        loss: Any = label_loss(model, part, pad)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.monotonic() - begun


def mean_loss(model: Any, rows: Sequence[EncodedRow], pad: int) -> float:  # noqa: ANN401
    """The loss on the labels of rows that were not learnt."""
    import torch

    model.eval()
    with torch.no_grad():
        losses = [float(label_loss(model, [each], pad)) * each.weight for each in rows]
    return sum(losses) / sum(each.weight for each in rows)


def label_loss(model: Any, part: Sequence[EncodedRow], pad: int) -> Tensor:  # noqa: ANN401
    """The mean loss on the labels, computed as by any loop: over all rows, each as long as the longest."""
    import torch

    longest, device = max(len(each.ids) for each in part), model.device
    ids = torch.tensor([[*each.ids, *[pad] * (longest - len(each.ids))] for each in part], device=device)
    mask = torch.tensor([[1] * len(each.ids) + [0] * (longest - len(each.ids)) for each in part], device=device)
    counts = torch.tensor([[*each.weights, *[0.0] * (longest - len(each.ids))] for each in part], device=device)
    logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1].float()
    losses = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
    told: Tensor = (losses * counts[:, 1:].flatten()).sum() / counts.sum()
    return told


def adapted(base: str, gpu: bool, quantised: bool) -> Any:  # noqa: ANN401
    """The base with an adapter of the usual settings, ready to be trained."""
    import peft
    import torch
    import transformers

    options: dict[str, Any] = {"dtype": torch.bfloat16 if gpu else torch.float32}
    if quantised:
        quantisation: Any = transformers.BitsAndBytesConfig
        options["quantization_config"] = quantisation(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )
    device = "cuda" if gpu else "cpu"
    model: Any = transformers.AutoModelForCausalLM.from_pretrained(base, device_map=device, **options)
    if quantised:
        prepare: Any = peft.prepare_model_for_kbit_training
        model = prepare(model, use_gradient_checkpointing=False)
    usual = LoraConfig()
    adapter = peft.LoraConfig(
        task_type="CAUSAL_LM",
        r=usual.rank,
        lora_alpha=usual.alpha,
        lora_dropout=usual.dropout,
        bias="none",
        target_modules=list(TARGETS),
    )
    made: Any = peft.get_peft_model(model, adapter)
    return made.train()
