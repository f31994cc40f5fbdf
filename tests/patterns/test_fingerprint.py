from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.patterns.fingerprint import DELIMITERS, KernelKeys, TextKeys, mask_digits

LINES = st.lists(st.text(st.sampled_from([*DELIMITERS, *"ab09.-/_é한"]), max_size=12), min_size=1)


@pytest.fixture(scope="module")
def kernel() -> KernelKeys:
    pytest.importorskip("llvmlite", reason="needs llvmlite: install the extra `fast`")
    return KernelKeys()


def test_words_with_digits_give_way_as_a_whole() -> None:
    masked = mask_digits(pa.array(["read blk_12-3 from /10.0.0.1:80, id=0x1f"]))
    assert masked.to_pylist() == ["read <*> from <*>:<*>, id=<*>"]


def test_keys_name_the_first_message_of_each() -> None:
    keys = TextKeys()(pa.array(["a 1", "b", "a 2", "b", "c"]))
    assert keys.codes.tolist() == [0, 1, 0, 1, 2]
    assert keys.first().tolist() == [0, 1, 4]


@given(LINES, st.integers(0, 5), st.sampled_from([pa.string(), pa.large_string()]))
def test_keys_are_equal_for_equal_masked_texts(lines: list[str], start: int, kind: pa.DataType) -> None:
    messages = pa.array([*"abcde", *lines], kind).slice(start)
    keys = TextKeys()(messages)
    assert keys.codes.tolist() == mask_digits(messages).dictionary_encode().indices.to_pylist()


def test_keys_last_from_batch_to_batch_and_are_secret() -> None:
    texts, batches = TextKeys(), (pa.array(["a 1", "b"]), pa.array(["c", "b", "a 2"]))
    first, second = (dict(zip(batch.to_pylist(), texts(batch).distinct, strict=True)) for batch in batches)
    assert first["a 1"] == second["a 2"] and first["b"] == second["b"]
    assert TextKeys()(batches[0]).distinct != list(first.values())


@given(LINES)
def test_kernel_groups_as_the_regular_expression_does(kernel: KernelKeys, lines: list[str]) -> None:
    plain = [line.replace("<", "(") for line in lines]
    assert kernel(pa.array(plain)).codes.tolist() == TextKeys()(pa.array(plain)).codes.tolist()


@given(LINES, st.integers(0, 5))
def test_kernel_reads_slices_and_wide_offsets(kernel: KernelKeys, lines: list[str], start: int) -> None:
    expected = kernel(pa.array(lines[start:], pa.string()))
    assert kernel(pa.array(lines).slice(start)).codes.tolist() == expected.codes.tolist()
    assert kernel(pa.array(lines, pa.large_string()).slice(start)).distinct == expected.distinct


def test_kernel_tells_words_from_their_neighbours(kernel: KernelKeys) -> None:
    assert len(kernel(pa.array(["ab c", "a bc", "abc", "abc ", " abc", ""])).distinct) == 6
