"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sllm_core.plugin import PluginError


class OutputError(PluginError):
    """The output cannot be written; the message says why."""

    exit_code = 1


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the place of `path` when all is written; on an error `path` stays as it was.

    A link is followed; what is no regular file (a pipe, a device) is written to as it is.

    Raises:
        OutputError: it cannot be written.
    """
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as stream:
                yield stream
            return
        yield from _replaced(target)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error


def _replaced(target: Path) -> Iterator[BinaryIO]:
    temporary = target.with_name(f".{target.name[:200]}.{secrets.token_hex(4)}.part")
    try:
        with temporary.open("xb") as stream:
            if target.exists():
                shutil.copymode(target, temporary)
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def check_writable(path: Path, inputs: Iterable[Path] = ()) -> None:
    """Before long work, that `path` can be written after it and is none of the files that are read for it.

    Raises:
        PluginError: it may not be written, its folder is not there, or it is a folder, or one of `inputs`.
    """
    folder = Path(os.path.realpath(path)).parent
    if path.is_dir():
        raise PluginError(f"cannot write {path}: it is a folder; give the name of a file")
    if not folder.is_dir():
        raise PluginError(f"cannot write {path}: there is no folder {folder}")
    if not os.access(folder, os.W_OK):
        raise PluginError(f"cannot write {path}: no permission to write in {folder}")
    if path.exists() and not os.access(path, os.W_OK):
        raise PluginError(f"cannot write {path}: it is write-protected")
    if path.is_file() and any(each.exists() and path.samefile(each) for each in inputs):
        raise PluginError(f"cannot write {path}: it is one of the files that are read; give another name")
