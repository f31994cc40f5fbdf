from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sllm_core.models.verdict import ModelVerdict
from sllm_core.store import Store

Fill = Callable[..., list[int]]
NAMES = [f"calling com.shop.{each} now" for each in ["cart", "order", "stock", "price", "mail", "gift"]]
BIG = 2**64 - 1
FULL = ModelVerdict(BIG, "negative", "critical", (0.1, 0.2, 0.7), (0.0, 0.25, 0.75))


def aged(store: Store, *tables: str) -> None:
    with store._database.transaction() as connection:
        for each in tables:
            connection.execute(f"UPDATE {each} SET stored = 0")


def recent() -> datetime:
    return datetime.now(UTC) - timedelta(days=1)


def test_what_a_model_said_is_kept_by_its_version(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.save_verdicts("llama3@1", [FULL, ModelVerdict(2), ModelVerdict(3, "neutral", "normal")])
        store.save_verdicts("llama3@2", [ModelVerdict(3, "neutral", "warning")])
    with Store(tmp_path) as store:
        found = {each.pattern: each for each in store.model_verdicts("llama3@1")}
        assert found == {BIG: FULL, 2: ModelVerdict(2), 3: ModelVerdict(3, "neutral", "normal")}
        assert store.model_verdicts("llama3@2") == [ModelVerdict(3, "neutral", "warning")]
        assert store.model_verdicts("other") == []


def test_a_later_verdict_of_the_same_model_replaces_the_earlier() -> None:
    store = Store()
    store.save_verdicts("m", [FULL, ModelVerdict(2)])
    store.save_verdicts("m", [ModelVerdict(BIG), ModelVerdict(2, "neutral", "normal")])
    found = {each.pattern: each for each in store.model_verdicts("m")}
    assert found == {BIG: ModelVerdict(BIG), 2: ModelVerdict(2, "neutral", "normal")}


@pytest.mark.parametrize("own", [None, ModelVerdict(0), ModelVerdict(0, "neutral", "normal")])
def test_patterns_that_gave_way_leave_the_most_severe_unless_there_is_an_own(
    fill: Fill, own: ModelVerdict | None
) -> None:
    store = Store()
    before = [fill(store, [each], hour=hour)[0] for hour, each in enumerate(NAMES[:2])]
    (now,) = set(fill(store, NAMES[2:], hour=9))
    given = [ModelVerdict(before[0], "negative", "critical"), ModelVerdict(before[1], "negative", "warning")]
    given += [] if own is None else [ModelVerdict(now, own.sentiment, own.severity)]
    store.save_verdicts("m", given)
    (found,) = store.model_verdicts("m")
    assert (found.pattern, found.severity) == (now, "normal" if own and own.severity else "critical")


def test_verdicts_go_with_their_patterns(fill: Fill, tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        up, left = fill(store, ["up", "left"])
        store.save_verdicts("m", [ModelVerdict(up), ModelVerdict(left)])
        aged(store, "patterns", "windows", "findings", "verdicts")
        fill(store, ["left"], hour=1)
    with Store(tmp_path, keep=recent()) as store:
        assert store.model_verdicts("m") == [ModelVerdict(left)]


def test_verdicts_of_a_model_that_is_not_asked_any_more_are_forgotten(fill: Fill, tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        (up,) = fill(store, ["up"])
        store.save_verdicts("old", [ModelVerdict(up)])
        aged(store, "verdicts")
        store.save_verdicts("new", [ModelVerdict(up)])
    with Store(tmp_path, keep=recent()) as store:
        assert store.model_verdicts("old") == []
        assert store.model_verdicts("new") == [ModelVerdict(up)]
        aged(store, "verdicts")
    with Store(tmp_path, keep=recent()) as store:
        assert store.model_verdicts("new") == [ModelVerdict(up)]
