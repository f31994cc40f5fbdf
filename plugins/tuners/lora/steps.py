"""The steps of a training, as transformers' Trainer takes them: several packs a step, over one or several processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .loss import pack_loss
from .packing import EncodedRow, Pack, of_rank, packs

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module
    from torch.utils.data import Sampler
    from transformers import PreTrainedModel, Trainer, TrainerCallback

    from .config import LoraConfig

WARMING = 20
"""One of so many steps is among those in which the learning rate rises."""


@dataclass(frozen=True)
class StepPacks:
    """What one process learns from in one step; `weight` is that of all rows of the step, over all processes."""

    packs: tuple[Pack, ...]
    weight: float


class StepData:
    """The parts of all steps: that of each process after the other, step by step."""

    def __init__(
        self, rows: Sequence[EncodedRow], steps: Sequence[Sequence[int]], longest: int, share: bool, world: int
    ) -> None:
        self._rows, self._steps = rows, steps
        self._longest, self._share, self._world = longest, share, world

    def __len__(self) -> int:
        return len(self._steps) * self._world

    def __getitem__(self, number: int) -> StepPacks:
        step, rank = divmod(number, self._world)
        rows = [self._rows[each] for each in self._steps[step]]
        mine = packs(of_rank(rows, rank, self._world), self._longest, self._share)
        return StepPacks(tuple(mine), sum(each.weight for each in rows))


class PackedSteps:
    """What a Trainer does otherwise here: a step's loss is that of its packs, and steps come in their order."""

    accelerator: Any
    args: Any
    train_dataset: Any

    def training_step(
        self, model: Module, inputs: Mapping[str, StepPacks], num_items_in_batch: object = None
    ) -> Tensor:
        """Add up the gradients of all packs; the mean loss of what this process has of the step."""
        import torch

        model.train()
        world = self.args.world_size
        total = torch.zeros((), device=self.args.device)
        step = inputs["step"]
        for number, each in enumerate(step.packs, 1):
            # Gradients go round between the processes once a step.
            is_last = number == len(step.packs)
            with nullcontext() if is_last or world == 1 else self.accelerator.no_sync(model):
                loss = pack_loss(model, each, str(self.args.device)) * (world / step.weight)
                self.accelerator.backward(loss)
            total += loss.detach()
        return total

    def floating_point_ops(self, inputs: object) -> int:
        """Not counted."""
        return 0

    def _get_train_sampler(self, train_dataset: object = None) -> Sampler[int]:
        from torch.utils.data import SequentialSampler

        return SequentialSampler(self.train_dataset)


def make_trainer(
    model: PreTrainedModel, config: LoraConfig, data: StepData, steps: int, folder: Path, seed: int, gpu: bool
) -> Trainer:
    """A Trainer that goes through all steps once, and is the same every time to the last bit."""
    from transformers import Trainer, TrainingArguments

    class StepTrainer(PackedSteps, Trainer):  # type: ignore[misc]
        pass

    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=steps,
        num_train_epochs=1,
        per_device_train_batch_size=1,
        learning_rate=config.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=max(1, steps // WARMING),
        optim="adamw_torch",
        max_grad_norm=1.0,
        full_determinism=True,
        seed=seed,
        data_seed=seed,
        use_cpu=not gpu,
        save_strategy="steps",
        save_steps=min(config.checkpoint_every, steps),
        save_total_limit=None,
        logging_strategy="no",
        eval_strategy="no",
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_num_workers=0,
        dataloader_pin_memory=False,
    )
    return StepTrainer(model=model, args=arguments, train_dataset=data, data_collator=_only)


def with_callback(trainer: Trainer, calls: object) -> None:
    """Let an object be called after each step (`on_step_end`) and each checkpoint (`on_save`)."""
    from transformers import PrinterCallback, TrainerCallback

    kind: type[TrainerCallback] = type("Calls", (type(calls), TrainerCallback), {})
    callback = kind.__new__(kind)
    callback.__dict__.update(vars(calls))
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(callback)


def _only(items: Sequence[StepPacks]) -> dict[str, StepPacks]:
    return {"step": items[0]}
