"""Which files the paths mean, and their bytes, decompressed."""

from __future__ import annotations

import glob
import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import pyarrow as pa

from sllm_core.plugin import PluginError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_MAGIC = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"BZh", "bz2"))
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_PROBE = 2048
_STEP = 512


def expand(paths: Sequence[str | Path]) -> list[Path]:
    """The files that the paths mean, sorted and each once.

    A path is a file, a directory (all text files below it, compressed ones too; hidden ones and those that look binary
    are left out) or a pattern with `*`, `?`, `[…]` and `**`; `~` at its start is the user's folder. A directory that
    cannot be read stands for itself, so that who opens it is told why, and the others are read.

    Raises:
        PluginError: a path means no file.
    """
    return sorted({found for path in paths for found in _expand(_at_home(Path(path)))})


def _at_home(path: Path) -> Path:
    """The path with the user's folder for `~`, unless there is a file of that name."""
    if not path.parts or not path.parts[0].startswith("~") or path.exists():
        return path
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def _expand(path: Path) -> list[Path]:
    if path.is_dir():
        found = _text_files(path)
        if not found:
            raise PluginError(f"{path}: no text files in this folder; hidden and binary ones are not read")
    elif path.exists():
        found = [path]
    else:
        matches = map(Path, glob.glob(str(path), recursive=True))
        found = [each for match in matches for each in ([match] if match.is_file() else [])]
    if not found:
        raise PluginError(
            f"{path}: no such file, and no file matches; check the path, or quote a pattern so that it arrives here"
        )
    return found


def _text_files(folder: Path) -> list[Path]:
    refused: list[OSError] = []
    found: list[Path] = []
    for root, folders, names in os.walk(folder, onerror=refused.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files = (Path(root, name) for name in names if not name.startswith("."))
        found += [each for each in files if each.is_file() and not _looks_binary(each)]
    return [*found, *(Path(error.filename) for error in refused)]


def _looks_binary(path: Path) -> bool:
    try:
        with open_bytes(path) as stream:
            start = stream.read(_PROBE)
    except PluginError:
        return False
    return b"\0" in start and not start.startswith(_BYTE_ORDER_MARKS)


def open_bytes(path: Path) -> BinaryIO:
    """The bytes of the file, decompressed if it begins like gzip, zstd or bzip2 (several members too).

    Raises:
        PluginError: the file cannot be read; or, while it is read, the archive is damaged or cut off. What could be
            decompressed until there has been given out before.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise PluginError(f"{path}: cannot be read: {error.strerror}") from error
    start = file.peek(4)
    codec = next((name for magic, name in _MAGIC if start.startswith(magic)), None)
    return cast(BinaryIO, _Decompressed(path, file, codec)) if codec else file


def stored_position(stream: BinaryIO) -> int:
    """How many bytes of a file as it is stored have been read of what `open_bytes` gave."""
    return stream.stored if isinstance(stream, _Decompressed) else stream.tell()


class _Decompressed(io.RawIOBase):
    """The decompressed bytes of an archive; read in small steps, since those of a step that fails are lost."""

    def __init__(self, path: Path, file: BinaryIO, codec: str) -> None:
        self._path = path
        self._file = file
        self._codec = codec
        self._stream = pa.CompressedInputStream(file, codec)
        self._error: OSError | None = None

    def readable(self) -> bool:
        return True

    @property
    def stored(self) -> int:
        """How many bytes of the archive have been read."""
        return self._file.tell()

    def readinto(self, target: WriteableBuffer, /) -> int:
        view = memoryview(target).cast("B")
        filled = 0
        for part in self._parts(len(view)):
            view[filled : filled + len(part)] = part
            filled += len(part)
        return filled

    def _parts(self, length: int) -> Iterator[bytes]:
        """At most `length` bytes; an error is kept for the next call when some could be read before."""
        given = 0
        while given < length and not self._error:
            try:
                part = self._stream.read(min(_STEP, length - given))
            except OSError as error:
                self._error = error
                break
            if not part:
                return
            given += len(part)
            yield part
        if self._error and not given:
            raise self._damaged(self._error) from self._error

    def _damaged(self, error: OSError) -> PluginError:
        return PluginError(
            f"{self._path}: the {self._codec} archive is damaged or cut off ({error}); what stands before was read"
        )

    def close(self) -> None:
        self._file.close()
        super().close()
