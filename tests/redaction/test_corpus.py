"""The whole corpus: how much of what is secret goes, and how little else."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from secret_examples import CREDENTIALS, SECRETS, Example, harmless, leaked, secrets
from sllm_core.redaction import Redactor

KINDS = ("password", "token", "key", "cookie", "email", "card", "resident", "phone")


def recalls(examples: list[Example]) -> tuple[Counter[str], Counter[str]]:
    """How many secrets of each kind there are, and how many of them are gone."""
    redactor, there, gone = Redactor(), Counter[str](), Counter[str]()
    for each in examples:
        output = redactor.redact(each.text)
        for kind, secret in each.secrets:
            there[kind] += 1
            gone[kind] += not leaked(secret, output, each.plain)
    return there, gone


def test_the_corpus_is_large_and_has_every_kind() -> None:
    there, _ = recalls(secrets())
    assert sum(there.values()) >= 750 and len(harmless()) >= 3000
    assert set(there) == set(KINDS)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_credentials_and_personal_data_go(seed: int) -> None:
    there, gone = recalls(secrets(seed=seed))
    assert sum(gone[kind] for kind in CREDENTIALS) >= 0.98 * sum(there[kind] for kind in CREDENTIALS)
    assert sum(gone.values()) >= 0.98 * sum(there.values())


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_goes(kind: str) -> None:
    there, gone = recalls(secrets())
    assert gone[kind] >= 0.97 * there[kind]


@pytest.mark.parametrize("name", SECRETS)
def test_nothing_but_the_secret_goes(name: str) -> None:
    redactor, examples = Redactor(), secrets(name)
    exact = [re.sub(r"<(\w+):\d+>", r"<\1>", redactor.redact(each.text)) == each.plain for each in examples]
    assert sum(exact) >= 0.93 * len(exact)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_harmless_lines_stay_as_they_are(seed: int) -> None:
    redactor, lines = Redactor(), harmless(seed=seed)
    touched = [line for line in lines if redactor.redact(line) != line]
    assert len(touched) <= len(lines) / 1000, touched


def test_redacting_again_changes_nothing() -> None:
    redactor = Redactor()
    once = [redactor.redact(each.text) for each in secrets()]
    assert [redactor.redact(each) for each in once] == once
