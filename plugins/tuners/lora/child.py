"""The training as a process: `python -m sllm_plugins.tuners.lora.child FOLDER` obeys the order in the folder.

It tells how far it is in lines of JSON, and ends when its standard input does, which whoever started it holds open.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

from sllm_core.plugin import PluginError

from .learner import learn
from .orders import read_order
from .voice import Voice, speaking

NICENESS = 10
"""By how much the process gives way to others."""

FAILED = 3
"""How the process ends that has said why it failed."""


def main() -> None:
    """Train at a low priority; no longer than whoever has asked for it lives."""
    threading.Thread(target=_die_with_parent, daemon=True).start()
    os.nice(NICENESS)
    with speaking() as voice:
        said = obey(Path(sys.argv[1]), voice)
        sys.stderr.flush()
    # Threads of libraries may go on, and nothing that they do is needed.
    os._exit(said)


def obey(folder: Path, voice: Voice) -> int:
    """Carry out the order in a folder; how the process should end."""
    order = read_order(folder)
    _use_threads(int(order.config["threads"]))
    try:
        learn(order, folder, voice)
    except PluginError as error:
        voice.fail(str(error))
        return FAILED
    except (MemoryError, RuntimeError) as error:
        if not _is_memory(error):
            raise
        told = "lower [plugins.lora] longest or patterns, so that rows are shorter, or memory, so that less is used"
        voice.fail(f"the memory did not suffice ({str(error).splitlines()[0][:200]}): {told}")
        return FAILED
    return 0


def _die_with_parent() -> None:
    with suppress(OSError):
        while os.read(0, 1024):
            pass
    os._exit(1)


def _use_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)
    with suppress(RuntimeError):
        torch.set_num_interop_threads(1)


def _is_memory(error: Exception) -> bool:
    said = str(error).lower()
    return isinstance(error, MemoryError) or "out of memory" in said or "can't allocate memory" in said


if __name__ == "__main__":
    main()
