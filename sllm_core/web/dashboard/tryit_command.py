"""The command that asks what a page has asked."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from urllib.parse import urlencode

SHOWN = 12
"""So many lines stand in the command; more are read from a file."""

LONGEST = 2000


def command(url: str, lines: str, options: Mapping[str, str], *, needs_key: bool) -> str:
    """A call of curl for a POSIX shell, whatever stands in the lines; an empty text is read from a file."""
    query = f"?{urlencode(options, safe=',')}" if options else ""
    parts = ["curl", shlex.quote(f"{url.rstrip('/')}/analyze{query}"), "-H 'Content-Type: text/plain'"]
    if needs_key:
        parts.append('-H "Authorization: Bearer $SLLM_KEY"')
    text = lines.rstrip("\n")
    if not text.strip() or text.count("\n") >= SHOWN or len(text) > LONGEST:
        return " ".join([*parts, "--data-binary @app.log"])
    return " ".join([*parts, f"--data-binary @- <<'{_end(text)}'"]) + f"\n{text}\n{_end(text)}"


def _end(text: str) -> str:
    """A word that ends the lines and is none of them."""
    end, rows = "LINES", set(text.split("\n"))
    while end in rows:
        end += "_"
    return end
