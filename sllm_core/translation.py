"""Findings in the language of whoever reads them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from sllm_core.findings import Finding

if TYPE_CHECKING:
    from sllm_core.components import Analyzer


@runtime_checkable
class Translating(Protocol):
    """What an analyzer may offer besides: what code said of a finding, said in another language."""

    name: str

    def translated(self, finding: Finding, language: str) -> Finding:
        """The finding of this analyzer as code would have worded it in that language (`en`, `ko`), `language` set.

        Called in threads. What a language model told (`told_by`) stays as it is, and so does all besides the words.
        """
        ...


class Translator:
    """Puts findings into one language, by the analyzers that made them; those of others stay as they are."""

    def __init__(self, analyzers: Iterable[Analyzer], language: str) -> None:
        self.language = language
        self._analyzers = {each.name: each for each in analyzers if isinstance(each, Translating)}

    def __call__(self, finding: Finding) -> Finding:
        analyzer = self._analyzers.get(finding.analyzer)
        if analyzer is None or finding.language == self.language:
            return finding
        try:
            return analyzer.translated(finding, self.language)
        except Exception:
            told = {"analyzer": finding.analyzer, "finding": finding.id}
            logging.getLogger("sllm.translation").exception("a finding could not be put into words", extra=told)
            return finding
