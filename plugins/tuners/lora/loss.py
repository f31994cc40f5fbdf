"""The loss on packs of rows: of each token that counts, by what it counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .packing import EncodedRow, Pack, pack

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

ALIKE = 0.02
"""How far logits of rows in a pack may be from those of the rows alone, as a share of the largest; a row that saw
others would be off by more than 0.1, rounding in bfloat16 by less than 0.01."""


def pack_loss(model: Module, of: Pack, device: str) -> Tensor:
    """The sum of the losses of all tokens that count, in nats, each times its weight."""
    import torch

    if not of.places:
        return 0.0 * _logits(model, of, device, (0,)).sum()
    targets, weights = torch.tensor(of.targets, device=device), torch.tensor(of.weights, device=device)
    losses = torch.nn.functional.cross_entropy(_logits(model, of, device, of.places), targets, reduction="none")
    return (losses * weights).sum()


def held_loss(model: Module, packs: Iterable[Pack], device: str) -> tuple[float, float]:
    """The loss on packs without learning from them: the sum, and the sum of the weights."""
    import torch

    learns = model.training
    model.eval()
    with torch.no_grad():
        losses = [(float(pack_loss(model, each, device)), sum(each.weights)) for each in packs]
    model.train(learns)
    return sum(loss for loss, _ in losses), sum(weight for _, weight in losses)


def shares_rightly(model: Module, rows: Sequence[EncodedRow], device: str) -> bool:
    """Whether two rows in one pack get the logits that each gets alone, in this model."""
    import torch

    both = pack(rows[:2])
    learns = model.training
    model.eval()
    with torch.no_grad():
        alone = torch.cat([_last(model, row, device) for row in rows[:2]])
        together = _logits(model, both, device, _ends(both))
    model.train(learns)
    return bool((alone - together).abs().max() <= ALIKE * alone.abs().max())


def _last(model: Module, row: EncodedRow, device: str) -> Tensor:
    return _logits(model, pack([row]), device, (len(row.ids) - 1,))


def _ends(of: Pack) -> tuple[int, ...]:
    """Where each row ends."""
    return tuple(len(of.owners) - 1 - of.owners[::-1].index(owner) for owner in sorted({*of.owners} - {0}))


def _logits(model: Module, of: Pack, device: str, places: Sequence[int]) -> Tensor:
    """The logits behind some places, (places, vocabulary), in 32 bits."""
    import torch

    seen = {}
    if of.shares:
        owners = torch.tensor(of.owners, device=device)
        own = (owners[None, :] == 0) | (owners[None, :] == owners[:, None])
        seen = {"attention_mask": own.tril()[None, None], "position_ids": torch.tensor([of.positions], device=device)}
    kept = torch.tensor(places, device=device)
    ids = torch.tensor([of.ids], device=device)
    answer = model(input_ids=ids, logits_to_keep=kept, use_cache=False, **seen)
    logits: Tensor = answer.logits[0].float()
    return logits
