"""Lines that are objects."""

from __future__ import annotations

import pytest

from sllm_core.reading.structured import parse_line


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
