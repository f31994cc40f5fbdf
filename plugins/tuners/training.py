"""The training as a process: `python -m sllm_plugins.tuners.training FOLDER` obeys the order in the folder."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

ORDER = "order.json"
MADE = "made"

NICENESS = 10
"""By how much the process gives way to others."""


def train(folder: Path) -> None:
    """Obey the order in a folder; the number of each step that is done goes to standard output.

    Raises:
        OSError, ValueError: the order cannot be read, or the weights not be written.
    """
    from sllm_core.classifier.retrain import Told, retrain
    from sllm_core.learning.artefacts import write_weights

    order = json.loads((folder / ORDER).read_text(encoding="utf-8"))
    learnt, held = ([Told(**each) for each in order[name]] for name in ("learnt", "held"))
    weights, metrics = retrain(learnt, held, lambda number: print(number, flush=True))
    write_weights(folder / MADE, weights, {**order["manifest"], "metrics": metrics})


def main() -> None:
    """Train at a low priority."""
    os.nice(NICENESS)
    train(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
