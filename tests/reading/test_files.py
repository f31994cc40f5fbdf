"""Paths and archives."""

from __future__ import annotations

import bz2
import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from sllm_core.plugin import PluginError
from sllm_core.reading import expand, open_bytes

TEXT = b"".join(b"line %d of a log\n" % number for number in range(20_000))


def zstd(data: bytes) -> bytes:
    packed: bytes = pa.compress(data, codec="zstd", asbytes=True)
    return packed


def write(path: Path, data: bytes = b"x\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_files_patterns_and_directories_each_once(tmp_path: Path) -> None:
    files = [write(tmp_path / name) for name in ("a.log", "b/c.log", "b/d/e.txt")]
    assert expand([tmp_path, tmp_path / "a.log", str(tmp_path / "**" / "*.log")]) == files


def test_hidden_and_binary_files_of_directories_are_left_out(tmp_path: Path) -> None:
    kept = [write(tmp_path / "a.log"), write(tmp_path / "u16.log", "\ufeffa\n".encode("utf-16-le"))]
    write(tmp_path / ".hidden")
    write(tmp_path / ".git" / "config")
    write(tmp_path / "image", b"\x89PNG\0\0")
    assert expand([tmp_path]) == kept


def test_binary_file_that_is_named_is_read(tmp_path: Path) -> None:
    assert expand([write(tmp_path / "core", b"a\0b")]) == [tmp_path / "core"]


@pytest.mark.parametrize("name", ["none.log", "*.none", "~nobody-at-all/x.log"])
def test_path_that_means_no_file_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(PluginError, match="no such file"):
        expand([tmp_path / name if "~" not in name else name])


def test_folder_without_text_files_is_told(tmp_path: Path) -> None:
    write(tmp_path / "image", b"\x89PNG\0\0")
    with pytest.raises(PluginError, match="no text files in this folder"):
        expand([tmp_path])


def test_home_folder_is_expanded_where_the_shell_did_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    kept = write(tmp_path / "a.log")
    assert expand(["~/a.log", "~/*.log"]) == [kept]


def test_file_that_begins_with_a_tilde_is_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "~")
    assert expand(["~"]) == [Path("~")]


def test_folder_that_cannot_be_read_stands_among_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, scandir = write(tmp_path / "a.log"), os.scandir
    write(tmp_path / "b" / "c.log")

    def refusing(path: str) -> Iterator[os.DirEntry[str]]:
        if path == str(tmp_path / "b"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert expand([tmp_path]) == [kept, tmp_path / "b"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd, bz2.compress])
def test_archives_are_known_by_their_first_bytes(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = write(tmp_path / "a.log", pack(TEXT))
    with open_bytes(path) as stream:
        assert b"".join(iter(lambda: stream.read(1 << 16), b"")) == TEXT


@pytest.mark.parametrize("pack", [gzip.compress, zstd, bz2.compress])
def test_archives_of_several_members(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = write(tmp_path / "a.log", pack(b"one\n") + pack(b"two\n"))
    with open_bytes(path) as stream:
        assert stream.read(100) == b"one\ntwo\n"


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_cut_off_archive_gives_what_it_has_and_then_tells(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(TEXT)
    read = b""
    with (
        open_bytes(write(tmp_path / "a.log", packed[: len(packed) - 20])) as stream,
        pytest.raises(PluginError, match="damaged"),
    ):
        while part := stream.read(1 << 16):
            read += part
    assert TEXT.startswith(read)


def test_cut_off_gzip_gives_nearly_all_of_it(tmp_path: Path) -> None:
    packed = gzip.compress(TEXT)
    with open_bytes(write(tmp_path / "a.log", packed[:-20])) as stream:
        assert len(stream.read(len(TEXT))) > 0.9 * len(TEXT)


def test_unreadable_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="cannot be read"):
        open_bytes(tmp_path)
