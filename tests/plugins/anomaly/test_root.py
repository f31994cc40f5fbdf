from __future__ import annotations

import pytest

from sllm_plugins.anomaly.evidence import CAUSE, EFFECT, EVERYDAY, FAULT, UNKNOWN
from sllm_plugins.anomaly.root import Part, ranked_kinds, target


def part(kind: str, role: int, count: int = 10, begin: int = 0, template: str = "") -> Part:
    return Part(kind, role, count, begin, 1, template)


def test_the_root_is_nearest_to_a_cause() -> None:
    parts = [part("timeout", EFFECT, 90), part("connection", FAULT, 30), part("timeout", EFFECT, 5)]
    assert list(ranked_kinds(parts).items()) == [("connection", 30), ("timeout", 95)]


def test_a_cause_may_show_in_a_single_record() -> None:
    assert next(iter(ranked_kinds([part("connection", FAULT, 500, 21), part("oom", CAUSE, 1, 20)]))) == "oom"


def test_a_fault_must_show_in_more_than_a_few_records() -> None:
    assert next(iter(ranked_kinds([part("login", EVERYDAY, 100), part("connection", FAULT, 1)]))) == "login"


def test_what_begins_long_after_the_others_is_not_the_root() -> None:
    assert next(iter(ranked_kinds([part("connection", FAULT, 50, 10), part("oom", CAUSE, 50, 40)]))) == "connection"


def test_words_of_texts_are_named_only_where_nothing_else_is() -> None:
    assert list(ranked_kinds([part("blue", UNKNOWN, 99), part("timeout", EFFECT)])) == ["timeout"]
    assert list(ranked_kinds([part("blue", UNKNOWN, 9), part("red", UNKNOWN, 8), part("pink", UNKNOWN, 7)])) == [
        "blue",
        "red",
    ]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Connection to payment-db.example.com:<*> refused", "payment-db.example.com"),
        ("connect to orders:8080 failed", "orders"),
        ("java.net.UnknownHostException: pay.example.com: Name or service not known", "pay.example.com"),
        ("java.net.NoRouteToHostException: no route", ""),
        ("error at HibernateJpaDialect.java:<*>", ""),
        ("connection refused", ""),
    ],
)
def test_the_target_is_the_host_that_the_root_names(template: str, expected: str) -> None:
    assert target([part("connection", FAULT, template=template)], "connection") == expected
