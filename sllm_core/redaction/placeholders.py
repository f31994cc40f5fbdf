"""What stands for a secret: `<email:1>`, the same number for the same secret."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, get_args

Kind = Literal["password", "token", "key", "cookie", "email", "card", "resident", "phone", "address"]
"""The kinds of secrets that core knows; `resident` is the Korean resident registration number."""

KINDS: tuple[str, ...] = get_args(Kind)
"""Their names."""

OPAQUE = "\ue000"
"""What recognisers see in the place of each character of a placeholder between its < and >."""

_VEILED = re.compile(f"<{OPAQUE}++>")
REMEMBERED = 200_000
_FAR = 1_000_000
_NO_DIGITS = re.compile(r"\D+")
_AS_DIGITS = frozenset({"card", "resident", "phone"})
_KOREA = "82"


class Placeholders:
    """Finds placeholders of those kinds in a text, or what somebody wrote that looks like them."""

    def __init__(self, kinds: Iterable[str]) -> None:
        self._shape = re.compile(rf"<({'|'.join(map(re.escape, kinds))}):(\d{{1,9}})>")

    def numbers(self, text: str) -> Iterator[tuple[str, int]]:
        """Kind and number of each."""
        if "<" in text:
            yield from ((found[1], int(found[2])) for found in self._shape.finditer(text))

    def veiled(self, text: str) -> str:
        """The text with what each says made opaque, so that `<password:1>` is no password that begins with 1."""
        return self._shape.sub(lambda found: f"<{OPAQUE * (len(found[0]) - 2)}>", text) if "<" in text else text

    def whole(self, start: int, end: int, veiled: str) -> tuple[int, int]:
        """The same place, but with all of the placeholders that it cuts; nothing (end is start) if it is within one."""
        if OPAQUE not in veiled:
            return start, end
        for found in _VEILED.finditer(veiled):
            if found.start() <= start and end <= found.end():
                return start, start
            if found.start() < end and start < found.end():
                start, end = min(start, found.start()), max(end, found.end())
        return start, end

    def marked(self, text: str, mark: Callable[[str], str]) -> str:
        """The text with each placeholder as `mark` shows it."""
        return self._shape.sub(lambda found: mark(found[0]), text)


class Numbering:
    """Gives each secret of a session its placeholder.

    It keeps keyed hashes and not the secrets, of the last REMEMBERED ones; one that was forgotten gets a new number,
    and no number is given twice. Placeholders that a text brings along keep theirs: what comes later is numbered on
    from there, so that nobody can write the placeholder of a secret beforehand. `counts` says how often each kind was
    replaced.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._key = secrets.token_bytes(16)
        self._numbers: dict[bytes, int] = {}
        self._last: Counter[str] = Counter()

    def keep_off(self, taken: Iterable[tuple[str, int]]) -> None:
        """The numbers of placeholders that are there already, by kind, are not given."""
        for kind, number in taken:
            if self._last[kind] < number < _FAR:
                self._last[kind] = number

    def placeholder(self, kind: str, secret: str) -> str:
        """What stands for the secret."""
        self.counts[kind] += 1
        name = f"{kind}:{_identity(kind, secret)}".encode(errors="surrogatepass")
        digest = hashlib.blake2b(name, key=self._key, digest_size=12).digest()
        number = self._numbers.get(digest)
        if number is None:
            self._last[kind] += 1
            number = self._numbers[digest] = self._last[kind]
            if len(self._numbers) > REMEMBERED:
                del self._numbers[next(iter(self._numbers))]
        return f"<{kind}:{number}>"


def _identity(kind: str, secret: str) -> str:
    """What two ways of writing the same secret have in common."""
    if kind == "email":
        return secret.casefold().replace("%40", "@")
    if kind not in _AS_DIGITS:
        return secret
    digits = _NO_DIGITS.sub("", secret)
    national = digits.removeprefix(_KOREA).lstrip("0")
    return f"0{national}" if kind == "phone" and digits.startswith((_KOREA, "0")) else digits
