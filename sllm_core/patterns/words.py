"""Words that tell events apart, and words that announce a name."""

from __future__ import annotations

import re

_OUTCOMES = """
    ok okay success successful successfully succeed succeeded error errors err fail fails failed failing failure
    failures exception fault pass passed good bad valid invalid present absent found missing lost healthy unhealthy
    corrected accept accepted reject rejected deny denied allow allowed grant granted refuse refused revoke revoked
    permitted timeout expired retry
    abort aborted aborting cancel canceled cancelled crash crashed kill killed dead alive panic
"""
_LEVELS = "trace debug info information notice warn warning alert critical severe fatal emergency emerg"
_STATES = """
    up down on off yes no not online offline open opens opened opening close closes closed closing active inactive
    enable enabled enabling disable disabled disabling available unavailable idle busy running run high low full empty
    connect connected connecting disconnect disconnected disconnecting complete completed incomplete pending
    master slave leader follower leading following looking primary secondary standby activated deactivated
"""
_CHANGES = """
    start starts started starting stop stops stopped stopping restart restarted restarting shutdown begin begins began
    end ends ended ending finish finished finishing enter entering entered exit exiting exited leave leaving left
    suspend suspended resume resumed pause paused initialized initializing initialization finalized finalizing
    finalization add added adding remove removed removing create created creating delete deleted deleting insert
    inserted read reading write writing written send sending sent receive receiving received login logout logged lock
    locked unlock unlocked load loaded loading unload unloaded mount mounted unmount unmounted attach attached detach
    detached join joined bind bound unbind unbound acquire acquired release released register registered unregister
    unregistered install installed uninstall uninstalled increase increased decrease decreased
"""
DECISIVE = frozenset(f"{_OUTCOMES} {_LEVELS} {_STATES} {_CHANGES}".split())
"""Outcomes, levels, states and changes of state: where two messages differ in one of these, they are two events."""

_KOREAN = """
    성공 실패 오류 에러 장애 정상 시작 종료 중지 중단 완료 취소 연결 해제 끊 거부 거절 허용 승인 차단 만료 초과 지연
    생성 삭제 추가 제거 변경 등록 복구 활성 경고 치명 위험 접속 로그인 로그아웃 잠금 열림 닫힘 재시작 재시도
"""
DECISIVE_STEMS = tuple(_KOREAN.split())
"""The same in Korean, as stems, since endings and particles follow them within a word."""

_KEYS = """
    level lvl severity priority status state result outcome msg message event action op operation cmd command method
    type kind err error reason code cause exception phase mode
"""
DECISIVE_KEYS = frozenset(_KEYS.split())
"""Keys whose value says what happened; the value of any other key is a parameter."""

_ANNOUNCING = """
    user username account group host hostname node domain service device file folder path directory class interface
    network task job thread process worker executor member queue topic table database index shard container image pod
    namespace module plugin package application app stage session client server peer port address key name id driver
    bean url endpoint component channel broker consumer for from by
"""
ANNOUNCING = frozenset(_ANNOUNCING.split())
"""Words after which a name stands more often than a further word of the event."""

_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_IDENTIFIER = re.compile(r"[._/\\@$#-]|[a-z][A-Z]")


def is_plain(word: str) -> bool:
    """Whether the word is made of small English letters alone, as most are: much cheaper to see than anything else."""
    return word.isascii() and word.isalpha() and word.islower()


def parts(word: str) -> list[str]:
    """The English words within an identifier, in lower case: job, failed for `jobFailed` as for `JOB_FAILED`."""
    if is_plain(word):
        return [word]
    return [each.lower() for each in _PART.findall(word)]


def is_decisive(word: str) -> bool:
    """Whether the word, or a part of it, says how something went or what state it is in."""
    if is_plain(word):
        return word in DECISIVE
    if word.isascii():
        return not DECISIVE.isdisjoint(parts(word))
    return any(stem in word for stem in DECISIVE_STEMS)


def is_identifier(word: str) -> bool:
    """Whether the word is made like a name in a program or of a machine rather than like one of a language."""
    return _IDENTIFIER.search(word.strip(".*-")) is not None
