from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest

from sllm_core.findings import Finding
from sllm_core.records import LogBatch
from sllm_core.translation import Translator


@dataclass
class Rain:
    """An analyzer that speaks of the weather."""

    name: str
    words: Callable[[str], str]

    async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
        return []

    def translated(self, finding: Finding, language: str) -> Finding:
        return replace(finding, explanation=self.words(language), language=language)


@dataclass
class Mute:
    """An analyzer that knows one language."""

    name: str

    async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
        return []


def speechless(language: str) -> str:
    raise LookupError(language)


FINDING = Finding(id="1", analyzer="rain", label="wet", source="app", explanation="It rains.")


def test_an_analyzer_puts_its_findings_into_the_language_of_the_reader() -> None:
    translator = Translator([Rain("rain", lambda _: "비가 옵니다.")], "ko")
    assert translator(FINDING).explanation == "비가 옵니다."


def test_findings_of_others_stay_as_they_are() -> None:
    translator = Translator([Mute("rain"), Rain("snow", str)], "ko")
    assert translator(FINDING) is FINDING


def test_a_finding_in_the_language_of_the_reader_is_not_asked_about() -> None:
    assert Translator([Rain("rain", speechless)], "en")(FINDING) is FINDING


def test_an_analyzer_that_fails_costs_no_page(caplog: pytest.LogCaptureFixture) -> None:
    assert Translator([Rain("rain", speechless)], "ko")(FINDING) is FINDING
    assert "could not be put into words" in caplog.text
