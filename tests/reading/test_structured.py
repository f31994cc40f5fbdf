"""Lines that are objects."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from sllm_core.reading import Reader
from sllm_core.reading.structured import load_json, parse_line


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        (b"level=info msg=up", {"level": "info", "msg": "up"}),
        (b'ts=1 msg="a \\"b\\" c" user=', {"ts": "1", "msg": 'a "b" c', "user": ""}),
        (b"level=info  a.b=1ms ", {"level": "info", "a.b": "1ms"}),
    ],
)
def test_logfmt(line: bytes, pairs: dict[str, str]) -> None:
    assert parse_line("logfmt", line) == pairs


@pytest.mark.parametrize("line", [b"a=1 b=2", b"level=info and more", b"level info", b"x level=info msg=a", b""])
def test_what_is_no_logfmt(line: bytes) -> None:
    assert parse_line("logfmt", line) is None


@pytest.mark.parametrize("line", [b"[1]", b'{"a":', b"null", b"{a}", b'{"a":NaN}'])
def test_what_is_no_json_object(line: bytes) -> None:
    assert parse_line("json", line) is None


def test_half_of_a_surrogate_pair_loses_nothing_else() -> None:
    line = rb'{"time":"2024-05-01T12:00:00Z","level":"error","msg":"cut \ud83d off"}'
    given = Reader("s", reference=datetime(2024, 6, 1, tzinfo=UTC))
    (row,) = pa.concat_tables([given.feed(line), given.finish()]).to_pylist()
    assert (row["level"], row["message"], row["timestamp"].hour) == ("ERROR", "cut ? off", 12)


@pytest.mark.parametrize("text", [b"[1", rb'"\ud800', b"[" * 100_000 + rb'"\ud800"'])
def test_what_is_no_json_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        load_json(text)
