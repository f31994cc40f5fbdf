"""Whether a training fits into memory and onto the disk, found out before anything is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from sllm_core.plugin import PluginError

from .shape import Shape

GB = 1e9
RUNTIME = 1.5 * GB
"""Bytes of a process with torch, transformers and peft in its first step, besides what is counted here: measured on a
Llama of 55 million parameters, where all came to 2.9 GB (estimated 3.1) and, with activations computed again, 2.1."""

STATE = 16
"""Bytes for each parameter of an adapter: itself, its gradient and two averages of it, in 32 bits."""

KEPT = 12
"""Bytes on the disk for each parameter of an adapter in a checkpoint: itself and two averages of its gradient."""

WIDTHS = MappingProxyType({"float32": 4.0, "bfloat16": 2.0, "4 bits": 0.56})
"""Bytes of a parameter by the kind of number."""

LOADING = 0.15
"""What loading takes for a while besides the weights, as a share of them."""


class DoesNotFit(PluginError):
    """A training would need more memory or disk than there is; the message names both, and what to change."""

    exit_code = 1


@dataclass(frozen=True)
class Way:
    """How to train: in which `kind` of numbers the base is held (float32, bfloat16, 4 bits), and whether activations
    are computed again for the gradients instead of kept."""

    kind: str
    recompute: bool

    @property
    def width(self) -> float:
        """Bytes of a parameter of the base."""
        return WIDTHS[self.kind]


@dataclass(frozen=True)
class Needs:
    """Bytes that a training needs at its peak, by what for."""

    weights: float
    adapter: float
    activations: float

    @property
    def total(self) -> float:
        return RUNTIME + self.weights * (1 + LOADING) + self.adapter + self.activations


@dataclass(frozen=True)
class Room:
    """Bytes of memory that may be used, `share` of what is `free`; `place` names what it is the memory of."""

    free: float
    share: float
    place: str = "this machine"

    @property
    def bytes(self) -> float:
        return self.free * self.share


def needs(shape: Shape, rank: int, tokens: int, way: Way) -> Needs:
    """What a training needs whose largest step works on so many tokens at once."""
    weights = shape.parameters * way.width
    width = max(2.0, way.width)
    layer = tokens * width * _kept(shape)
    layers = layer + shape.layers * tokens * shape.hidden * width if way.recompute else shape.layers * layer
    # The loss is computed for few tokens, each over the whole vocabulary, and with its gradient.
    losses = 3 * 4 * shape.vocabulary * min(tokens, 256)
    return Needs(weights, shape.adapter(rank) * STATE, layers + losses + tokens * tokens)


def choose(shape: Shape, rank: int, tokens: int, room: Room, gpu: bool, quantised: bool, name: str) -> Way:
    """The way that fits and is fastest.

    Raises:
        DoesNotFit: none does.
    """
    ways = list(_ways(gpu, quantised))
    for way in ways:
        if needs(shape, rank, tokens, way).total <= room.bytes:
            return way
    least = needs(shape, rank, tokens, ways[-1])
    free = f"of the {_gb(room.free)} that are free on {room.place} {_gb(room.bytes)} may be used"
    what = f"training on {name} ({shape.parameters / 1e9:.2g} billion parameters, rows of up to {tokens} tokens)"
    raise DoesNotFit(f"{what} needs {_gb(least.total)} of memory, and {free}: {_remedy(least, room, gpu, quantised)}")


def check_disk(shape: Shape, rank: int, free: float) -> None:
    """See that three checkpoints and two copies of the adapter have room.

    Raises:
        DoesNotFit: they have not.
    """
    needed = shape.adapter(rank) * (3 * KEPT + 2 * 4) + 0.05 * GB
    if needed > free:
        raise DoesNotFit(
            f"checkpoints need {_gb(needed)} on the disk of the store, and {_gb(free)} are free: make room, move the "
            "store ([store] path), or lower [plugins.lora] rank"
        )


def _kept(shape: Shape) -> int:
    """Numbers that a layer keeps of each token until its gradient: inputs and outputs of its parts, and for each of the
    seven matrices what the adapter's dropout left of its input."""
    asked, kept = shape.heads * shape.width, shape.pairs * shape.width
    return 12 * shape.hidden + 4 * asked + 4 * kept + 7 * shape.feed


def _ways(gpu: bool, quantised: bool) -> Iterator[Way]:
    kinds = ("4 bits",) if quantised else ("bfloat16",) if gpu else ("float32", "bfloat16")
    yield from (Way(kind, recompute) for kind in kinds for recompute in (False, True))


def _remedy(least: Needs, room: Room, gpu: bool, quantised: bool) -> str:
    if least.total <= room.free:
        return f"raise [plugins.lora] memory to {min(1.0, least.total / room.free + 0.01):.2f}, or stop other programs"
    if least.weights + RUNTIME > room.free:
        smaller = "quantised = true with a folder as base" if gpu and not quantised else "a GPU or machine with more"
        return f"its weights alone take {_gb(least.weights)}; serve and tune a smaller model, or use {smaller}"
    return "lower [plugins.lora] longest or patterns, so that rows are shorter"


def _gb(size: float) -> str:
    return f"{size / GB:.1f} GB"
