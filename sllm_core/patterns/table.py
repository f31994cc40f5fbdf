"""Messages to pattern ids, and what stands behind the ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from threading import RLock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.buffers import to_arrow, to_numpy
from sllm_core.patterns.fingerprint import Fingerprint, KernelKeys, Keys, TextKeys, mask_digits
from sllm_core.patterns.head import chunks, heads
from sllm_core.patterns.mask import mask_all
from sllm_core.patterns.registry import Registry
from sllm_core.patterns.row import EXAMPLE, PatternRow

WARM_UP = 3_000_000
"""After how many messages the compiled loop pays: for what it takes to load, and for learning all fingerprints anew."""

_FEW = 500
"""Fewer ids than these are looked up as they are; of more, each is looked up once."""

REMEMBERED = 4
"""How many fingerprints are remembered for each pattern of the limit; beyond that they are looked up anew."""


class PatternTable:
    """Gives each message the id of its pattern, and keeps template, example and alias of each pattern.

    Ids are hashes of templates: the same template has the same id in each source and on each replica, and patterns
    are merged across sources. A pattern may later give way to a more general one; `resolve` follows. Once a set of
    messages was seen, the resolved ids depend on that set alone: not on order, batches, repetition, restarts or the
    kernel, as long as no source is full. All methods may be called from several threads.

    Args:
        limit: how many patterns each source may bring in; those that gave way to others, of which as many are kept, do
            not count. After that, what fits none goes to one pattern per source.
        key: at most 64 bytes, the same on all replicas; makes ids that outsiders cannot foresee.
        accelerate: use the compiled loop. None: if llvmlite is there, once there is enough to read.

    Raises:
        ImportError: `accelerate` is True and llvmlite is not installed.
        ValueError: `limit` is not positive, or `key` is too long.
    """

    def __init__(self, *, limit: int = 50_000, key: bytes = b"", accelerate: bool | None = None) -> None:
        if limit < 1 or len(key) > 64:
            raise ValueError("limit must be at least 1, and key at most 64 bytes long")
        self.limit = limit
        self._lock = RLock()
        self._registry = Registry(limit, key)
        self._remember = REMEMBERED * limit
        self._known: dict[int, int] = {}
        self._aliases: tuple[NDArray[np.uint64], NDArray[np.uint64]] | None = None
        self._overflowed: Counter[str] = Counter()
        self._to_warm_up = WARM_UP if accelerate is None else None
        self._fingerprint: Fingerprint = KernelKeys() if accelerate else TextKeys()

    def __len__(self) -> int:
        """The number of patterns, not counting those that gave way to others."""
        with self._lock:
            return len(self._registry)

    def assign(self, source: str, messages: pa.Array | pa.ChunkedArray) -> NDArray[np.uint64]:
        """The ids of the patterns of the messages, shape (len(messages),). A missing message counts as empty.

        Only the first line, cut at 1,000 characters, and the class of an exception below it take part.
        """
        parts = [self._assign(source, chunk) for chunk in chunks(messages) if len(chunk)]
        return np.concatenate(parts) if parts else np.empty(0, np.uint64)

    def resolve(self, ids: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """The ids that those given earlier lead to now, in the same shape. An unknown id leads to itself."""
        with self._lock:
            aliases, now = self._leads()
        asked = np.array(ids, np.uint64)
        if not len(aliases) or not asked.size:
            return asked
        if asked.size < _FEW:
            return _followed(asked, aliases, now)
        encoded = to_arrow(asked.ravel()).dictionary_encode()
        resolved: NDArray[np.uint64] = _followed(to_numpy(encoded.dictionary), aliases, now)[to_numpy(encoded.indices)]
        return resolved.reshape(ids.shape)

    def _leads(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """The ids that lead to others, ascending, and where to; known until something is learnt."""
        if self._aliases is None:
            self._aliases = self._registry.aliases()
        return self._aliases

    def template(self, pattern: int) -> str:
        """The text of a pattern, `<*>` where values vary and `↵` where more lines follow; of an alias, its own.

        Raises:
            KeyError: no pattern has this id.
        """
        with self._lock:
            return self._registry.row(int(pattern)).template

    def example(self, pattern: int) -> str:
        """One message of the pattern, cut at 1,000 characters.

        Raises:
            KeyError: no pattern has this id.
        """
        with self._lock:
            return self._registry.row(int(pattern)).example

    def overflowed(self, source: str) -> int:
        """How many messages found their source full and fitted no pattern."""
        return self._overflowed[source]

    def mask(self, pattern: int) -> str:
        """The version of the mask that made this id: today's is `ids.MASK_VERSION`; empty for what `other` gives.

        Raises:
            KeyError: no pattern has this id.
        """
        with self._lock:
            return self._registry.row(int(pattern)).mask

    def other(self, source: str) -> int:
        """The id that messages have which found their source full and fitted no pattern."""
        return self._registry.other_id(source)

    def taken(self, source: str) -> int:
        """How many of its `limit` places the patterns take that the source has brought in."""
        return self._registry.taken(source)

    def rows(self) -> list[PatternRow]:
        """What stands behind every id that was given, aliases among them."""
        with self._lock:
            return self._registry.rows()

    def lineage(self, ids: Iterable[int]) -> list[PatternRow]:
        """The rows of these ids, and of all that they lead to; ids that are unknown are left out."""
        found: dict[int, PatternRow] = {}
        coming = list(ids)
        with self._lock:
            while coming:
                row = self._registry.find(coming.pop())
                if row is not None and row.id not in found:
                    found[row.id] = row
                    coming.extend(() if row.alias_of is None else (row.alias_of,))
        return list(found.values())

    def is_news(self, row: PatternRow) -> bool:
        """Whether a row of another table tells something that this one does not know: a pattern, or what it leads to.

        Where both lead somewhere, there is nothing to add: an alias that was given stays.
        """
        with self._lock:
            own = self._registry.find(row.id)
        return own is None or (own.alias_of is None and row.alias_of is not None)

    def changes(self) -> list[PatternRow]:
        """The rows that are new or changed since the last call, for the store."""
        with self._lock:
            return self._registry.changes()

    def take_back(self, rows: Iterable[PatternRow]) -> None:
        """Give these again with the next `changes`: they could not be stored."""
        with self._lock:
            self._registry.take_back(rows)

    def restore(self, rows: Iterable[PatternRow]) -> None:
        """Take up what `changes` gave in earlier runs or on replicas (of each id the latest row), in any order.

        Rows of an older mask, or of another key, become aliases of what today's mask makes of their examples. Rows that
        were lost are learnt again from messages, under the same ids.
        """
        with self._lock:
            self._aliases = None
            self._registry.restore(rows)

    def replace(self, rows: Iterable[PatternRow]) -> None:
        """Take up these rows instead of all that is known."""
        with self._lock:
            self._aliases = None
            self._registry = self._registry.without_patterns()
            self._known.clear()
            self._registry.restore(rows)

    def _assign(self, source: str, messages: pa.Array) -> NDArray[np.uint64]:
        texts = heads(messages)
        keys = self._choose(len(texts))(texts)
        with self._lock:
            numbers = self._numbers(source, messages, texts, keys)
            placed = [number for number in numbers if number is not None]
            ids = self._registry.currents(placed)
            if len(placed) < len(numbers):
                self._count_overflow(source, numbers, keys)
                ids = self._with_overflow(source, numbers, ids)
        assigned: NDArray[np.uint64] = np.array(ids, np.uint64)[keys.codes]
        return assigned

    def _numbers(self, source: str, messages: pa.Array, texts: pa.Array, keys: Keys) -> list[int | None]:
        """The number of the pattern of each key; None where the source is full and the key fits none."""
        if len(self._known) > self._remember:
            self._known.clear()
        numbers = list(map(self._known.get, keys.distinct))
        new = [place for place, number in enumerate(numbers) if number is None]
        if new:
            self._aliases = None
            for place, number in zip(new, self._learn(source, messages, texts, keys.first()[new]), strict=True):
                numbers[place] = number
                if number is not None:
                    self._known[keys.distinct[place]] = number
        return numbers

    def _learn(self, source: str, messages: pa.Array, texts: pa.Array, rows: NDArray[np.int64]) -> list[int | None]:
        chosen = to_arrow(rows)
        templates = mask_all(mask_digits(texts.take(chosen)))
        examples = pc.utf8_slice_codeunits(messages.take(chosen), 0, EXAMPLE).to_pylist()
        return self._registry.learn(source, templates, examples)

    def _with_overflow(self, source: str, numbers: list[int | None], ids: list[int]) -> list[int]:
        """The ids, and between them that of what a full source cannot place."""
        other, following = self._registry.other(source), iter(ids)
        return [other if number is None else next(following) for number in numbers]

    def _count_overflow(self, source: str, numbers: list[int | None], keys: Keys) -> None:
        counts = np.bincount(keys.codes, minlength=len(numbers))
        self._overflowed[source] += int(counts[[number is None for number in numbers]].sum())

    def _choose(self, coming: int) -> Fingerprint:
        with self._lock:
            if self._to_warm_up is not None:
                self._to_warm_up -= coming
                if self._to_warm_up < 0:
                    self._to_warm_up = None
                    self._accelerate()
            return self._fingerprint

    def _accelerate(self) -> None:
        try:
            self._fingerprint = KernelKeys()
        except ImportError:
            return
        self._known.clear()


def _followed(ids: NDArray[np.uint64], aliases: NDArray[np.uint64], now: NDArray[np.uint64]) -> NDArray[np.uint64]:
    places = np.minimum(np.searchsorted(aliases, ids), len(aliases) - 1)
    return np.where(aliases[places] == ids, now[places], ids)
