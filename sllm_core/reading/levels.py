"""Words and numbers of severity -> codes of LEVELS."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import is_present, strings, to_arrow, to_numpy
from sllm_core.records import LEVELS

UNKNOWN = -1
Codes = NDArray[np.int8]

_NOTATIONS = (
    ("TRACE", "TRACE TRC VERBOSE VERB FINEST FINER SILLY ALL V . - DEBUG2 DEBUG3 DEBUG4 DEBUG5 추적"),
    ("DEBUG", "DEBUG DBG FINE DEBUG1 D 디버그"),
    ("INFO", "INFO INFORMATION INFORMATIONAL INF NOTICE NOTE LOG CONFIG I N * STATUS SUCCESS AUDIT STATEMENT DETAIL"),
    ("INFO", "HINT CONTEXT QUERY LOCATION SYSTEM DEFAULT 정보 알림 안내"),
    ("WARN", "WARN WARNING WRN W # 경고 주의"),
    ("ERROR", "ERROR ERR ERRO E SEVERE FAILURE FAIL FAILED ERRORS EXCEPTION CRASH 오류 에러 실패"),
    ("FATAL", "FATAL FTL F CRITICAL CRIT C ALERT ALRT EMERG EMERGENCY PANIC DPANIC A ASSERT S 치명 심각 긴급"),
)

WORDS: Mapping[str, int] = MappingProxyType(
    {word: LEVELS.index(level) for level, words in _NOTATIONS for word in words.split()}
)
"""The code of each word, in capitals."""

PROSE = frozenset(
    (
        *("ALL", "STATUS", "SUCCESS", "AUDIT", "FAIL", "FAILED", "ERRORS", "EXCEPTION", "CRASH", "DEFAULT", "SYSTEM"),
        *("NOTE", "LOG", "QUERY", "CONTEXT", "LOCATION", "DETAIL", "STATEMENT", "HINT", "CONFIG"),
    )
)
"""Words of severity that often begin a sentence: they count where a format says that its level stands there."""

_USUAL = frozenset(
    ["TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERR", "ERROR", "SEVERE", "CRIT", "CRITICAL", "FATAL"]
)
"""Words that programs write in small letters too, and machines are hardly named after."""

_SYSLOG = (5, 5, 5, 4, 3, 2, 2, 1)


@cache
def level_pattern(korean: bool = False) -> str:
    """RE2 for one word of severity of two letters or more, in any case; or for one of the Korean words.

    The two stand apart because RE2's fast matcher decides byte by byte, and Korean words share their first bytes. So do
    the order (words next to those that begin alike) and the flag for case matter.
    """
    words = [word for word in WORDS if len(word) > 1 and word not in PROSE and word.isascii() is not korean]
    return "(?i:" + "|".join(sorted(words, reverse=True)) + ")"


def level_codes(words: pa.Array) -> Codes:
    """The code of each word, UNKNOWN for words that are none and for missing ones."""
    encoded = words.dictionary_encode()
    codes = [_code(word) for word in encoded.dictionary.to_pylist()]
    table = np.array([*codes, UNKNOWN], np.int8)
    return np.take(table, _filled(encoded.indices, len(codes)))


def _code(word: str) -> int:
    return WORDS.get(word, WORDS.get(word.strip("[](){}<>:*|- ").upper(), UNKNOWN))


def host_codes(hosts: pa.Array) -> Codes:
    """The code of each name of a host that is a word of severity, UNKNOWN for those that may name a machine."""
    return np.array([_host_code(host) for host in hosts.to_pylist()], np.int8)


def _host_code(host: str) -> int:
    word = host.strip("[](){}<>:*|- ")
    named = len(word) < 2 or word.upper() in PROSE or (word.islower() and word.upper() not in _USUAL)
    return UNKNOWN if named else _code(word)


def priority_codes(priorities: pa.Array) -> Codes:
    """The codes of the severities in syslog priorities (RFC 5424, 6.2.1), which are given in digits."""
    numbers = _numbers(priorities)
    return np.where(numbers < 0, UNKNOWN, np.array(_SYSLOG, np.int8)[numbers & 7]).astype(np.int8)


def status_codes(statuses: pa.Array) -> Codes:
    """ERROR for HTTP statuses of 500 and more, WARN for those from 400, else INFO."""
    numbers = _numbers(statuses)
    level = np.where(
        numbers >= 500, LEVELS.index("ERROR"), np.where(numbers >= 400, LEVELS.index("WARN"), LEVELS.index("INFO"))
    )
    return np.where(numbers < 0, UNKNOWN, level).astype(np.int8)


def _numbers(digits: pa.Array) -> NDArray[np.int64]:
    return _filled(digits.cast(pa.int64()), -1)


def _filled(numbers: pa.Array, missing: int) -> NDArray[Any]:
    """The numbers, with another where there is none."""
    values = to_numpy(numbers)
    return np.where(is_present(numbers), values, values.dtype.type(missing)) if numbers.null_count else values


def numeric_code(number: float, key: str) -> int:
    """The code of a number of severity, by the scale that its size and the name of its field tell.

    0 to 7 is syslog (RFC 5424), 10 to 60 pino and bunyan, and for `levelno` Python's logging; 1 to 24 in a field
    named as in OpenTelemetry is its severity number.
    """
    if key.lower().replace("_", "").endswith("severitynumber"):
        return max(0, min(5, (int(number) - 1) // 4))
    if key.lower() == "levelno":
        return max(0, min(5, int(number) // 10))
    if 0 <= number <= 7:
        return _SYSLOG[int(number)]
    return max(0, min(5, int(number) // 10 - 1)) if 10 <= number <= 69 else UNKNOWN


def column_codes(column: pa.Array) -> Codes:
    """The codes in a column of levels."""
    return _filled(column.indices, UNKNOWN)


def level_column(codes: Codes) -> pa.Array:
    """The dictionary column of the codes."""
    return pa.DictionaryArray.from_arrays(to_arrow(codes, codes >= 0), strings(LEVELS))
