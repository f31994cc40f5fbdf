from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.findings import Finding
from sllm_core.store import Commit, Store, pages
from sllm_core.store.pages import Wanted

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def finding(number: int, analyzer: str = "anomaly", label: str = "normal", source: str = "kafka") -> Finding:
    window = (START + number * HOUR, START + (number + 1) * HOUR)
    return Finding(id=f"{number}", analyzer=analyzer, label=label, source=source, window=window)


def stored(*findings: Finding) -> Store:
    store = Store()
    store.commit(Commit("run", "kafka", "0", findings=findings))
    return store


def turned(store: Store, wanted: Wanted, limit: int) -> list[str]:
    """The ids on all pages."""
    found, before = list[str](), None
    while True:
        page = store.pages.findings(wanted, before, limit)
        found += [each.id for _, each in page.findings]
        if (before := page.next) is None:
            return found


def test_the_latest_come_first() -> None:
    with stored(*map(finding, range(5))) as store:
        assert turned(store, Wanted(), 2) == ["4", "3", "2", "1", "0"]


def test_an_empty_store_has_an_empty_page() -> None:
    with Store() as store:
        assert store.pages.findings(Wanted(), None, 10) == pages.Page((), None)


@given(
    labels=st.lists(st.sampled_from(["normal", "critical"]), max_size=30),
    limit=st.integers(1, 7),
    span=st.integers(1, 9),
    spans=st.integers(1, 3),
)
def test_pages_of_any_size_have_each_once(labels: list[str], limit: int, span: int, spans: int) -> None:
    wanted = Wanted(labels=("critical",))
    findings = [finding(number, label=label) for number, label in enumerate(labels)]
    with pytest.MonkeyPatch.context() as patch, stored(*findings) as store:
        patch.setattr(pages, "SPAN", span)
        patch.setattr(pages, "SPANS", spans)
        assert turned(store, wanted, limit) == [each.id for each in reversed(findings) if wanted.includes(each)]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Wanted(analyzers=("summary",)), ["1"]),
        (Wanted(analyzers=("summary", "anomaly"), labels=("critical",)), ["2"]),
        (Wanted(sources=("file",)), ["3"]),
        (Wanted(since=START + 2 * HOUR), ["3", "2"]),
        (Wanted(until=START + HOUR), ["0"]),
    ],
)
def test_only_what_is_wanted_is_found(wanted: Wanted, ids: list[str]) -> None:
    findings = [finding(0), finding(1, "summary"), finding(2, label="critical"), finding(3, source="file")]
    with stored(*findings) as store:
        assert turned(store, wanted, 10) == ids
        assert [each.id for each in reversed(findings) if wanted.includes(each)] == ids


def test_a_revision_comes_anew() -> None:
    with stored(finding(0), finding(1)) as store:
        place = store.pages.newest()
        store.commit(Commit("run", "kafka", "0", findings=[replace(finding(0), revision=1)]))
        assert [(each.id, each.revision) for _, each in store.pages.following(place, 10)] == [("0", 1)]
        assert turned(store, Wanted(), 10) == ["0", "1"]
