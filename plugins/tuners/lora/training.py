"""Training an adapter: from rows to weights in PEFT's form, in a process of its own that may be killed at any time."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sllm_core.learning.orders import Step
from sllm_core.models.adaptable import BaseWeights

from .checkpoints import sealed
from .extra import check_extra
from .machine import cores, free_disk, free_memory
from .orders import Lesson, TrainingOrder, write_order
from .plan import Room, check_disk, choose
from .process import TrainingFailed, run_training
from .shape import Shape, ShapeUnknown, shape_of_folder, shape_of_server

if TYPE_CHECKING:
    from sllm_core.learning.asking import Row
    from sllm_core.learning.candidate import TuningWork
    from sllm_core.models.language_model import Prompt

    from .config import LoraConfig

WORK = "training-"
"""How the folder of a training begins; what it follows from comes behind."""

ADAPTER = "adapter"

Render = Callable[["Prompt"], Awaitable[str]]
"""Gives the text that a server makes of a prompt, up to where the answer begins."""


@dataclass(frozen=True)
class Trained:
    """An adapter as PEFT writes it.

    `folder` has adapter_model.safetensors, whose SHA-256 is `digest` (64 hexadecimal digits), and adapter_config.json;
    `base` is what it was trained on: a GGUF file, or a folder in Hugging Face form. `metrics` are JSON values: steps,
    rows, the loss on what was held back, tokens and seconds, the most memory.
    """

    folder: Path
    digest: str
    metrics: Mapping[str, Any]
    base: Path


async def train(
    config: LoraConfig,
    base: BaseWeights | Path,
    rows: Sequence[Row],
    held: Sequence[Row],
    run: TuningWork,
    render: Render | None = None,
) -> Trained:
    """Train an adapter on rows; the best of its checkpoints by the loss on the rows that were held back.

    It runs in a process of its own, which ends with this one. Whatever a killed run left in `run.folder` is gone on
    with, and comes to the same bytes as if it had not been killed, if all that it follows from is the same.

    Args:
        base: the weights that are served; a GGUF file or a folder in Hugging Face form without a server.
        render: gives the text that the server makes of a prompt; without it the chat template of the base is filled.

    Raises:
        ExtraMissing: the libraries of the extra `tune` are not installed.
        TrainingFailed: it cannot be trained, or took too long; PluginError in other cases. All say what to do.
    """
    check_extra(config.quantised)
    config = config.model_copy(update={"threads": config.threads or max(1, cores() // 2)})
    place = place_of(config, base)
    lessons = await _lessons(rows, render, run)
    spared = await _lessons(held, render, None)
    order = await asyncio.to_thread(_order, config, base, place, run.seed, lessons, spared)
    work = run.folder / f"{WORK}{order.fingerprint[:16]}"
    if await asyncio.to_thread(sealed, work / ADAPTER) is None:
        await asyncio.to_thread(_prepare, order, work, config)
        await run_training(config, work, run.tell)
    return await asyncio.to_thread(_trained, work, place)


def place_of(config: LoraConfig, base: BaseWeights | Path) -> Path:
    """The file or folder with the weights that are trained on.

    Raises:
        TrainingFailed: they are not on this machine.
    """
    found = Path(config.base).expanduser() if config.base else base if isinstance(base, Path) else base.file
    if found is None:
        tag = base.tag if isinstance(base, BaseWeights) else base
        raise TrainingFailed(
            f"the weights of {tag} are not on this machine, or may not be read: run the tuning where the server is "
            "(OLLAMA_MODELS names its folder), or give the same weights in Hugging Face form with [plugins.lora] base"
        )
    if not found.exists():
        raise TrainingFailed(f"the base {found} is not there: give [plugins.lora] base, or `ollama pull` the model")
    return found


async def _lessons(rows: Sequence[Row], render: Render | None, run: TuningWork | None) -> list[Lesson]:
    lessons = []
    for number, row in enumerate(rows):
        if run is not None and number % 10 == 0:
            run.tell(Step("training", detail=f"question {number} of {len(rows)}"))
        text = None if render is None else await render(row.prompt)
        lessons.append(Lesson(row.prompt.system, row.prompt.user, row.answer, row.weights, text))
    return lessons


def _order(
    config: LoraConfig,
    base: BaseWeights | Path,
    place: Path,
    seed: int,
    lessons: Sequence[Lesson],
    held: Sequence[Lesson],
) -> TrainingOrder:
    about = _plain(base.about) if isinstance(base, BaseWeights) else {}
    digest = base.digest if isinstance(base, BaseWeights) and not config.base else digest_of_base(place)
    settings = config.model_dump(mode="json")
    return TrainingOrder(str(place), digest, settings, seed, tuple(lessons), tuple(held), about)


def digest_of_base(place: Path) -> str:
    """A digest of a base by its files' names, sizes and times, as they are too large to be read every time; those of a
    folder in Hugging Face form also by the text of its config.json.

    Raises:
        OSError: they cannot be looked at.
    """
    files = [place] if place.is_file() else sorted(each for each in place.iterdir() if each.is_file())
    known = [(each.name, each.stat().st_size, each.stat().st_mtime_ns) for each in files]
    config = place / "config.json"
    text = config.read_text(encoding="utf-8") if config.is_file() else ""
    return sha256(json.dumps([known, text]).encode()).hexdigest()


def _plain(about: Mapping[str, Any]) -> dict[str, Any]:
    """The single values of what a server tells, without its vocabulary."""
    return {name: value for name, value in about.items() if isinstance(value, str | int | float | bool)}


def _prepare(order: TrainingOrder, work: Path, config: LoraConfig) -> None:
    """Write the order, and remove what is left of others, which follow from other labels.

    Raises:
        DoesNotFit: there is not enough room for the training.
    """
    check_room(order, work, config)
    work.parent.mkdir(parents=True, exist_ok=True)
    for each in work.parent.glob(f"{WORK}*"):
        if each != work:
            shutil.rmtree(each)
    write_order(order, work)


def check_room(order: TrainingOrder, work: Path, config: LoraConfig) -> None:
    """See that a training has room, as far as that can be told without torch: the disk, and on the CPU the memory.

    The process of the training looks again, knowing the GPU and the lengths of the rows.

    Raises:
        DoesNotFit: it has not.
    """
    shape = _shape(order)
    if shape is None:
        return
    check_disk(shape, config.rank, free_disk(work))
    free = free_memory()
    if config.devices == "cpu" and free is not None:
        choose(shape, config.rank, 256, Room(free, config.memory), False, False, Path(order.base).name)


def _shape(order: TrainingOrder) -> Shape | None:
    try:
        if order.about:
            return shape_of_server(order.about)
        config = Path(order.base) / "config.json"
        return shape_of_folder(json.loads(config.read_text(encoding="utf-8"))) if config.is_file() else None
    except (ShapeUnknown, ValueError):
        return None


def _trained(work: Path, place: Path) -> Trained:
    facts = sealed(work / ADAPTER)
    if facts is None:
        raise TrainingFailed("the training ended without an adapter")
    return Trained(work / ADAPTER, str(facts["digest"]), facts["metrics"], place)
