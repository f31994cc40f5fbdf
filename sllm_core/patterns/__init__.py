"""Log messages reduced to patterns: fingerprint, mask, merge, and a table of ids, templates and aliases.

Of each message the `head` runs through `fingerprint`, one pass that gives equal keys to messages that differ only in
words with digits. Only a key never seen before goes on: `mask` replaces what is a value by its form, `merge` what is
one by the number of words seen in its place in an `outline`; `ids` names the result, `registry` keeps it, in `row`s
for the store, `upgrade` leads what an older mask or another key had made to it, and `table` is the way in.
"""

from __future__ import annotations

from sllm_core.patterns.row import PatternRow
from sllm_core.patterns.table import PatternTable

__all__ = ["PatternRow", "PatternTable"]
