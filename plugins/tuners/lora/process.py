"""The process of a training: started at a low priority, followed, and ended with whoever waits for it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sllm_core.learning.orders import Step
from sllm_core.plugin import PluginError
from sllm_core.settings.fields import write_duration

from .config import LoraConfig

CHILD = "sllm_plugins.tuners.lora.child"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
TOLD = 2000
"""How many characters of what a failed training said are told."""

GRACE = 900.0
"""Seconds beyond its patience that a training has to be loaded and to finish a step."""

POLL = 0.5
"""Seconds between two looks whether another training is over."""

LINE = 1 << 20
"""Characters of a line that may come from the training."""


class TrainingFailed(PluginError):
    """The training ended without an adapter; the message says why, and what to do."""

    exit_code = 1


@dataclass
class _Heard:
    """What a training has said of its failure."""

    why: str = ""
    done: int = field(default=0)


async def run_training(config: LoraConfig, work: Path, tell: Callable[[Step], None]) -> None:
    """Let a process obey the order in a folder, alone on this machine; return when it has.

    Raises:
        TrainingFailed: it has not.
    """
    limit = config.patience.total_seconds() + GRACE
    try:
        async with asyncio.timeout(limit), _alone(tell):
            await _run(config, work, tell)
    except TimeoutError:
        raise TrainingFailed(
            f"the training did not come to an end in {write_duration(config.patience)}: raise [plugins.lora] patience, "
            "lower longest or batch, take a smaller base, or a machine with a GPU"
        ) from None


async def _run(config: LoraConfig, work: Path, tell: Callable[[Step], None]) -> None:
    process = await asyncio.create_subprocess_exec(
        *command(config, work),
        env=environment(config),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=LINE,
        start_new_session=True,
    )
    heard = _Heard()
    try:
        async with asyncio.TaskGroup() as tasks:
            said = tasks.create_task(_tail(process.stderr))
            tasks.create_task(_follow(process.stdout, tell, heard))
        if await process.wait() != 0:
            raise TrainingFailed(heard.why or _unsaid(process.returncode or 0, said.result()))
    except ExceptionGroup as group:
        # What is told to may end the training in its own words.
        raise group.exceptions[0] from None
    finally:
        # The group has the processes of a training on several GPUs, too.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def command(config: LoraConfig, work: Path) -> tuple[str, ...]:
    """What is started: the training itself, or what starts one on each GPU."""
    if config.processes == 1:
        return sys.executable, "-m", CHILD, str(work)
    side = ("--standalone", f"--nproc-per-node={config.processes}", "-m", CHILD, str(work))
    return sys.executable, "-m", "torch.distributed.run", *side


def environment(config: LoraConfig) -> Mapping[str, str]:
    """Few threads, no network, and one GPU unless there are to be several processes."""
    said = {**os.environ, **dict.fromkeys(THREADS, str(config.threads))}
    said |= {"TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}
    if config.devices == "cpu":
        said["CUDA_VISIBLE_DEVICES"] = ""
    elif config.processes == 1:
        said["CUDA_VISIBLE_DEVICES"] = said.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
    return said


@asynccontextmanager
async def _alone(tell: Callable[[Step], None]) -> AsyncIterator[None]:
    """No other training of this user runs on this machine meanwhile; one that does is waited for."""
    with _lock_file().open("a+") as file:
        while not _locked(file):
            tell(Step("training", detail="another training runs on this machine; this one waits for it"))
            await asyncio.sleep(POLL)
        yield


def _lock_file() -> Path:
    owner = os.getuid() if hasattr(os, "getuid") else 0
    return Path(tempfile.gettempdir()) / f"sllm-lora-{owner}.lock"


def _locked(file: IO[str]) -> bool:
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _follow(stream: asyncio.StreamReader | None, tell: Callable[[Step], None], heard: _Heard) -> None:
    while stream is not None and (line := await stream.readline()):
        with suppress(ValueError, KeyError, TypeError):
            said = json.loads(line)
            heard.why = str(said.get("failed", heard.why))
            step = Step("training", said["done"], said["total"], said["detail"])
            tell(step)


async def _tail(stream: asyncio.StreamReader | None) -> str:
    """The last of what is said."""
    text = b""
    while stream is not None and (block := await stream.read(LINE)):
        text = (text + block)[-4 * TOLD :]
    return text.decode(errors="replace")[-TOLD:].strip()


def _unsaid(code: int, said: str) -> str:
    if code == -signal.SIGKILL:
        return (
            "the training was killed, as systems do when memory runs out: lower [plugins.lora] memory or longest; what "
            "was done is gone on with"
        )
    return f"the training failed: {said or 'without a word'}"
