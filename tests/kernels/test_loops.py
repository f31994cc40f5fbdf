from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.kernels import library, loops

CLASSES = np.zeros(256, np.uint8)
CLASSES[list(b" ,=")] = 2
CLASSES[list(b"0123456789")] = 1
SECRETS = np.random.default_rng(7).integers(0, 1 << 64, 257, np.uint64)


def hashed(rows: list[bytes], secrets: loops.Hashes, *, compiled: bool) -> list[int]:
    text = np.frombuffer(b"".join(rows), np.uint8)
    ends = np.cumsum([0, *map(len, rows)]).astype(np.int32)
    loop = library().compiled(loops.hash_words) if compiled else loops.hash_words
    hashes = np.zeros(len(rows), np.uint64)
    with np.errstate(over="ignore"):
        loop(text, ends, CLASSES, secrets, hashes, len(rows))
    return [int(each) for each in hashes]


@given(st.lists(st.binary(max_size=20) | st.text("ab1 ,", max_size=9).map(str.encode), min_size=1))
def test_machine_code_does_what_the_loop_says(rows: list[bytes]) -> None:
    pytest.importorskip("llvmlite", reason="needs llvmlite: install the extra `fast`")
    assert hashed(rows, SECRETS, compiled=True) == hashed(rows, SECRETS, compiled=False)


def test_words_with_digits_count_as_the_same() -> None:
    first, second, third = hashed([b"read 12 of b7", b"read x9 of 1", b"read xx of 1"], SECRETS, compiled=False)
    assert first == second != third


def test_other_secrets_give_other_hashes() -> None:
    assert hashed([b"", b"a"], SECRETS, compiled=False) != hashed([b"", b"a"], SECRETS[::-1].copy(), compiled=False)
