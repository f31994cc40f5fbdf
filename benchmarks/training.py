"""How fast an adapter is trained, and in how much memory, beside a plain loop over the same rows with PEFT.

    python benchmarks/training.py [--shape small|1b|8b] [--base FOLDER] [--steps N] [--quantised]

Both are processes of their own, one after the other, on the same rows: questions about patterns of the shipped corpus
as the analyzers ask them, eight rows a step. The base is that of a FOLDER in Hugging Face form, or one of random
weights in a usual shape: `small` (8 million parameters, for a CPU), `1b` and `8b` (the shapes of Llama 3.2 1B and
Llama 3.1 8B, which want a GPU). The plain loop is what one writes with PEFT: rows padded to the longest of a step, no
more. Tokens are those of whole rows, so both count the same; seconds are those of the steps, without loading. Memory is
the most that the process had: on the machine, and on the GPU as torch counts it. The loss is that on the labels of rows
that were held back, at the end. With --quantised, the base is in 4 bits (QLoRA), for which a GPU and bitsandbytes are
needed.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from plain_peft import adapted, learn, mean_loss

from sllm_core.learning.asking import Row, rows
from sllm_core.learning.candidate import TuningWork
from sllm_core.learning.dataset import Dataset
from sllm_core.learning.orders import Step
from sllm_core.learning.replay import learnable_corpus
from sllm_core.redaction import Redactor
from sllm_core.safety import Preparation
from sllm_plugins.tuners.lora.config import LoraConfig
from sllm_plugins.tuners.lora.encoding import Encoder
from sllm_plugins.tuners.lora.learner import peak_memory
from sllm_plugins.tuners.lora.orders import Lesson
from sllm_plugins.tuners.lora.training import train

SCENES = Path(__file__).parents[1] / "tests" / "servers"

SHAPES = {
    "tiny": (600, 64, 176, 2, 4, 2),
    "small": (8192, 256, 704, 8, 8, 4),
    "1b": (128_256, 2048, 8192, 16, 32, 8),
    "8b": (128_256, 4096, 14_336, 32, 32, 8),
}
"""Vocabulary, width, inner width, layers, heads, and heads of keys and values."""

BATCH, HELD, PATTERNS, CONTEXT = 8, 16, 8, 8192


@dataclass(frozen=True)
class Trained:
    """What one of the two came to."""

    name: str
    rows: int
    tokens: int
    seconds: float
    machine: int
    gpu: int
    loss: float


@dataclass(frozen=True)
class Task:
    """What both are given; `devices` is auto or cpu."""

    base: str
    steps: int
    devices: str
    quantised: bool

    def config(self) -> LoraConfig:
        """The settings of our training, which ends after these steps."""
        return LoraConfig(
            base=self.base,
            epochs=1,
            least_steps=1,
            batch=BATCH,
            longest=CONTEXT,
            patterns=PATTERNS,
            checkpoint_every=self.steps,
            devices="cpu" if self.devices == "cpu" else "auto",
            quantised=self.quantised,
            threads=1 if self.devices == "cpu" else 0,
        )

    def rows(self) -> tuple[list[Row], list[Row]]:
        """Rows for so many steps, and rows that are held back."""
        prepare = Preparation(Redactor(), (), bytes(range(32)))
        dataset = Dataset(tuple(learnable_corpus()))
        found = rows(dataset, "en", prepare, CONTEXT, ("train",), PATTERNS)
        wanted = self.steps * BATCH
        learnt = [found[HELD + number % (len(found) - HELD)] for number in range(wanted)]
        return learnt, found[:HELD]


def scenes() -> ModuleType:
    """What writes small bases for tests.

    Raises:
        SystemExit: it is not here.
    """
    if not (SCENES / "base_gguf.py").exists():
        raise SystemExit(f"there is no {SCENES}; run this in a checkout")
    sys.path.append(str(SCENES))
    return importlib.import_module("base_gguf")


def write_base(folder: Path, shape: str) -> None:
    """A base of random weights, in the numbers in which it is trained on."""
    import torch
    from transformers import LlamaForCausalLM

    made = scenes()
    vocabulary, hidden, feed, layers, heads, pairs = SHAPES[shape]
    texts = [each.text for each in learnable_corpus()]
    tokenizer = made.learn_tokenizer(iter(texts), min(vocabulary, 8192))
    config = made.llama_config(
        vocabulary,
        hidden_size=hidden,
        intermediate_size=feed,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=pairs,
        max_position_embeddings=CONTEXT,
    )
    gpu = torch.cuda.is_available()
    torch.manual_seed(0)
    with torch.device("cuda" if gpu else "cpu"):
        model: Any = LlamaForCausalLM(config)
        model = model.to(torch.bfloat16 if gpu else torch.float32)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def ours(task: Task, folder: Path) -> Trained:
    """The training of the plugin, as a run of tuning starts it."""
    learnt, held = task.rows()
    run = TuningWork("benchmark", folder, 0, _told)
    trained = asyncio.run(train(task.config(), Path(task.base), learnt, held, run))
    found: Mapping[str, Any] = trained.metrics
    memory = found["memory"]
    loss = float(found["held"])
    return Trained(
        "sllm", len(learnt), found["tokens"], found["seconds"], memory["machine"], memory.get("gpu", 0), loss
    )


def plain(task: Task) -> Trained:
    """The loop that one writes with PEFT."""
    import torch
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(task.base)
    encoder, pad = Encoder(tokenizer), tokenizer.pad_token_id or 0
    learnt, held = ([encoder.encode(_lesson(each)) for each in part] for part in task.rows())
    gpu = task.devices != "cpu" and torch.cuda.is_available()
    if not gpu:
        torch.set_num_threads(1)
    torch.manual_seed(0)
    model = adapted(task.base, gpu, task.quantised)
    seconds = learn(model, [learnt[begin : begin + BATCH] for begin in range(0, len(learnt), BATCH)], pad)
    memory, tokens = peak_memory(), sum(len(each.ids) for each in learnt)
    left = mean_loss(model, held, pad)
    return Trained("plain", len(learnt), tokens, seconds, memory["machine"], memory.get("gpu", 0), left)


def _lesson(row: Row) -> Lesson:
    return Lesson(row.prompt.system, row.prompt.user, row.answer, row.weights)


def _told(step: Step) -> None:
    print(f"  {step.name} {step.done} of {step.total} {step.detail}", file=sys.stderr, flush=True)


def measured(task: Task, name: str) -> Trained:
    """One of the two, in a process of its own.

    Raises:
        SystemExit: it failed.
    """
    order = json.dumps(asdict(task))
    process = subprocess.run([sys.executable, __file__, "--only", name, order], stdout=subprocess.PIPE, text=True)
    if process.returncode:
        raise SystemExit(f"{name} failed")
    return Trained(**json.loads(process.stdout.splitlines()[-1]))


def only(name: str, task: Task) -> None:
    """Print what one of the two came to, as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        found = ours(task, Path(folder)) if name == "sllm" else plain(task)
    print(json.dumps(asdict(found)))


def compare(task: Task, title: str) -> None:
    """Print both, and how they compare."""
    print(f"{title}, {task.steps} steps of {BATCH} rows{', 4 bits' if task.quantised else ''}")
    print(f"{'':8}{'rows':>6}{'tokens':>9}{'seconds':>9}{'tokens/s':>10}{'memory MB':>11}{'GPU MB':>9}{'loss':>8}")
    for name in ("plain", "sllm"):
        found = measured(task, name)
        speed = found.tokens / found.seconds
        megabytes = f"{found.machine / 1e6:>11,.0f}{found.gpu / 1e6:>9,.0f}"
        figures = f"{found.rows:>6}{found.tokens:>9}{found.seconds:>9.1f}{speed:>10,.0f}"
        print(f"{name:8}{figures}{megabytes}{found.loss:>8.3f}", flush=True)


def main() -> None:
    """Print the table for the shape of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shape", choices=SHAPES, default="small")
    parser.add_argument("--base", type=Path, help="a folder in Hugging Face form, instead of a shape")
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--devices", choices=("auto", "cpu"), default="auto")
    parser.add_argument("--quantised", action="store_true")
    parser.add_argument("--only", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        only(options.only[0], Task(**json.loads(options.only[1])))
        return
    with tempfile.TemporaryDirectory() as folder:
        if options.base is None:
            write_base(Path(folder), options.shape)
        task = Task(str(options.base or folder), options.steps, options.devices, options.quantised)
        compare(task, str(options.base or options.shape))


if __name__ == "__main__":
    main()
