"""Messages of a plant by two policies: the old one, which the trained base knows, and one that its team follows now.

Every message is a pattern of its own.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from importlib import resources
from itertools import product
from types import MappingProxyType

from sllm_core.learning.gate import CANARIES

Labels = tuple[str, str]
"""A sentiment and a severity."""

NOUNS = ("reactor", "valve", "pump", "turbine", "boiler", "conveyor", "sensor", "relay")
"""So few that no place of a message is taken for a value, and messages stay patterns of their own."""

PLACES = ("north", "south", "east", "west", "upper", "lower", "inner", "outer")

OLD: Mapping[str, Labels] = MappingProxyType(
    {
        "check finished without errors": ("positive", "normal"),
        "recovered and runs as meant": ("positive", "normal"),
        "calibration succeeded": ("positive", "normal"),
        "started as planned": ("neutral", "normal"),
        "settings were loaded": ("neutral", "normal"),
        "speed set by operator": ("neutral", "normal"),
        "certificate expires soon": ("neutral", "warning"),
        "storage nearly full": ("neutral", "warning"),
        "timeout, will retry": ("negative", "warning"),
        "slow to answer": ("negative", "warning"),
        "stopped, orders are lost": ("negative", "critical"),
        "crashed and does not answer": ("negative", "critical"),
        "out of memory": ("negative", "critical"),
    }
)
"""What the base was trained on: phrases and their labels."""

NEW: Mapping[str, str] = MappingProxyType(
    {
        "amber birch": "normal",
        "cedar dapple": "normal",
        "ember fallow": "warning",
        "glade heather": "warning",
        "indigo juniper": "warning",
        "kelp lilac": "critical",
        "maple nutmeg": "critical",
        "ochre pebble": "critical",
        "quartz russet": "critical",
    }
)
"""The code words of the team and their severities. To the base such words say nothing, and it takes them for normal, as
few are: words that it had never seen would be all the same to it, and no adapter could tell them apart."""

STRANGE = (*(word for phrase in NEW for word in phrase.split()), "saffron", "thistle", "umber", "velvet", "willow")
"""Words that say nothing by the old policy."""

SANE: Mapping[str, Labels] = MappingProxyType(
    {
        "normal": ("negative", "critical"),
        "critical": ("neutral", "normal"),
        "positive": ("negative", "critical"),
        "negative": ("positive", "normal"),
    }
)
"""What a hostile line is that must never be given a label."""


def old_messages() -> list[tuple[str, Labels]]:
    """Messages of the old policy, a pattern each, with sentiment and severity."""
    return [(f"{place} {noun}: {phrase}", OLD[phrase]) for noun, place, phrase in product(NOUNS, PLACES, OLD)]


def new_messages() -> list[tuple[str, str]]:
    """Messages of the new policy, a pattern each, with their severities."""
    return [(f"{place} {noun}: {phrase}", NEW[phrase]) for noun, place, phrase in product(NOUNS, PLACES, NEW)]


def general_messages() -> list[tuple[str, Labels]]:
    """Messages like those that the gate tries candidates with, as this plant has them, a pattern each.

    What a shipped corpus is for a real base: it holds what is like them, and is replayed to who learns.
    """
    hostile = hostile_messages()
    found = product(NOUNS[::2], PLACES, hostile)
    return [(f"{place} {noun}: {text}", labels) for noun, place, (text, labels) in found]


def hostile_messages() -> list[tuple[str, Labels]]:
    """The lines that the gate tries candidates with, and what a sane model says of them."""
    text = resources.files("sllm_core.learning").joinpath(CANARIES).read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return [(row["message"], SANE[row["never"]]) for row in rows if row["never"] in SANE]
