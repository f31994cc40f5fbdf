from __future__ import annotations

from pathlib import Path

import pytest

from sllm_core.settings.sections import KeyScope
from sllm_core.web.gate import LOCAL, LOOK, Gate
from sllm_core.web.keys import changing, new_key
from sllm_core.web.problems import Problem
from sllm_core.web.scopes import SCOPES


class Clock:
    """A clock that stands until it is set on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def gate(*scopes: KeyScope, rate: float | None = None, clock: Clock | None = None) -> tuple[str, Gate]:
    text, key = new_key("ci", scopes or SCOPES, rate)
    return text, Gate([key], clock=clock or Clock())


def bearer(text: str) -> dict[bytes, bytes]:
    return {b"authorization": f"Bearer {text}".encode()}


def status(gate: Gate, headers: dict[bytes, bytes]) -> int:
    with pytest.raises(Problem) as raised:
        gate.admit(headers)
    return raised.value.status


def made(path: Path, name: str) -> str:
    text, key = new_key(name, ("read",), None)
    with changing(path) as keys:
        keys[name] = key
    return text


def test_without_keys_everybody_may_do_everything() -> None:
    assert Gate().admit({}) == SCOPES


def test_a_key_has_its_scopes() -> None:
    text, one = gate("analyze")
    assert one.admit(bearer(text)) == ("analyze",)
    assert one.admit({b"x-api-key": text.encode()}) == ("analyze",)


def test_without_a_key_nothing_is_allowed() -> None:
    assert gate()[1].admit({}) == ()


@pytest.mark.parametrize("key", ["", "sllm_wrong", "\xff", "x" * 10_000])
def test_a_wrong_key_is_told(key: str) -> None:
    assert status(gate()[1], {b"x-api-key": key.encode("latin-1")}) == 401


def test_a_client_that_was_quiet_may_send_for_two_seconds_at_once() -> None:
    text, one = gate(rate=3)
    assert [one.admit(bearer(text)) for _ in range(6)] == [SCOPES] * 6
    assert status(one, bearer(text)) == 429


def test_it_may_send_again_when_the_answer_says() -> None:
    clock = Clock()
    text, one = gate(rate=0.25, clock=clock)
    one.admit(bearer(text))
    with pytest.raises(Problem) as raised:
        one.admit(bearer(text))
    clock.now = float(raised.value.headers["Retry-After"])
    assert one.admit(bearer(text)) == SCOPES


def test_keys_come_and_go(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "keys.json"
    one = Gate([], path, clock=clock)
    assert one.admit({}) == SCOPES
    text = made(path, "ci")
    clock.now = LOOK
    assert one.admit({}) == ()
    assert one.admit(bearer(text)) == ("read",)


def test_once_there_were_keys_nobody_is_let_in_without(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "keys.json"
    text = made(path, "ci")
    one = Gate([], path, clock=clock)
    with changing(path) as keys:
        keys.clear()
    clock.now = LOOK
    assert status(one, bearer(text)) == 401
    assert one.admit({}) == ()


def test_a_file_that_breaks_changes_nothing(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "keys.json"
    text = made(path, "ci")
    one = Gate([], path, clock=clock)
    path.write_text("broken")
    clock.now = LOOK
    assert one.admit(bearer(text)) == ("read",)


def test_who_needs_no_key_is_local_until_there_is_one(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "keys.json"
    one = Gate([], path, clock=clock)
    assert one.identify({}) is LOCAL
    assert one.holds(LOCAL)
    made(path, "ci")
    clock.now = LOOK
    assert not one.holds(LOCAL)


def test_a_key_holds_until_it_is_revoked(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "keys.json"
    text = made(path, "ci")
    one = Gate([], path, clock=clock)
    key = one.identify(bearer(text))
    assert key is not None
    assert one.holds(key)
    with changing(path) as keys:
        keys.clear()
    clock.now = LOOK
    assert not one.holds(key)
