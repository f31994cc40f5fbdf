"""The exporter of adapters beside llama.cpp's convert_lora_to_gguf.py: byte by byte, and in CPU time.

python benchmarks/exporter.py CONVERTER [--seeds N] [--layers N]

CONVERTER is a folder of llama.cpp that has convert_lora_to_gguf.py and gguf-py. Adapters of random numbers are exported
by both: for Llamas with and without grouped queries, with tied and untied embeddings, of several kinds of numbers, as
16 and as 32 bits. It ends with status 1 where a byte differs.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "servers"))

from adapter_scene import TINY, Sizes, random_adapter  # noqa: E402

OURS = (
    "import sys, json; from pathlib import Path; from sllm_plugins.tuners.lora.export import export_adapter; "
    "export_adapter(Path(sys.argv[1]), json.loads(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])"
)


@dataclass(frozen=True)
class Case:
    """An adapter, the shape of its base, and the width of the file."""

    name: str
    sizes: Sizes
    kinds: tuple[str, str] = ("F32", "F32")
    width: str = "f16"
    tied: bool = False
    rank: int = 8


def cases(layers: int) -> Iterator[Case]:
    """What is compared: each shape, and each kind of numbers."""
    grouped = replace(TINY, layers=layers)
    plain = replace(grouped, pairs=grouped.heads)
    yield Case("grouped queries", grouped)
    yield Case("grouped queries, f32", grouped, width="f32")
    yield Case("one key for each query", plain, tied=True)
    yield Case("one key for all queries, wide heads", replace(grouped, pairs=1, width=32), tied=True, rank=16)
    yield Case("BF16", grouped, ("BF16", "BF16"))
    yield Case("F16, written as f32", plain, ("F16", "F16"), "f32")
    yield Case("A in F32, B in BF16", grouped, ("F32", "BF16"))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("converter", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--layers", type=int, default=12)
    given = parser.parse_args()
    ours = theirs = 0.0
    differ = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(given.seeds):
            for case in cases(given.layers):
                mine, its, same = compared(case, seed, given.converter, Path(folder))
                ours, theirs, differ = ours + mine, theirs + its, differ + (not same)
                print(f"seed {seed}, {case.name}: {'equal' if same else 'DIFFERENT'}", flush=True)
    print(f"CPU time, with the start of Python: {ours:.1f} s beside {theirs:.1f} s, 1 / {theirs / ours:.0f}")
    print(f"{differ} different" if differ else "all equal")
    return 1 if differ else 0


def compared(case: Case, seed: int, converter: Path, folder: Path) -> tuple[float, float, bool]:
    """The CPU seconds of both, and whether their files are equal."""
    # The converter names what it writes after the folder.
    rank, kinds = case.rank, case.kinds
    adapter = random_adapter(folder / "adapter", case.sizes, rank=rank, alpha=2 * rank, seed=seed, kinds=kinds)
    base = folder / "base"
    base.mkdir(exist_ok=True)
    (base / "config.json").write_text(json.dumps({**case.sizes.config, "tie_word_embeddings": case.tied}))
    ours, theirs = folder / "ours.gguf", folder / "theirs.gguf"
    about = json.dumps(case.sizes.about)
    mine = seconds([sys.executable, "-c", OURS, str(adapter), about, str(ours), case.width])
    script, options = str(converter / "convert_lora_to_gguf.py"), ["--outtype", case.width, "--base", str(base)]
    its = seconds([sys.executable, script, *options, "--outfile", str(theirs), str(adapter)])
    return mine, its, ours.read_bytes() == theirs.read_bytes()


def seconds(command: list[str]) -> float:
    """The CPU time of a command, user and system.

    Raises:
        CalledProcessError: it failed.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
