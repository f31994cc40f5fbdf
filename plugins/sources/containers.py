"""Files that are no text, or hold other files: known by how they begin, and refused with what to do instead."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from sllm_core.plugin import PluginError


@dataclass(frozen=True)
class Sign:
    """`mark` stands at byte `place` of every file of the kind `what`; `remedy` is a command, {} the file.

    Files (no streams) of a kind that is `opened` are decompressed before they get here.
    """

    mark: bytes
    what: str
    remedy: str
    place: int = 0
    opened: bool = False


SIGNS = (
    Sign(b"PK\x03\x04", "a zip archive", "unzip -p {}"),
    Sign(b"ustar", "a tar archive", "tar xOf {}", 257),
    Sign(b"\x1f\x8b", "gzip data", "zcat {}", opened=True),
    Sign(b"BZh", "bzip2 data", "bzcat {}", opened=True),
    Sign(b"\x28\xb5\x2f\xfd", "zstd data", "zstdcat {}", opened=True),
    Sign(b"\xfd7zXZ\x00", "xz data", "xzcat {}"),
    Sign(b"\x04\x22\x4d\x18", "lz4 data", "lz4cat {}"),
    Sign(b"\x1f\x9d", "compress data", "zcat {}"),
    Sign(b"7z\xbc\xaf\x27\x1c", "a 7z archive", "7z x -so {}"),
    Sign(b"Rar!\x1a\x07", "a rar archive", "unrar p -inul {}"),
    Sign(b"LPKSHHRH", "a systemd journal", "journalctl -o short-iso --file {}"),
    Sign(b"SQLite format 3\x00", "a SQLite database", ""),
    Sign(b"ElfFile\x00", "a Windows event log", ""),
    Sign(b"PAR1", "a Parquet file", ""),
    Sign(b"\x7fELF", "a program", ""),
)
"""What people hand over in place of a log, by mistake or in hope."""


def refuse_container(name: str, start: bytes) -> None:
    """Accepts everything but what SIGNS tells.

    `start` are the first bytes, decompressed once if they were compressed; `name` is a path, or stdin.

    Raises:
        PluginError: it is no text; the message has a command that makes text of it, where there is one.
    """
    for sign in SIGNS:
        if start.startswith(sign.mark, sign.place):
            raise PluginError(f"{name}: this is {sign.what}, which is not read; {_remedy(sign, name)}")


def _remedy(sign: Sign, name: str) -> str:
    if not sign.remedy:
        return "export its content as text first"
    if sign.opened and name != "stdin":
        return "it was compressed twice: decompress it once first"
    file = "-" if name == "stdin" else shlex.quote(name)
    return f"unpack it first, for example: {sign.remedy.format(file)} | sllm analyze -"
