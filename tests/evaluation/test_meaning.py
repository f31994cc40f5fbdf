from __future__ import annotations

import pytest

from sllm_core.evaluation.meaning import Meaning, parse_meaning


def test_labels_of_the_questions_mean_themselves() -> None:
    assert Meaning().of("critical") == ("severity", 2)
    assert Meaning().of("neutral") == ("sentiment", 1)
    assert Meaning().of("long") is None


def test_own_labels_are_given_a_class() -> None:
    meaning = parse_meaning("severity:long=warning, very long=critical")
    assert meaning == Meaning("severity", {"long": 1, "very long": 2})
    assert (meaning.of("long"), meaning.of("normal"), meaning.of("negative")) == (
        ("severity", 1),
        ("severity", 0),
        None,
    )


@pytest.mark.parametrize("text", ["", "length", "severity:long", "severity:long=bad", "severity:=warning"])
def test_what_gives_no_meaning_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        parse_meaning(text)
