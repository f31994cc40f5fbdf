from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sllm_plugins.elasticsearch.positions import NANOSECONDS, Cutter, Hit, Piece, Position

END = 100
"""The end of the window, in milliseconds."""

times = st.lists(st.integers(0, END - 1), max_size=60).map(sorted)
cuts = st.lists(st.integers(0, 60), max_size=5).map(sorted)


def hits(times: Sequence[int]) -> list[Hit]:
    """A document for each time (milliseconds)."""
    return [{"_id": str(number)} for number in range(len(times))]


def cut(times: Sequence[int], position: Position, size: int, at: Sequence[int] = ()) -> list[Piece]:
    """The pieces of documents that come in several runs."""
    cutter, documents = Cutter(position, size), hits(times)
    edges = [0, *(min(each, len(times)) for each in at), len(times)]
    numbers = np.array(times, np.int64) * NANOSECONDS
    pieces = [piece for begin, end in pairwise(edges) for piece in cutter.add(documents[begin:end], numbers[begin:end])]
    return [*pieces, cutter.finish(END)]


def ids(pieces: Sequence[Piece]) -> list[str]:
    return [hit["_id"] for piece in pieces for hit in piece.hits]


@given(times, st.integers(1, 20), cuts)
def test_every_document_is_in_one_piece(times: list[int], size: int, at: list[int]) -> None:
    pieces = cut(times, Position(0), size, at)
    assert ids(pieces) == [hit["_id"] for hit in hits(times)]
    assert pieces[-1].position == Position(END)


@given(times, st.integers(1, 20), st.integers(1, 20), st.data())
def test_who_goes_on_behind_a_piece_gets_the_rest(times: list[int], size: int, other: int, data: st.DataObject) -> None:
    pieces = cut(times, Position(0), size)
    stop = data.draw(st.integers(0, len(pieces) - 1))
    position = pieces[stop].position
    number = sum(each < position.time for each in times)
    rest = cut([each for each in times if each >= position.time], position, other) if position.time < END else []
    assert ids(pieces[: stop + 1]) + [str(int(each) + number) for each in ids(rest)] == ids(pieces)


@given(times, st.integers(1, 20), st.integers(1, 20))
def test_a_document_has_the_same_place_in_all_pieces(times: list[int], size: int, other: int) -> None:
    one, two = (np.concatenate([each.places.each for each in cut(times, Position(0), many)]) for many in (size, other))
    assert one.tolist() == two.tolist() == sorted(set(one.tolist()))


@given(times, st.integers(1, 20))
def test_places_lie_between_the_ends_of_the_pieces(times: list[int], size: int) -> None:
    end = Position(0).place
    for piece in cut(times, Position(0), size):
        assert all(end <= each < piece.places.end for each in piece.places.each.tolist())
        assert piece.places.end == piece.position.place >= end
        end = piece.places.end


def test_a_piece_ends_where_the_time_changes() -> None:
    assert [len(each.hits) for each in cut([1, 1, 2, 2, 3, 3], Position(0), 3)] == [2, 2, 2]


def test_a_time_with_too_many_documents_is_cut_within() -> None:
    positions = [each.position for each in cut([7] * 5, Position(0), 2)]
    assert positions == [Position(7, 2), Position(7, 4), Position(END)]


def test_documents_before_the_position_are_left_out() -> None:
    assert ids(cut([3, 5, 9], Position(5), 10)) == ["1", "2"]


def test_a_cursor_means_its_position() -> None:
    position = Position(1_709_514_000_123, 7)
    assert position.to_cursor() == {"time": "2024-03-04T01:00:00.123Z", "given": 7}
    assert Position.from_cursor(position.to_cursor()) == position


def test_what_is_no_cursor_means_nothing() -> None:
    for each in (None, 7, "x", {}, {"time": "x"}, {"time": "2024-03-04", "given": None}):
        assert Position.from_cursor(each) is None
