"""What may stay although it looks like a secret."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sllm_core.redaction.own_rules import matches_whole


@dataclass(frozen=True)
class Allowed:
    """`values` are exact, without case, or have `*` for any letters; `patterns` are RE2 and match all of a secret."""

    values: Sequence[str] = ()
    patterns: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.values or self.patterns)

    def __contains__(self, secret: object) -> bool:
        text = str(secret).casefold()
        if text in self._exact or (self._globs and self._globs.fullmatch(text)):
            return True
        return any(matches_whole(str(secret), each) for each in self.patterns)

    @cached_property
    def _exact(self) -> frozenset[str]:
        return frozenset(each.casefold() for each in self.values if "*" not in each)

    @cached_property
    def _globs(self) -> re.Pattern[str] | None:
        globs = [re.sub(r"([\[\]?])", r"[\1]", each.casefold()) for each in self.values if "*" in each]
        return re.compile("|".join(map(fnmatch.translate, globs))) if globs else None
