"""Fake servers of models that end with the test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fake_models import Fakes


@pytest.fixture
def fakes() -> Iterator[Fakes]:
    made = Fakes()
    yield made
    made.close()
