"""The texts of the pages, by language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def words(language: str) -> Mapping[str, Any]:
    """The texts by section and name, from all files `*.<language>.toml` beside this one; texts with braces are formats.

    A text that counts has a partner with `_one` behind its name, for one of what is counted.
    """
    folder = files("sllm_core.web.dashboard")
    found = sorted((each for each in folder.iterdir() if each.name.endswith(f".{language}.toml")), key=lambda e: e.name)
    sections: dict[str, Any] = {}
    for each in found:
        sections |= tomllib.loads(each.read_text(encoding="utf-8"))
    return sections


def counted(section: Mapping[str, str], name: str, number: float, *values: object) -> str:
    """The text for a number of things: `1 record`, `2 records`."""
    one = f"{name}_one"
    text = section[one] if number == 1 and one in section else section[name]
    return text.format(number, *values)
