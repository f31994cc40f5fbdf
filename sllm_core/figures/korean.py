"""Figures in Korean numerals: 삼백이십일 건, 열두 개, 1만 2천여 건, 3분의 1, 수백 건, 절반."""

from __future__ import annotations

import re
from functools import cache

from sllm_core.figures.figure import Number, Reading, fraction, reading
from sllm_core.figures.notation import NUMBER, number
from sllm_core.figures.numerals import either, numerals
from sllm_core.figures.units import COUNTERS, KOREAN

_THINGS = "서비스|엔드포인트|요청|오류|패턴|유형|노드|서버|호스트|이슈|구간|메시지"
_SINO = "영공일이삼사오육칠팔구십백천만억조"
_COUNTED = rf"(?:{COUNTERS}|{KOREAN}|{_THINGS})"
_MIXED = rf"(?:{NUMBER})\s?[십백천만억조]+(?:\s?(?:(?:{NUMBER})[십백천만억조]*|[{_SINO}]+(?=[만억천백십])))*"
_BEHIND = re.compile(rf"\s?(?:{COUNTERS}|{_THINGS})")
_ONCE = re.compile(rf"\s?(?:번(?!째)|차례|(?:건|개|회|명|대|줄)도|가지 |{_THINGS})")
_WORDS = re.compile(r"[분일]")
_TOKEN = re.compile(rf"(?P<number>{NUMBER})|(?P<word>[{_SINO}])")


@cache
def pattern() -> re.Pattern[str]:
    """A figure in Korean numerals, or in digits with 십, 백, 천, 만, 억 or 조; each group is a way to write it."""
    ones, tens, vague = (either(numerals("ko", role)) for role in ("one", "ten", "vague"))
    return re.compile(
        rf"(?P<fraction>(?:(?P<of>\d{{1,5}})|(?<![가-힣])(?P<ofs>[{_SINO}]{{1,4}}))분의\s?"
        rf"(?:(?P<parts>\d{{1,5}})|(?P<partss>[{_SINO}]{{1,4}})))|"
        rf"(?<![\w.,])(?P<ratio>(?:(?P<out>\d{{1,7}})|(?<![가-힣])(?P<outs>{ones}|{tens})(?=\s?{_COUNTED}))\s?(?:{COUNTERS})?\s?(?:중|가운데)(?:에서?)?\s?"
        rf"(?:1(?![\d.,])|한(?=\s?(?:{COUNTERS}))|하나))|"
        rf"(?P<half>절반|(?<![가-힣])반(?=으로 (?:줄|감)))|"
        rf"(?<![가-힣\w])(?P<plenty>수(?P<power>[십백천만억]{{1,2}}))(?P<some>여)?(?=\s?{_COUNTED})|"
        rf"(?<![\w.])(?P<mixed>{_MIXED})|"
        rf"(?<![\w가-힣])(?P<sino>[{_SINO}]{{2,16}}|[십백천만])(?=여?\s?{_COUNTED})|"
        rf"(?<![\w가-힣])(?P<lone>[삼사오육칠팔구])(?=\s{_COUNTED})|"
        rf"(?<![\w가-힣])(?P<vague>{vague})(?=\s?{_COUNTED})|"
        rf"(?<![\w가-힣])(?P<native>(?:{tens})(?:{ones})?|{ones})(?=여?\s?{_COUNTED})"
    )


def readings(found: re.Match[str], text: str) -> tuple[Reading, ...]:
    """What `pattern` has found in the text claims; nothing where the words are no figure."""
    if found["fraction"]:
        return _fraction(found)
    if found["ratio"]:
        out = Number(float(found["out"])) if found["out"] else _native(found["outs"])
        return (fraction(1 / out.value), reading("count", out)) if out.value > 1 else ()
    if found["half"]:
        return (fraction(0.5), reading("factor", Number(0.5)))
    if found["plenty"]:
        least = _mixed(found["power"]).value
        return (Reading("count", least, 2 * least, 10 * least - 1e-6),)
    if found["vague"]:
        low = numerals("ko", "vague")[found["vague"]]
        return (Reading("count", low, low, low + 1),)
    return () if _is_no_number(found, text) else (reading("count", _number(found)),)


def end(found: re.Match[str], text: str) -> int:
    """Where the figure ends with its counter, or what it counts."""
    behind = None if found["half"] or found["fraction"] else _BEHIND.match(text, found.end())
    return behind.end() if behind else found.end()


def _is_no_number(found: re.Match[str], text: str) -> bool:
    """Whether it is once (한 번), none (한 건도), an article (한 서비스) or another word (만일, 십분)."""
    if found["native"] == "한":
        return _ONCE.match(text, found.end()) is not None
    return bool(found["sino"]) and len(found["sino"]) == 1 and _WORDS.match(text, found.end()) is not None


def _number(found: re.Match[str]) -> Number:
    if found["native"]:
        return _native(found["native"])
    return _mixed(found["mixed"] or found["sino"] or found["lone"])


def _native(native: str) -> Number:
    """A native number up to 99."""
    ones, tens = numerals("ko", "one"), numerals("ko", "ten")
    ten = next((each for each in tens if native.startswith(each) and native not in ones), "")
    return Number(tens.get(ten, 0.0) + ones.get(native.removeprefix(ten), 0.0))


def _fraction(found: re.Match[str]) -> tuple[Reading, ...]:
    of = float(found["of"]) if found["of"] else _mixed(found["ofs"]).value
    parts = float(found["parts"]) if found["parts"] else _mixed(found["partss"]).value
    return (fraction(parts / of),) if 0 < parts <= of else ()


def _mixed(text: str) -> Number:
    """The number, in steps of the last magnitude or digit: 1만 2천 is 12,000 in steps of 1,000."""
    total = group = 0.0
    pending: Number | None = None
    step = 1.0
    for found in _TOKEN.finditer(text):
        magnitude = numerals("ko", "magnitude").get(found[0])
        if magnitude is None:
            pending = number(found[0]) if found["number"] else Number(numerals("ko", "digit")[found[0]])
            step = pending.step
        elif magnitude < 10_000:
            group += (pending.value if pending else 1.0) * magnitude
            step, pending = magnitude * (pending.step if pending else 1.0), None
        else:
            part = group + (pending.value if pending else 0.0)
            step = magnitude * (pending.step if pending else step if group else 1.0)
            total, group, pending = total + (part or 1.0) * magnitude, 0.0, None
    return Number(total + group + (pending.value if pending else 0.0), step)
