"""A training from its order to the adapter, in the process that does nothing else."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sllm_core.plugin import PluginError
from sllm_core.settings.fields import write_duration

from .checkpoints import Checkpoint, best_of, checkpoints, digest_of, discard, publish, sealed
from .config import LoraConfig
from .encoding import Encoder, begins
from .keeping import Keeping, Progress
from .lessons import Lessons, encode_lessons
from .loss import shares_rightly
from .machine import free_disk, free_memory
from .packing import packs
from .plan import Room, Way, check_disk, choose
from .steps import StepData, make_trainer, with_callback
from .weights import check_same, find_base, kind_of, restore_positions

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from .orders import TrainingOrder
    from .shape import Shape
    from .voice import Voice
    from .weights import Header, Source

ADAPTER = "adapter"
WEIGHTS, SETTINGS = "adapter_model.safetensors", "adapter_config.json"
TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""The seven matrices of a layer, which an adapter may be on that a server takes."""

LEAST = 0.1
"""Share of the steps that must be done when patience ends, for an adapter that is worth measuring."""


class OutOfTime(PluginError):
    """Too little was learnt in the time that there was."""

    exit_code = 1


def learn(order: TrainingOrder, work: Path, voice: Voice) -> None:
    """Train, from the last whole checkpoint in a folder on; the adapter lies there when it returns.

    Raises:
        PluginError: it cannot be trained; the message says why.
    """
    if sealed(work / ADAPTER) is None:
        Learning(order, LoraConfig(**order.config), work, voice).learn()


@dataclass(frozen=True)
class Learning:
    """One training."""

    order: TrainingOrder
    config: LoraConfig
    work: Path
    voice: Voice

    def learn(self) -> None:
        """Raises: PluginError: it cannot be trained."""
        import torch

        self.voice.tell(0, 0, "reading the base")
        gpu = self.config.devices == "auto" and torch.cuda.is_available()
        source = find_base(self.order.base, self.work)
        header, shape = source.header(), self._shape(source)
        lessons = self._lessons(source, header)
        way = self._way(shape, lessons, gpu)
        steps = lessons.steps(self.config, self.order.seed)
        found = checkpoints(self.work)
        if not found or found[-1].step < len(steps):
            model = self._model(source, header, way, gpu)
            found = self._train(model, lessons, steps, found, gpu)
        if self.voice.silent:
            return
        self._finish(found, lessons, len(steps), way)

    def _shape(self, source: Source) -> Shape:
        config = source.config()
        if source.file is None and self.order.about:
            check_same(config, self.order.about)
        return kind_of(config)

    def _lessons(self, source: Source, header: Header | None) -> Lessons:
        about = self.order.about if header is None else header.about
        encoder = Encoder(source.tokenizer(), begins(about))
        return encode_lessons(encoder, self.order, self.config.longest)

    def _way(self, shape: Shape, lessons: Lessons, gpu: bool) -> Way:
        check_disk(shape, self.config.rank, free_disk(self.work))
        if self.config.quantised and not gpu:
            raise PluginError("[plugins.lora] quantised = true needs a GPU: set quantised = false to train on the CPU")
        free = _free(gpu)
        if free is None:
            return Way("bfloat16" if gpu else "float32", True)
        room = Room(free, self.config.memory, "the GPU" if gpu else "this machine")
        tokens = lessons.largest(self.config.longest)
        return choose(shape, self.config.rank, tokens, room, gpu, self.config.quantised, Path(self.order.base).name)

    def _model(self, source: Source, header: Header | None, way: Way, gpu: bool) -> PreTrainedModel:
        """The base with a fresh adapter, whose numbers follow from the seed."""
        from peft import LoraConfig as Adapter
        from peft import get_peft_model
        from transformers import enable_full_determinism

        self.voice.tell(0, 0, "loading the base")
        enable_full_determinism(self.order.seed)
        model: Any = source.model(way, gpu)
        if header is not None:
            restore_positions(model, header)
        if way.kind == "4 bits":
            model = _prepared(model)
        if way.recompute:
            model.gradient_checkpointing_enable({"use_reentrant": False})
        enable_full_determinism(self.order.seed)
        adapter = Adapter(
            task_type="CAUSAL_LM",
            r=self.config.rank,
            lora_alpha=self.config.alpha,
            lora_dropout=self.config.dropout,
            bias="none",
            target_modules=list(TARGETS),
        )
        tuned: Any = get_peft_model(model, adapter)
        # PEFT would write here where the base lies on this machine, and look for it elsewhere.
        tuned.peft_config["default"].base_model_name_or_path = ""
        made: PreTrainedModel = tuned
        return made

    def _train(
        self,
        model: PreTrainedModel,
        lessons: Lessons,
        steps: Sequence[Sequence[int]],
        found: Sequence[Checkpoint],
        gpu: bool,
    ) -> list[Checkpoint]:
        device = "cuda" if gpu else "cpu"
        share = len(lessons.rows) > 1 and shares_rightly(model, lessons.rows, device)
        world = self.config.processes
        data = StepData(lessons.rows, steps, self.config.longest, share, world)
        trainer = make_trainer(model, self.config, data, len(steps), self.work, self.order.seed, gpu)
        last = found[-1].facts if found else {"seconds": 0.0, "tokens": 0}
        tokens = [sum(len(lessons.rows[each].ids) for each in step) for step in steps]
        held = packs(lessons.held, self.config.longest, share)
        progress = Progress(len(steps), tokens, last)
        patience = self.config.patience.total_seconds()
        with_callback(trainer, Keeping(trainer, self.work, held, progress, patience, self.voice))
        trainer.train(resume_from_checkpoint=str(found[-1].folder) if found else None)
        return checkpoints(self.work)

    def _finish(self, found: Sequence[Checkpoint], lessons: Lessons, total: int, way: Way) -> None:
        last, best = found[-1], best_of(found)
        if last.step < LEAST * total:
            raise OutOfTime(self._too_slow(last, total))
        metrics = {
            "steps": total,
            "done": last.step,
            "taken": best.step,
            "rows": len(lessons.rows),
            "left_out": lessons.left,
            "held": best.facts["held"],
            "tokens": last.facts["tokens"],
            "seconds": last.facts["seconds"],
            "tokens_per_second": last.facts["tokens"] / max(last.facts["seconds"], 1e-9),
            "memory": peak_memory(),
            "numbers": way.kind,
            "recompute": way.recompute,
        }
        digest = digest_of(best.folder / WEIGHTS)
        publish(best, self.work / ADAPTER, (WEIGHTS, SETTINGS), {"digest": digest, "metrics": metrics})
        discard(found)

    def _too_slow(self, last: Checkpoint, total: int) -> str:
        pace = last.facts["seconds"] / last.step
        needed = write_duration(timedelta(hours=max(1, round(pace * total / 3600))))
        return (
            f"{last.step} of {total} steps were done in {write_duration(self.config.patience)}, {pace:.1f} s each: set "
            f'[plugins.lora] patience = "{needed}", lower epochs, least_steps or longest, take a smaller base, or a '
            "machine with a GPU; what was done is gone on with"
        )


def peak_memory() -> Mapping[str, int]:
    """The most bytes that this process has had in memory until now, and on the GPU."""
    import resource

    import torch

    unit = 1 if sys.platform == "darwin" else 1024
    used = {"machine": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit}
    return {**used, "gpu": torch.cuda.max_memory_allocated()} if torch.cuda.is_available() else used


def _prepared(model: PreTrainedModel) -> PreTrainedModel:
    """A model in 4 bits, whose other weights are not."""
    import peft

    prepare: Any = peft.prepare_model_for_kbit_training
    made: PreTrainedModel = prepare(model, use_gradient_checkpointing=False)
    return made


def _free(gpu: bool) -> int | None:
    if not gpu:
        return free_memory()
    import torch

    return int(torch.cuda.mem_get_info()[0])
