"""Lines that somebody makes up to do harm: to fill the table, to slow it down, to collide.

`python hostile.py KIND LIMIT LINES [--accelerated]` gives them to a table and prints what it cost as JSON; the clock
(CPU seconds) runs only while the table has them.
"""

from __future__ import annotations

import argparse
import json
import random
import string
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice, product
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pyarrow as pa
from costs import answer, is_accelerated
from numpy.typing import NDArray

from sllm_core.patterns import PatternTable

Kind = Callable[[random.Random], str]

SEED, BATCH = 11, 10_000
COLLIDING = 20_000
"""How many strings of one hash are made; each then comes again and again."""

LIMITS = (50_000, 5_000)
MULTIPLIERS = (11400714785074694791, 14029467366897019727)
"""What Arrow (ComputeStringHash in cpp/src/arrow/util/hashing.h) multiplies both halves of 16 bytes by."""

NAMES = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett", "kilo", "lima")
STATES = ("started", "stopped", "failed", "ok", "up", "down", "open", "closed", "lost", "found", "enabled", "disabled")
BAIT = (
    '<*>|<*> <*>|a <*> b <*>|=|k=v|k="v"|true|/a/b|C:\\|http://|Mon|Jan <*>|<*> KST|<*> MB|root|user root|deadbeef|'
    "a:b:c:d:|<|>|->|[|]|{|}|(|)|\"|'|,"
)
"""What the rules of the mask look for."""


def word(rng: random.Random, length: int = 7) -> str:
    """Letters at random."""
    return "".join(rng.choices(string.ascii_lowercase, k=length))


def combined(rng: random.Random, names: Sequence[str], count: int) -> str:
    """A line in which each of `count` words is one of a few."""
    return f"combine {' '.join(rng.choices(names, k=count))}"


def strange(rng: random.Random) -> str:
    """Any characters but surrogates."""
    points = (rng.randrange(0x20, 0x10FFFF - 0x800) for _ in range(40))
    return "".join(chr(point if point < 0xD800 else point + 0x800) for point in points)


def colliding(rng: random.Random) -> str:
    """One of COLLIDING strings of 16 bytes that all have one hash in Arrow."""
    return rng.choice(_colliding())


@cache
def _colliding() -> Sequence[str]:
    generator = np.random.default_rng(SEED)
    is_allowed = np.zeros(256, bool)
    is_allowed[[byte for byte in range(0x20, 0x7F) if not chr(byte).isdigit()]] = True
    drawn = generator.choice(np.flatnonzero(is_allowed), (1 << 16, 4)).astype(np.uint8)
    parts = drawn.view("<u4").ravel().astype(np.uint64)
    found: list[bytes] = []
    for part in parts:
        last = part + (parts << np.uint64(32))
        first = _first_half(last)
        for shift in range(0, 64, 8):
            good = is_allowed[first >> np.uint64(shift) & np.uint64(255)]
            first, last = first[good], last[good]
        found += [a.tobytes() + b.tobytes() for a, b in zip(first, last, strict=True)]
        if len(found) >= COLLIDING:
            break
    return [each.decode("ascii") for each in found[:COLLIDING]]


def _first_half(last: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The 8 bytes that make the hash 0 up to the length, in front of these."""
    first: NDArray[np.uint64] = last * np.uint64(MULTIPLIERS[0] * pow(MULTIPLIERS[1], -1, 1 << 64) % (1 << 64))
    return first


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "honest": lambda rng: f"request {rng.randrange(10**9)} of {rng.choice(NAMES)} done in {rng.randrange(1000)} ms",
        "new words": lambda rng: f"request of {word(rng)} for {word(rng)} by {word(rng)}",
        "combined words": lambda rng: combined(rng, NAMES, 4),
        "combined names": lambda rng: combined(rng, [f"shop.{name}" for name in NAMES[:6]], 6),
        "combined states": lambda rng: " ".join(rng.choices(STATES, k=10)),
        "new keys": lambda rng: " ".join(f"{word(rng, 4)}={word(rng, 4)}" for _ in range(30)),
        "nested pairs": lambda rng: "".join(f"{rng.choice(NAMES)}={{" for _ in range(200)),
        "long lines": lambda rng: " ".join(rng.choices(string.ascii_letters, k=5_000)),
        "one giant word": lambda rng: word(rng, 50_000),
        "bait for the mask": lambda rng: " ".join(rng.choices(BAIT.split("|"), k=150)),
        "colliding": colliding,
        "unicode": strange,
        "control characters": lambda rng: "".join(chr(rng.randrange(1, 40)) for _ in range(40)),
        "digits, delimiters": lambda rng: "".join(rng.choices("0123456789 =,;()[]{}<>|:\"'\t", k=60)),
    }
)
FEWER = MappingProxyType(
    {"new keys": 5, "long lines": 20, "one giant word": 100, "nested pairs": 10, "bait for the mask": 10}
)
"""Of which kinds there are only so many times fewer lines: they are long."""


def batches(kind: str, count: int) -> Iterator[pa.Array]:
    """`count` lines of a kind (or fewer, see FEWER), the same at each call."""
    rng, make = random.Random(SEED), KINDS[kind]
    lines = (make(rng) for _ in range(count // FEWER.get(kind, 1)))
    while batch := list(islice(lines, BATCH // FEWER.get(kind, 1))):
        yield pa.array(batch)


def run(kind: str, limit: int, count: int, accelerated: bool) -> dict[str, float]:
    """What the lines cost: CPU seconds in all and in the first and last tenth, patterns, and what found no place."""
    table, seconds, lines = PatternTable(limit=limit, accelerate=accelerated), [], 0
    for batch in batches(kind, count):
        started = time.process_time()
        table.assign("hostile", batch)
        seconds.append(time.process_time() - started)
        lines += len(batch)
    tenth = max(1, len(seconds) // 10)
    return {
        "lines": lines,
        "seconds": sum(seconds),
        "first": sum(seconds[:tenth]) / tenth / len(batch),
        "last": sum(seconds[-tenth:]) / tenth / len(batch),
        "patterns": len(table),
        "overflowed": table.overflowed("hostile"),
    }


def report(folder: Path, count: int) -> Iterator[str]:
    """A line for each kind and limit, with and without the kernel, each measured in a process of its own."""
    yield "\nhostile lines (the first kind is not); µs of CPU for a line"
    times = f"{'µs':>8}{'first 10th':>12}{'last 10th':>11}"
    yield f"{'':20}{'kernel':>7}{'limit':>8}{'lines':>11}{times}{'peak MB':>9}{'patterns':>10}{'no place':>10}"
    for kind, limit, accelerated in product(KINDS, LIMITS, (True, False) if is_accelerated() else (False,)):
        options = (str(limit), str(count), *(["--accelerated"] if accelerated else []))
        figures, _, megabytes = answer("hostile.py", folder / kind, accelerated, *options)
        yield f"{kind:20}{'yes' if accelerated else 'no':>7}{row(limit, figures, megabytes)}"


def row(limit: int, figures: Mapping[str, float], megabytes: float) -> str:
    """The figures of one run."""
    lines, seconds, first, last = (figures[name] for name in ("lines", "seconds", "first", "last"))
    times = f"{seconds / lines * 1e6:>8.1f}{first * 1e6:>12.1f}{last * 1e6:>11.1f}"
    ends = f"{megabytes:>9.0f}{figures['patterns']:>10,.0f}{figures['overflowed'] / lines:>10.1%}"
    return f"{limit:>8,}{lines:>11,.0f}{times}{ends}"


def main() -> None:
    """One run, as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", type=Path)
    parser.add_argument("limit", type=int)
    parser.add_argument("lines", type=int)
    parser.add_argument("--accelerated", action="store_true")
    options = parser.parse_args()
    print(json.dumps(run(options.kind.name, options.limit, options.lines, options.accelerated)))


if __name__ == "__main__":
    main()
