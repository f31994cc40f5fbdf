"""What happens beside the steps of a training: it is told how far it is, kept, and ended when it takes too long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from sllm_core.plugin import PluginError

from .checkpoints import PREFIX, checkpoints, prune, seal
from .loss import held_loss

if TYPE_CHECKING:
    from torch.nn import Module
    from transformers import Trainer, TrainerControl, TrainerState, TrainingArguments

    from .packing import Pack
    from .voice import Voice


class Diverged(PluginError):
    """The loss is no number any more."""

    exit_code = 1


@dataclass
class Progress:
    """How far a training is, in this process. `before`: the seconds and tokens of earlier processes."""

    total: int
    tokens: Sequence[int]
    before: Mapping[str, float]
    began: float = field(default_factory=monotonic)
    first: int | None = None
    done: int = 0

    def step(self, done: int) -> None:
        """So many steps are done."""
        if self.first is None:
            self.first = done - 1
        self.done = done

    @property
    def seconds(self) -> float:
        return monotonic() - self.began

    @property
    def learnt(self) -> int:
        """Tokens of the steps of this process."""
        return sum(self.tokens[self.first or 0 : self.done])

    @property
    def facts(self) -> dict[str, float]:
        """Seconds and tokens of all processes until now."""
        return {"seconds": self.before["seconds"] + self.seconds, "tokens": self.before["tokens"] + self.learnt}

    def worded(self, loss: float) -> str:
        """The loss, the speed and the time that is left."""
        took = self.seconds
        left = (self.total - self.done) * took / max(1, self.done - (self.first or 0))
        return f"loss {loss:.3f}, {self.learnt / max(took, 1e-9):,.0f} tokens/s, about {_span(left)} left"


class Keeping:
    """Called by a Trainer: seals each checkpoint with the loss on what is held back, tells progress, keeps the time."""

    def __init__(
        self, trainer: Trainer, work: Path, held: Sequence[Pack], progress: Progress, patience: float, voice: Voice
    ) -> None:
        self._trainer, self._work, self._held = trainer, work, held
        self._progress, self._patience, self._voice = progress, patience, voice

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> TrainerControl:
        """Tell how far it is; end where the loss is no number, or the time is over."""
        loss = float(self._trainer._tr_loss)
        # What the Trainer adds up until it logs, which it never does here.
        self._trainer._tr_loss.zero_()
        if not isfinite(loss):
            raise Diverged(f"the loss is no number after {state.global_step} steps: lower [plugins.lora] learning_rate")
        self._progress.step(state.global_step)
        self._voice.tell(state.global_step, self._progress.total, self._progress.worded(loss))
        if state.global_step >= state.max_steps or self._late(args):
            control.should_save = control.should_training_stop = True
        return control

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, model: Module, **_: object
    ) -> TrainerControl:
        """Seal what the Trainer has written."""
        held = self.held(model, args)
        self._trainer.accelerator.wait_for_everyone()
        if args.should_save:
            facts = {"step": state.global_step, "held": held, **self._progress.facts}
            seal(self._work / f"{PREFIX}{state.global_step}", facts)
            prune(checkpoints(self._work))
        self._trainer.accelerator.wait_for_everyone()
        return control

    def held(self, model: Module, args: TrainingArguments) -> float | None:
        """The mean loss on what is held back, of which each process does a part; None if there is nothing."""
        if not self._held:
            return None
        mine = self._held[args.process_index :: args.world_size]
        loss, weight = self._added(held_loss(model, mine, str(args.device)), args)
        return loss / weight

    def _late(self, args: TrainingArguments) -> bool:
        return self._added((float(self._progress.seconds > self._patience), 0.0), args)[0] > 0

    def _added(self, pair: tuple[float, float], args: TrainingArguments) -> tuple[float, float]:
        """The sums over all processes."""
        if args.world_size == 1:
            return pair
        import torch

        both = torch.tensor(pair, dtype=torch.float64, device=args.device)
        torch.distributed.all_reduce(both)
        one, other = both.tolist()
        return one, other


def _span(seconds: float) -> str:
    """A time span, roughly."""
    for size, unit in ((3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
