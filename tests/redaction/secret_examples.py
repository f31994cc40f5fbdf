"""The corpus of this folder: lines with marked secrets, and harmless lines, with values drawn anew for each.

In corpus/secrets_*.txt a secret stands as ⟦kind:secret⟧, where @name is a drawn value; ⏎ is a line feed. What looks
like a credential of a provider is made in `drawn_values` from parts, so that no scanner finds one in the files. In
corpus/harmless*.txt {name} is a drawn value.

`known`, `held_out` and `harmless` were written before the rules; `held_out` was not looked at until they were done,
and 248 of its 249 secrets were found then. `second_look` was written to break the rules (108 of 145 credentials were
found at first), `last_look` after they had been mended (106 of 113). Since then rules may have been made for any.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from drawn_values import HEX, SLOTS, VALUES, date, some

FOLDER = Path(__file__).parent / "corpus"
SECRETS = ("secrets_known", "secrets_held_out", "secrets_second_look", "secrets_last_look")
HARMLESS = ("harmless", "harmless_second_look")
CREDENTIALS = frozenset({"password", "token", "key", "cookie"})

_MARK = re.compile(r"⟦(\w+):(.*?)⟧")
_NAME = re.compile(r"@(\w+)")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Example:
    """A text, and the secrets in it as (kind, secret); `plain` is the text with `<kind>` in their places."""

    text: str
    secrets: tuple[tuple[str, str], ...]
    plain: str


def secrets(*names: str, seed: int = 1) -> list[Example]:
    """The examples of these files (of all, if none is named), the same ones at every call with the same seed."""
    rng = random.Random(seed)
    return [_example(line, rng) for name in names or SECRETS for line in _lines(name)]


def harmless(copies: int = 4, seed: int = 1) -> list[str]:
    """The harmless lines, each so many times with other values."""
    rng = random.Random(seed)
    lines = [line for name in HARMLESS for line in _lines(name)]
    return [_SLOT.sub(lambda found: _drawn(found, rng), line) for line in lines for _ in range(copies)]


def leaked(secret: str, output: str, plain: str) -> bool:
    """Whether the secret, or a half of it, is still there besides where it stands in the rest of the text."""
    half = len(secret) // 2
    parts = (secret[:half], secret[half:]) if half >= 4 else (secret,)
    return any(output.count(part) > plain.count(part) for part in parts)


def _lines(name: str) -> Iterator[str]:
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("# "):
            yield line.replace("⏎", "\n")


def _example(line: str, rng: random.Random) -> Example:
    found: list[tuple[str, str]] = []

    def reveal(mark: re.Match[str]) -> str:
        secret = _NAME.sub(lambda name: VALUES[name[1]](rng) if name[1] in VALUES else name[0], mark[2])
        found.append((mark[1], secret))
        return secret

    return Example(_MARK.sub(reveal, line), tuple(found), _MARK.sub(r"<\1>", line))


def _drawn(slot: re.Match[str], rng: random.Random) -> str:
    name = slot[1]
    if name in SLOTS:
        return SLOTS[name](rng)
    sized = re.fullmatch(r"(hex|date|n)(\d+)", name)
    if sized is None:
        return slot[0]
    kind, width = sized[1], int(sized[2])
    if kind == "hex":
        return some(HEX, width, rng)
    return date(rng)[8 - width :] if kind == "date" else f"{rng.randrange(1, 10)}{some(string.digits, width - 1, rng)}"
