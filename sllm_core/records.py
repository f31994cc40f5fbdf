"""A batch of log records in columns, and the windows of event time that core closes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import empty, to_numpy
from sllm_core.grouping import distinct

if TYPE_CHECKING:
    import pandas as pd

    from sllm_core.store.progress import Progress

T = TypeVar("T")

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
"""The levels of severity, ascending; every notation that a source meets is mapped to one of them."""

SLOTS = 60
"""Into how many equal slots of time the counts of a window are divided."""

TIMESTAMP = pa.timestamp("us", tz="UTC")
LEVEL = pa.dictionary(pa.int8(), pa.string())
NAME = pa.dictionary(pa.int32(), pa.string())

RECORDS = pa.schema(
    [
        ("origin", pa.string()),
        ("timestamp", TIMESTAMP),
        ("message", pa.string()),
        ("level", LEVEL),
        ("service", NAME),
        ("host", NAME),
        ("logger", NAME),
        ("trace_id", pa.string()),
    ]
)
"""The columns that a source gives; `line` (int64, from 1) may follow.

Core adds `pattern` (uint64) and `window` (timestamp: when the window starts).
"""

COUNTS = pa.schema(
    [("slot", pa.int16()), ("service", NAME), ("level", LEVEL), ("pattern", pa.uint64()), ("count", pa.int64())]
)
EXAMPLES = pa.schema(
    [("pattern", pa.uint64()), ("origin", pa.string()), ("timestamp", TIMESTAMP), ("message", pa.string())]
)


class Derived:
    """What an analyzer has made of a batch or a window, so that the others need not make it again.

    It is kept by all that it depends on beside the batch or the window, which never change.
    """

    def __init__(self) -> None:
        self._made: dict[Hashable, tuple[object, Any]] = {}

    def once(self, of: Hashable, by: object, make: Callable[[], T]) -> T:
        """What `make` gives, or gave for an equal `by`; only the last of each kind, `of`, is kept."""
        found = self._made.get(of)
        if found is None or found[0] != by:
            found = self._made[of] = by, make()
        made: T = found[1]
        return made


@dataclass(frozen=True, order=True)
class Window:
    """A span of event time of one shard, `start` included and `end` not, with what core counted in it.

    `part` is above 0 when an ended stream went on after its last window had been closed early. `counts` has one row
    for each slot, service, level and pattern seen (columns: COUNTS); `examples` has the first record of each pattern
    (columns: EXAMPLES). Both are there once the window is closed.
    """

    start: datetime
    end: datetime
    part: int = 0
    counts: pa.Table = field(default_factory=partial(empty, COUNTS), compare=False, repr=False)
    examples: pa.Table = field(default_factory=partial(empty, EXAMPLES), compare=False, repr=False)

    @cached_property
    def derived(self) -> Derived:
        """What analyzers have made of it."""
        return Derived()

    @cached_property
    def patterns(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """The distinct patterns (m,) of the counts, ascending, and for each row (n,) the place of its own."""
        return distinct(to_numpy(self.counts["pattern"].combine_chunks()))


@dataclass(frozen=True)
class Places:
    """Where the records of a batch stand in their shard by a numbering of the shard's own, as Kafka's offsets are.

    `each` (n,) int64 ascends, records of one message share a number; `end` lies behind all that was read, also behind
    what gave no record.
    """

    each: NDArray[np.int64]
    end: int


@dataclass(frozen=True)
class LogBatch:
    """Records of one shard, in order, with the cursor behind the last of them and the windows that they close.

    `shard` is the unit of order and ownership: a Kafka partition, a file, an index slice. `last` marks the empty
    batch that core sends when the source has ended. A source whose shards move between workers (components.Shared)
    gives `places` with all batches; a batch with `begins` says that a shard has come, and where it goes on; one with
    `gone` that it belongs to another worker now. Neither has records.
    """

    source: str
    shard: str
    records: pa.Table
    cursor: object = None
    closes: tuple[Window, ...] = ()
    last: bool = False
    places: Places | None = None
    begins: Progress | None = None
    gone: bool = False

    @cached_property
    def derived(self) -> Derived:
        """What analyzers have made of it."""
        return Derived()

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The records as a pandas frame whose columns are backed by Arrow."""
        import pandas as pd

        frame: pd.DataFrame = self.records.to_pandas(types_mapper=pd.ArrowDtype)
        return frame

    @cached_property
    def patterns(self) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """The distinct patterns (m,) of the records as they are met, and for each record (n,) the place of its own."""
        encoded = self.records["pattern"].combine_chunks().dictionary_encode()
        return to_numpy(encoded.dictionary), to_numpy(encoded.indices)

    def __len__(self) -> int:
        return int(self.records.num_rows)


def records_table(columns: Mapping[str, Sequence[object] | pa.Array], rows: int) -> pa.Table:
    """A table with all columns of RECORDS, in their types, from those at hand; the others are missing values."""
    extra = [pa.field("line", pa.int64())] if "line" in columns else []
    schema = pa.schema([*RECORDS, *extra])
    return pa.table([_column(columns.get(name), schema.field(name).type, rows) for name in schema.names], schema=schema)


def _column(values: Sequence[object] | pa.Array | None, kind: pa.DataType, rows: int) -> pa.Array:
    if values is None:
        return pa.nulls(rows, kind)
    array = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values)
    return array if array.type == kind else array.cast(kind)


def concat_records(tables: Iterable[pa.Table]) -> pa.Table:
    """The tables below one another, dictionaries unified."""
    return pa.concat_tables(tables).unify_dictionaries()
