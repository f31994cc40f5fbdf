from __future__ import annotations

import asyncio
import gzip
import io
import os
import threading
from datetime import UTC
from pathlib import Path
from typing import BinaryIO

import pytest

from sllm_core.plugin import PluginError
from sllm_core.records import LogBatch
from sllm_plugins.sources.stdin import StdinSource

LINES = b"".join(b"2026-01-01 00:00:%02d INFO line %d\n" % (number, number) for number in range(9))


async def batches(stream: BinaryIO | Path | None) -> list[LogBatch]:
    return [each async for each in StdinSource("stdin", stream, UTC).batches()]


def messages(stream: BinaryIO | Path | None) -> list[str]:
    return [text for each in asyncio.run(batches(stream)) for text in each.records["message"].to_pylist()]


def test_a_stream_is_read_to_its_end() -> None:
    assert messages(io.BytesIO(LINES)) == [f"line {number}" for number in range(9)]


def test_an_empty_stream_gives_nothing() -> None:
    assert messages(io.BytesIO(b"")) == []


def test_a_named_pipe_is_read_in_its_place(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes(LINES))
    writer.start()
    assert len(messages(tmp_path / "pipe")) == 9
    writer.join()


def test_a_device_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"gone: cannot be read: No such file"):
        messages(tmp_path / "gone")


def test_a_closed_standard_input_is_told() -> None:
    with pytest.raises(PluginError, match="standard input is closed"):
        messages(None)


def test_compressed_input_is_refused_with_a_remedy() -> None:
    with pytest.raises(PluginError, match=r"stdin: this is gzip data.*zcat - \| sllm analyze -"):
        messages(io.BytesIO(gzip.compress(LINES)))


def test_a_stream_that_never_ends_can_be_stopped() -> None:
    read, write = os.pipe()

    async def stopped(stream: BinaryIO) -> None:
        async with asyncio.timeout(0.05):
            await batches(stream)

    with os.fdopen(read, "rb") as stream, os.fdopen(write, "wb"), pytest.raises(TimeoutError):
        asyncio.run(stopped(stream))


def test_a_quiet_stream_gives_empty_batches() -> None:
    read, write = os.pipe()

    async def first(stream: BinaryIO) -> LogBatch:
        async for each in StdinSource("stdin", stream, UTC).batches():
            return each
        raise AssertionError

    with os.fdopen(read, "rb") as stream, os.fdopen(write, "wb"):
        assert len(asyncio.run(first(stream))) == 0
