"""Units and magnitudes as they are written behind numbers and in keys, and what Korean counts things with."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import cast

from sllm_core.figures.figure import Kind

Unit = tuple[Kind, float]
"""What a unit measures, and how many of that kind's own unit it is."""

COUNTERS = (
    r"건(?![수강물너설])|개(?![월발선시인별요])|회(?![사의복원전로선귀])|번(?![호역째])|차례|명(?![령확시칭])|"
    r"대(?![비부응기상체략한])|종류|종(?!료)|가지|곳|군데|줄(?![었어이])|행(?!동)|단계|차(?![단이])|원(?![인격])"
)
"""What Korean counts things with."""

KOREAN = (
    r"밀리초|마이크로초|나노초|초(?![과기대반])|분(?![석류포산할기야배])|시간|일(?![부정시괄어으반])|주(?![요문])|"
    r"퍼센트포인트|퍼센트|프로(?![세그])|배(?![포치경])|번째|위(?![험치해반에])|(?:킬로|메가|기가|테라)?바이트"
)
"""Korean units."""

_SHORT = r"ns|[uµμ]s|ms|s|secs?|mins?|h|hrs?|d|[kKMGT]i?B|bytes?|[kMG]|bn|pp|pct"
_WORDS = (
    r"(?:nano|micro|milli)?seconds?|minutes?|hours?|days?|weeks?|(?:kilo|mega|giga|tera)bytes?|percentage(?= points?)|"
    r"percent|dozen|hundred|thousand|[mbtr]+illion|times|fold"
)


@dataclass(frozen=True)
class Units:
    """The readings of a unit by its name behind a number, and by its name at the end of a key."""

    named: Mapping[str, tuple[Unit, ...]]
    in_keys: Mapping[str, tuple[Unit, ...]]


@cache
def units() -> Units:
    """The units in units.csv beside this module; the rows of one name are its readings."""
    named: defaultdict[str, list[Unit]] = defaultdict(list)
    in_keys: defaultdict[str, list[Unit]] = defaultdict(list)
    for row in csv.DictReader(files(__package__).joinpath("units.csv").read_text(encoding="utf-8").splitlines()):
        readings = [(cast(Kind, row["kind"]), float(factor)) for factor in row["factors"].split("|")]
        for names, table in ((row["names"], named), (row["keys"], in_keys)):
            for name in filter(None, names.split("|")):
                table[name] += readings
    return Units(*(MappingProxyType({name: tuple(each) for name, each in table.items()}) for table in (named, in_keys)))


def unit(name: str) -> tuple[Unit, ...]:
    """The readings of a unit as it is written; none where it is no unit."""
    named = units().named
    return named.get(name) or named.get(name.lower(), ())


@cache
def behind() -> re.Pattern[str]:
    """A unit, or a Korean counter, that follows a number."""
    return re.compile(
        rf"(?P<some>여)?\s?(?:%[pP]?|[x×](?![\w-])|(?P<korean>{KOREAN})|(?P<counter>{COUNTERS}))|"
        rf"(?:[ -](?P<word>{_WORDS})|\s(?P<short>{_SHORT}))(?![\w-])(?P<points> points?)?"
    )
