from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.store import Store
from sllm_core.web.dashboard.session import LASTS, Session, Sessions, is_id, new_id
from sllm_core.web.keys import digest_of

DIGEST = digest_of("sllm_example")


class Clock:
    """A clock that stands until it is set on."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Kept:
    """The part of a store that sessions need."""

    def __init__(self) -> None:
        self.bytes, self.facts = secrets.token_bytes(32), dict[str, object]()

    def secret(self) -> bytes:
        return self.bytes

    def remember(self, name: str, value: object) -> None:
        self.facts[name] = value

    def recall(self, name: str) -> object:
        return self.facts.get(name)


def test_a_cookie_is_read_as_the_session_that_it_was_made_for() -> None:
    sessions = Sessions(Kept())
    session, cookie = sessions.begin(DIGEST)
    assert sessions.read(cookie) == session
    assert session.digest == DIGEST


def test_a_session_outlives_a_restart() -> None:
    kept = Kept()
    session, cookie = Sessions(kept).begin(DIGEST)
    assert Sessions(kept).read(cookie) == session


def test_another_store_knows_nothing_of_it() -> None:
    assert Sessions(Kept()).read(Sessions(Kept()).begin(DIGEST)[1]) is None


def test_a_session_ends_after_twelve_hours() -> None:
    clock = Clock()
    sessions = Sessions(Kept(), clock=clock)
    _, cookie = sessions.begin(DIGEST)
    clock.now += LASTS - 1
    assert sessions.read(cookie) is not None
    clock.now += 1
    assert sessions.read(cookie) is None


def test_a_session_that_was_ended_stays_so_after_a_restart() -> None:
    kept = Kept()
    sessions = Sessions(kept)
    session, cookie = sessions.begin(DIGEST)
    other = sessions.begin(DIGEST)[1]
    sessions.end(session)
    assert Sessions(kept).read(cookie) is None
    assert Sessions(kept).read(other) is not None


def test_what_has_expired_is_no_longer_remembered_as_ended() -> None:
    clock, kept = Clock(), Kept()
    sessions = Sessions(kept, clock=clock)
    sessions.end(sessions.begin(DIGEST)[0])
    clock.now += LASTS
    last = sessions.begin(DIGEST)[0]
    sessions.end(last)
    assert kept.facts == {"dashboard.ended": {last.id: last.expires}}


@given(place=st.integers(0, 200), letter=st.characters(codec="ascii"))
def test_a_cookie_that_was_changed_anywhere_is_none(place: int, letter: str) -> None:
    sessions = Sessions(Kept())
    _, cookie = sessions.begin(DIGEST)
    place %= len(cookie)
    changed = cookie[:place] + letter + cookie[place + 1 :]
    assert (sessions.read(changed) is None) == (changed != cookie)


@given(st.text())
def test_any_text_can_be_a_cookie_and_none_of_them_is_a_session(text: str) -> None:
    assert Sessions(Kept()).read(text) is None


def test_a_later_end_written_into_a_cookie_breaks_it() -> None:
    sessions = Sessions(Kept())
    session, cookie = sessions.begin(DIGEST)
    assert sessions.read(cookie.replace(str(session.expires), str(session.expires + 9))) is None


def test_a_token_belongs_to_one_session() -> None:
    sessions = Sessions(Kept())
    mine, yours = new_id(), new_id()
    assert sessions.is_token(mine, sessions.token(mine))
    assert not sessions.is_token(mine, sessions.token(yours))
    assert not sessions.is_token(mine, "")
    assert not sessions.is_token(mine, "\udcff✓")


def test_neither_cookie_nor_token_tells_the_other() -> None:
    sessions = Sessions(Kept())
    session, cookie = sessions.begin(DIGEST)
    assert sessions.token(session.id) not in cookie


def test_stores_have_cookies_of_different_names() -> None:
    assert Sessions(Kept()).cookie != Sessions(Kept()).cookie


@pytest.mark.parametrize("text", ["", "short", "x" * 23, "x" * 21 + ";", "x" * 21 + "\n"])
def test_an_id_of_a_visitor_has_22_harmless_characters(text: str) -> None:
    assert is_id(new_id())
    assert not is_id(text)


def test_a_store_keeps_them() -> None:
    with Store() as store:
        sessions = Sessions(store)
        session, cookie = sessions.begin(DIGEST)
        assert isinstance(session, Session)
        sessions.end(session)
        assert sessions.read(cookie) is None
