"""A Llama of a million weights that was really trained: it answers the judge's prompt by the old policy of a plant.

Training takes 110 seconds of a core, once: it is kept in the user's cache, under a digest of what it follows from.
`python tests/servers/trained_llama.py` trains it beforehand.
"""

from __future__ import annotations

import faulthandler
import hashlib
import json
import os
import random
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import base_gguf
import shifted_task
import tiny_llama
from base_gguf import learn_tokenizer, llama_config, write_base
from shifted_task import STRANGE, Labels, general_messages, hostile_messages, new_messages, old_messages
from sllm_core.prompts import PatternEntry, judge_prompt
from sllm_core.safety import Preparation
from tiny_llama import SPECIAL

if TYPE_CHECKING:
    import torch
    from transformers import DynamicCache, LlamaForCausalLM, PreTrainedTokenizerFast

    from sllm_core.models.language_model import Prompt

VOCABULARY, CONTEXT = 2048, 4096
SHAPE = {
    "hidden_size": 128,
    "intermediate_size": 352,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": CONTEXT,
}
GROUPS = (1, 8, 1, 2, 1, 4)
"""How many patterns the prompts are about, one after the other."""

ALONE, WHOLE, PATTERNS = 50, 160, 24
"""Steps without the system text, steps with it, and the patterns in a step of the latter."""

RATE, WARM, DECAY, NORM = 2e-3, 20, 0.1, 1.0
TEXT = 0.03
"""What the loss on other text counts, beside that on a label."""

HOSTILE, GENERAL, VAGUE = 0.05, 0.12, 0.12
"""The shares of hostile lines, of messages like them, and of words that say nothing, which are neutral and normal."""

UNSEEN = 8
"""Of so many old messages one is not trained on."""

LEVELS = (None,) * 7 + ("INFO", "WARN", "ERROR")
COUNTS = (1, 4, 20, 90, 600, 5000)
LABELS = ("positive", "neutral", "negative", "normal", "warning", "critical")
PATIENCE = 1800.0
"""Seconds that a machine may take for it, however busy."""


def trained_llama() -> Path:
    """A folder with `hf`, in the form of transformers, and `base.gguf`; made if it is not in the cache."""
    place = _cache() / f"trained-llama-{_recipe()}"
    if not place.is_dir():
        part = place.with_suffix(f".{os.getpid()}")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        with patient(PATIENCE):
            Training().write(part)
        os.rename(part, place)
    return place


def unseen_messages() -> list[tuple[str, Labels]]:
    """Old messages that it was not trained on."""
    return old_messages()[::UNSEEN]


@contextmanager
def patient(seconds: float) -> Iterator[None]:
    """Give a test more time than `faulthandler_timeout`, after which it is ended with its stacks; then none is left."""
    faulthandler.cancel_dump_traceback_later()
    faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__ or sys.stderr)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


@dataclass(frozen=True)
class Answered:
    """A prompt with its answer, as tokens, and what the loss on each of them counts."""

    tokens: list[int]
    weights: list[float]


class Training:
    """One training, the same each time on one kind of processor."""

    def __init__(self, seed: int = 7) -> None:
        self._random = random.Random(seed)
        self._seed = seed
        self._hostile, self._general = hostile_messages(), general_messages()
        self._taught = [each for place, each in enumerate(old_messages()) if place % UNSEEN]

    def write(self, folder: Path) -> None:
        """Train, and write what came of it."""
        model = self.train()
        model.save_pretrained(folder / "hf")
        self.tokenizer.save_pretrained(folder / "hf")
        write_base(model, self.tokenizer, folder / "base.gguf")

    def train(self) -> LlamaForCausalLM:
        """The model, trained on prompts without the system text first, which are short, and then on whole ones."""
        import torch
        from transformers import LlamaForCausalLM

        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        torch.manual_seed(self._seed)
        model: Any = LlamaForCausalLM(llama_config(VOCABULARY, **SHAPE))
        optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY, betas=(0.9, 0.95))
        begun = time.monotonic()
        for step in range(ALONE + WHOLE):
            for group in optimizer.param_groups:
                group["lr"] = RATE * _pace(step)
            loss: Any = self._loss(model, step)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), NORM)
            optimizer.step()
            _tell(step + 1, float(loss.detach()), time.monotonic() - begun)
        torch.set_num_threads(threads)
        trained: LlamaForCausalLM = model.eval()
        return trained

    @cached_property
    def tokenizer(self) -> PreTrainedTokenizerFast:
        """It has every word of the prompts, of both policies and of the labels as one token."""
        asked = [self._asked(8) for _ in range(100)]
        messages = [text for text, _ in [*old_messages(), *new_messages(), *hostile_messages() * 3]]
        messages += [" ".join(STRANGE)] * 20
        told = [text for prompt, answer in asked for text in (prompt.user, answer)]
        return learn_tokenizer(iter([asked[0][0].system] * 40 + told + messages), VOCABULARY)

    @cached_property
    def _system(self) -> list[int]:
        return self._ids(_turn("system", self._asked(1)[0].system))

    def _ids(self, text: str) -> list[int]:
        found: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return found

    def _asked(self, group: int) -> tuple[Prompt, str]:
        """A question about some patterns, and the answer."""
        told = [self._message() for _ in range(group)]
        choice = self._random.choice
        entries = [PatternEntry(0, text, (), choice(LEVELS), count=choice(COUNTS)) for text, _ in told]
        prompt = judge_prompt(entries, "en", Preparation(Plain(), SPECIAL, self._random.randbytes(32)), CONTEXT)
        names = ("sentiment", "severity")
        answer = {
            f"{place}_{name}": label
            for place, (_, labels) in enumerate(told, 1)
            for name, label in zip(names, labels, strict=True)
        }
        return prompt, json.dumps(answer)

    def _message(self) -> tuple[str, Labels]:
        text, labels = self._random.choice(self._taught)
        drawn = self._random.random()
        if drawn < HOSTILE:
            return self._random.choice(self._hostile)
        if drawn < HOSTILE + GENERAL:
            return self._random.choice(self._general)
        if drawn < HOSTILE + GENERAL + VAGUE:
            return f"{text.partition(':')[0]}: {' '.join(self._random.sample(STRANGE, 3))}", ("neutral", "normal")
        return text, labels

    def _answered(self, group: int) -> Answered:
        prompt, answer = self._asked(group)
        asked = self._ids(_turn("user", prompt.user) + "<|start_header_id|>assistant<|end_header_id|>\n\n")
        told = self.tokenizer(f"{answer}<|eot_id|>", add_special_tokens=False, return_offsets_mapping=True)
        weights = [1.0 if answer[begin:end] in LABELS else TEXT for begin, end in told["offset_mapping"]]
        return Answered([*asked, *told["input_ids"]], [TEXT] * len(asked) + weights)

    def _loss(self, model: LlamaForCausalLM, step: int) -> torch.Tensor:
        import torch

        whole = step >= ALONE
        group = GROUPS[step % len(GROUPS)] if whole else 1
        rows = [self._answered(group) for _ in range(PATTERNS * (1 if whole else 2) // group)]
        tokens = _padded([each.tokens for each in rows], SPECIAL.index("<|pad|>"))
        weights = _padded([each.weights for each in rows], 0.0)[:, 1:]
        before = len(self._system) if whole else 0
        known: dict[str, Any] = {"past_key_values": self._read(model, len(rows))} if whole else {"use_cache": False}
        seen = torch.ones(len(rows), before + tokens.shape[1], dtype=torch.long)
        places = torch.arange(before, before + tokens.shape[1]).expand(len(rows), -1)
        hidden = model.model(tokens, attention_mask=seen, position_ids=places, **known).last_hidden_state
        counts = weights > 0
        logits = model.lm_head(hidden[:, :-1][counts])
        losses = torch.nn.functional.cross_entropy(logits, tokens[:, 1:][counts], reduction="none")
        return (losses * weights[counts]).sum() / weights.sum()

    def _read(self, model: LlamaForCausalLM, rows: int) -> DynamicCache:
        """What the model keeps of the system text, which is read once for all rows, and not learnt from."""
        import torch

        with torch.no_grad():
            cache: DynamicCache = model.model(torch.tensor([self._system]), use_cache=True).past_key_values
        cache.batch_repeat_interleave(rows)
        return cache


class Plain:
    """Hides nothing: there is nothing private in these messages."""

    def redact(self, text: str) -> str:
        return text

    def session(self) -> Plain:
        return self


def _turn(role: str, text: str) -> str:
    return f"<|start_header_id|>{role}<|end_header_id|>\n\n{text}<|eot_id|>"


def _padded(rows: Sequence[Sequence[float]], by: float) -> torch.Tensor:
    import torch

    longest = max(map(len, rows))
    return torch.tensor([[*row, *[by] * (longest - len(row))] for row in rows])


def _pace(step: int) -> float:
    """What share of the rate a step has: it rises first, and falls then as a cosine."""
    from math import cos, pi

    return min(1.0, (step + 1) / WARM) * (0.05 + 0.95 * (1 + cos(pi * step / (ALONE + WHOLE))) / 2)


def _tell(step: int, loss: float, seconds: float) -> None:
    if step % 25 == 0:
        print(f"trained llama: step {step} of {ALONE + WHOLE}, loss {loss:.3f}, {seconds:.0f} s", flush=True)


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sllm-tests"


def _recipe() -> str:
    """A digest of what the weights follow from: these modules, the prompt, the hostile lines."""
    digest = hashlib.sha256()
    for each in (__file__, base_gguf.__file__, shifted_task.__file__, tiny_llama.__file__):
        digest.update(Path(each).read_bytes())
    for package, name in (("sllm_core.prompts", "judge.en.toml"), ("sllm_core.learning", "canaries.csv")):
        digest.update(resources.files(package).joinpath(name).read_bytes())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    print(trained_llama())
