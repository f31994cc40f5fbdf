from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from rich.cells import cell_len

from sllm_core.classifier import Classifier, Verdicts
from sllm_core.evaluation.bootstrap import Figure
from sllm_core.evaluation.data import label_data
from sllm_core.evaluation.embedded_judge import EmbeddedJudge
from sllm_core.evaluation.evaluate import Options, evaluate
from sllm_core.evaluation.reading import BadRow, Labelled
from sllm_core.report.evaluated import EvaluationReport, amount, bounds, number, p_value
from sllm_core.report.evaluation_document import evaluation_json
from sllm_core.report.evaluation_page import evaluation_page
from sllm_core.report.evaluation_text import evaluation_text

HOSTILE = "shop\x1b[31m\r\u202eevil"
ROWS = [
    Labelled(f"Disk is full{' now' * place}", 2, 1 + place % 2, source=HOSTILE if place else "a") for place in range(9)
]


@pytest.fixture(scope="module")
def report() -> EvaluationReport:
    rows = [*ROWS, Labelled(f"{HOSTILE} started", 1, 0), Labelled(f"{HOSTILE} started", 0, 0)]
    data = label_data(rows)
    judge = EmbeddedJudge(Verdicts(Classifier.load, data.patterns))
    found = asyncio.run(evaluate(data, [judge], judge, Options(resamples=20), lambda done, total: None))
    bad = tuple(BadRow("data.csv", place, f"{HOSTILE!r} is no severity") for place in range(12))
    return EvaluationReport(("data.csv",), found, bad, (f"{HOSTILE} is no severity",), "en")


@pytest.mark.parametrize("columns", [40, 80, 100, 140])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_line_is_longer_than_the_terminal(report: EvaluationReport, columns: int, language: str) -> None:
    text = evaluation_text(replace(report, language=language), columns, colour=False)
    assert max(map(cell_len, text.splitlines())) <= columns


def test_figures_have_their_intervals_where_there_is_room(report: EvaluationReport) -> None:
    wide, narrow = (evaluation_text(report, columns, colour=False) for columns in (140, 80))
    assert wide.count("–0.") > narrow.count("–0.") > 10


def test_hostile_texts_drive_no_terminal(report: EvaluationReport) -> None:
    written = evaluation_text(report, 140, colour=False)
    assert not any(sign in written for sign in ("\x1b", "\r", "\u202e"))
    assert "\\u202e" in written


def test_hostile_texts_are_made_plain_on_the_page(report: EvaluationReport) -> None:
    assert "\u202e" not in evaluation_page(report)


def test_what_was_left_out_and_contradicts_is_told(report: EvaluationReport) -> None:
    text = " ".join(evaluation_text(report, 140, colour=False).split())
    assert "Left out: 12 rows" in text and "… and 2 more" in text
    assert "1 patterns are labelled in several ways" in text
    assert "positive 1, neutral 1" in text
    assert "Only 10 patterns: too few" in text


def test_undefined_figures_are_null_in_json(report: EvaluationReport) -> None:
    text = evaluation_json(report)
    assert '"precision": {\n' in text and "NaN" not in text
    assert '"value": null' in text


def test_how_figures_are_written() -> None:
    figure = Figure(0.5, 0.25, 0.75)
    assert (number(0.456), number(None), bounds(figure), bounds(Figure(0.5))) == ("0.46", "–", "0.25–0.75", "")
    assert bounds(Figure(-0.1, -0.2, 0.1), signed=True) == "-0.20…+0.10"
    assert [amount(each) for each in (0, 0.012, 917.4, 2_562_583.2, None)] == ["0", "0.012", "917", "2,562,583", "–"]
    assert (p_value(0.0004), p_value(0.0423)) == ("< .001", "0.042")
