"""Drain3 with its defaults and what the masks of its example say: the peer of the benchmarks.

`python peer.py MESSAGES` groups the lines of a file; the clock (CPU seconds) starts when they lie in a list.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drain3 import TemplateMiner

BEGIN, END = r"(?:(?<=[^A-Za-z0-9])|^)", r"(?=[^A-Za-z0-9]|$)"
EXAMPLE_MASKS = (
    (BEGIN + r"(?:[0-9a-f]{2,}:){3,}[0-9a-f]{2,}" + END, "ID"),
    (BEGIN + r"\d{1,3}(?:\.\d{1,3}){3}" + END, "IP"),
    (BEGIN + r"(?:[0-9a-f]{6,} ?){3,}" + END, "SEQ"),
    (BEGIN + r"(?:[0-9A-F]{4} ?){4,}" + END, "SEQ"),
    (BEGIN + r"0x[0-9a-fA-F]+" + END, "HEX"),
    (BEGIN + r"[-+]?\d+" + END, "NUM"),
    (r'(?<=executed cmd )".+?"', "CMD"),
)
"""What the example drain3.ini of Drain3 masks, written anew: ids, addresses, sequences, numbers, commands."""


def drain3() -> TemplateMiner:
    """A miner that has seen nothing yet.

    Raises:
        ImportError: Drain3 is not installed; it comes with the dependency group dev.
    """
    from drain3 import TemplateMiner
    from drain3.masking import MaskingInstruction
    from drain3.template_miner_config import TemplateMinerConfig

    config = TemplateMinerConfig()
    config.masking_instructions = [MaskingInstruction(pattern, name) for pattern, name in EXAMPLE_MASKS]
    return TemplateMiner(config=config)


def main() -> None:
    """Group the first lines of a file (all, unless their number is given), and print what it took as JSON."""
    file, count = Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else None
    miner = drain3()
    lines = file.read_text(encoding="utf-8").removesuffix("\n").split("\n")[:count]
    started = time.process_time()
    for line in lines:
        miner.add_log_message(line)
    seconds = time.process_time() - started
    print(json.dumps({"lines": len(lines), "seconds": seconds, "patterns": len(miner.drain.clusters)}))


if __name__ == "__main__":
    main()
