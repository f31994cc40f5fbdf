from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sllm_core.metrics import Metric
from sllm_core.web.exposition import exposition


def test_figures_of_a_name_stand_together() -> None:
    found = exposition(
        [
            Metric("lag_records", 3, "behind", labels={"partition": "0"}),
            Metric("calls_total", 1.5, "calls", "counter"),
            Metric("lag_records", 4, "behind", labels={"partition": "1"}),
        ]
    )
    assert found.splitlines() == [
        "# HELP sllm_lag_records behind",
        "# TYPE sllm_lag_records gauge",
        'sllm_lag_records{partition="0"} 3',
        'sllm_lag_records{partition="1"} 4',
        "# HELP sllm_calls_total calls",
        "# TYPE sllm_calls_total counter",
        "sllm_calls_total 1.5",
    ]


def test_buckets_with_their_sum_and_count_are_a_histogram() -> None:
    names = ("seconds_bucket", "seconds_sum", "seconds_count")
    found = exposition(Metric(each, 1, "how long", "counter") for each in names)
    assert found.count("# TYPE") == 1
    assert "# TYPE sllm_seconds histogram" in found


@given(value=st.text(), number=st.floats())
def test_no_value_breaks_the_lines(value: str, number: float) -> None:
    (about, kind, line, *rest) = exposition([Metric("a", number, value, labels={"b": value})]).split("\n")
    assert rest == [""] or value.splitlines() != [value]
    assert about.startswith("# HELP sllm_a ") and kind == "# TYPE sllm_a gauge"
    assert line.startswith('sllm_a{b="') and '"} ' in line
