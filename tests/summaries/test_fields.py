from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sllm_core.grouping import MISSING
from sllm_core.summaries.fields import DURATIONS, PATHS, STATUSES, Notation, mask_paths, notation, request_fields


@pytest.mark.parametrize(
    ("message", "path", "status", "duration"),
    [
        ('10.0.0.1 - - "GET /api/users HTTP/1.1" 200 1234 0.180', "/api/users", 200, 180),
        ('"POST /pay?id=7 HTTP/2" 502 - "-" "curl/8.1" 1.500', "/pay", 502, 1500),
        ('"GET / HTTP/1.1" 304 0', "/", 304, None),
        ("GET /api/users completed in 180ms status=200", "/api/users", 200, 180),
        ("path=/api/users duration_ms=180", "/api/users", None, 180),
        ("요청 처리 완료 /api/orders 200 (45ms)", "/api/orders", 200, 45),
        ("Completed 200 OK in 12.5ms", None, 200, 12.5),
        ('{"method":"GET","path":"/a/b","status":404,"latency":"3s"}', "/a/b", 404, 3000),
        ("GET https://shop.example/cart returned 503 in 2.5 seconds", "/cart", 503, 2500),
        ("DELETE /x took=35 status=204", "/x", 204, 35),
        ("uri=/v1/items request_time=0.020 code=500", "/v1/items", 500, 20),
        ("PUT /x 200 in 250µs", "/x", 200, 0.25),
    ],
)
def test_requests_in_many_notations(message: str, path: str | None, status: int | None, duration: float | None) -> None:
    read = notation(message)
    assert read is not None
    assert read.completes
    fields = request_fields(pa.array([message]), read)
    assert fields.paths == ([] if path is None else [path])
    assert fields.status.tolist() == [status or 0]
    assert fields.duration.tolist() == [pytest.approx(float("nan") if duration is None else duration, nan_ok=True)]


@pytest.mark.parametrize(
    "message",
    ["user logged in", "GC pause 12ms", "wrote /var/log/x", "mounted /dev/sda1 at /", "retry 3 of 500", "사용자 등록"],
)
def test_other_messages_are_no_requests(message: str) -> None:
    assert notation(message) is None


def test_a_message_that_only_names_a_request_opens_it() -> None:
    read = notation('Started GET "/users" for 127.0.0.1')
    assert read is not None
    assert read.opens


def test_fields_are_missing_where_a_message_is_written_otherwise() -> None:
    read = notation("GET /a status=200 in 5ms")
    assert read is not None
    fields = request_fields(pa.array(["something else"]), read)
    assert (fields.path.tolist(), fields.status.tolist(), np.isnan(fields.duration).tolist()) == (
        [MISSING],
        [0],
        [True],
    )


def test_ids_in_paths_are_masked_and_versions_kept() -> None:
    paths = ["/v1/users/17/9", "/a/3f2b8c1d-aaaa-bbbb-cccc-0123456789ab/x", "/o/A1234/", "/health", "/"]
    masked = mask_paths(pa.array([*paths, None])).to_pylist()
    assert masked == ["/v1/users/<*>/<*>", "/a/<*>/x", "/o/<*>", "/health", "/", None]


PIECES = (
    "GET|POST |path=|status: |took|HTTP/1.1|요청|상태|request|completed |with |/a/12|/v1/|/한글|/3f2b8c1d-aaaa|?x|//"
    "|200|503|12.5|7|ms|s|µs|μs| |\n|\t|\v|\x1c|\u3000|\x85|=|(|)|-|->|→|초|_|K|ſ|\u212a|M\u039cs|US|/abcdef012345|\"|'"
)
MESSAGES = st.lists(st.sampled_from(PIECES.split("|")), max_size=12).map("".join)
DURATION = st.sampled_from(DURATIONS)


@settings(max_examples=300)
@given(st.lists(MESSAGES), st.sampled_from(PATHS), st.sampled_from(STATUSES), DURATION)
def test_few_messages_say_what_they_say_among_others(
    messages: list[str], path: str, status: str, duration: tuple[str, float]
) -> None:
    read = Notation(path, status, *duration)
    few, among_long = (request_fields(pa.array([*messages, last], pa.string()), read) for last in ("x", "x" * 301))
    assert few.paths == among_long.paths
    for one, other in zip((few.path, few.status), (among_long.path, among_long.status), strict=True):
        assert one.tolist() == other.tolist()
    np.testing.assert_array_equal(few.duration, among_long.duration)


@given(st.lists(st.sampled_from(["/", "1", "123", "ab", "abcdef012345", "한", "-", "\n", "0f0f-1"])).map("".join))
def test_a_path_of_few_is_masked_as_one_of_many(path: str) -> None:
    read = Notation(path=r"(?s)(?P<value>/.*)")
    few, among_long = (request_fields(pa.array([f"/{path}", last]), read) for last in ("x", "x" * 301))
    assert few.paths == among_long.paths
