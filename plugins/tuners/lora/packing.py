"""Rows that begin alike are trained side by side: what they share is computed once, and each sees it and itself alone.

The adapter has a say in what a server computes of the system prompt too, so it can neither be left out nor kept from an
earlier step. It is the same for all rows of a step, however, so one pass over it serves them all, forwards and
backwards: the gradients are those of whole rows, at a fraction of the tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random

LEAST = 16
"""Tokens below which it is not worth while to share a beginning."""


@dataclass(frozen=True)
class EncodedRow:
    """A row as tokens: `prompt` of them are the question; `weights` has for each token what the loss on it counts."""

    ids: tuple[int, ...]
    weights: tuple[float, ...]
    prompt: int

    @property
    def weight(self) -> float:
        return sum(self.weights)


@dataclass(frozen=True)
class Pack:
    """Rows in one sequence of tokens, `positions` as each would have them by itself.

    `owners` tells to which row a token belongs, from 1 on, and 0 that all share it. `places` are the tokens behind
    which something is learnt, `targets` what should come there, `weights` what the loss on it counts.
    """

    ids: tuple[int, ...]
    positions: tuple[int, ...]
    owners: tuple[int, ...]
    places: tuple[int, ...]
    targets: tuple[int, ...]
    weights: tuple[float, ...]

    @property
    def shares(self) -> bool:
        return len(set(self.owners)) > 1


def pack(rows: Sequence[EncodedRow]) -> Pack:
    """All rows in one sequence, behind the beginning that they share. At least one row."""
    shared = _shared(rows) if len(rows) > 1 else 0
    ids, positions, owners = [*rows[0].ids[:shared]], [*range(shared)], [0] * shared
    learnt: list[tuple[int, int, float]] = []
    for number, row in enumerate(rows, 1):
        offset = len(ids) - shared
        ids += row.ids[shared:]
        positions += range(shared, len(row.ids))
        owners += [number] * (len(row.ids) - shared)
        learnt += [
            (offset + place - 1, row.ids[place], weight) for place, weight in enumerate(row.weights) if weight and place
        ]
    places, targets, weights = zip(*learnt, strict=True) if learnt else ((), (), ())
    return Pack(tuple(ids), tuple(positions), tuple(owners), places, targets, weights)


def packs(rows: Sequence[EncodedRow], longest: int, share: bool = True) -> list[Pack]:
    """The rows in as few packs as come from taking them in the order of their tokens, each of up to `longest` tokens.

    A row alone may be longer.
    """
    found: list[Pack] = []
    taken: list[EncodedRow] = []
    for row in sorted(rows, key=lambda each: each.ids):
        if taken and (not share or not _fits([*taken, row], longest)):
            found.append(pack(taken))
            taken = []
        taken.append(row)
    return [*found, pack(taken)] if taken else found


def schedule(groups: Sequence[int], batch: int, epochs: int, least: int, seed: int) -> list[list[int]]:
    """Which rows each step learns from: every row once in an epoch, in an order that follows from the seed.

    `groups` tells which rows begin alike; those of a step do, where there are enough. There are `epochs`, and more
    where these come to fewer than `least` steps.
    """
    random = Random(seed)
    steps: list[list[int]] = []
    in_epoch = -(-len(groups) // batch)
    total = max(least, epochs * in_epoch)
    while len(steps) < total:
        steps += _epoch(groups, batch, random)
    return steps[:total]


def of_rank(rows: Sequence[EncodedRow], rank: int, world: int) -> list[EncodedRow]:
    """The part of a step's rows that one of several processes learns from; one that counts nothing if there is none."""
    mine = list(rows[rank::world])
    return mine or [replace(rows[0], weights=(0.0,) * len(rows[0].weights))]


def _epoch(groups: Sequence[int], batch: int, random: Random) -> Iterable[list[int]]:
    order = list(range(len(groups)))
    random.shuffle(order)
    order.sort(key=lambda each: groups[each])
    batches = [order[begin : begin + batch] for begin in range(0, len(order), batch)]
    random.shuffle(batches)
    return batches


def _fits(rows: Sequence[EncodedRow], longest: int) -> bool:
    shared = _shared(rows)
    return shared >= LEAST and shared + sum(len(each.ids) - shared for each in rows) <= longest


def _shared(rows: Sequence[EncodedRow]) -> int:
    """How many tokens all begin with; the last of a question is each row's own, since its answer follows from it."""
    first, last = min(each.ids for each in rows), max(each.ids for each in rows)
    pairs = enumerate(zip(first, last, strict=False))
    alike = next((place for place, (one, other) in pairs if one != other), min(len(first), len(last)))
    return min(alike, *(each.prompt - 1 for each in rows))
