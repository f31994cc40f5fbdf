"""An evaluation as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sllm_core.evaluation.results import Judged
from sllm_core.report.evaluated import EvaluationReport


def evaluation_json(report: EvaluationReport) -> str:
    """Indented JSON text that ends with a newline.

    `data` is what was measured; `judges` have figures with `value`, `low` and `high` by question, the baselines among
    them marked; `differences` are those of the first judge from each other; `left_out` names the rows that could not
    be read. What is not defined is null.
    """
    import orjson

    return orjson.dumps(_document(report), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _document(report: EvaluationReport) -> dict[str, Any]:
    found = report.evaluation
    return {
        "inputs": list(report.inputs),
        "split": found.split and found.split.text,
        "data": asdict(found.data),
        "consistency": asdict(found.consistency),
        "judges": [_judge(each) for each in found.judges],
        "differences": [asdict(each) for each in found.differences],
        "intervals": {"coverage": 0.95, "resamples": found.resamples, "seed": found.seed, "unit": "pattern"},
        "left_out": [asdict(each) for each in report.bad],
        "mistakes": list(report.mistakes),
    }


def _judge(judged: Judged) -> dict[str, Any]:
    questions: dict[str, Any] = {question: asdict(quality) for question, quality in judged.questions.items()}
    return {
        "name": judged.name,
        "version": judged.version,
        "baseline": judged.baseline,
        **questions,
        "problem": judged.problem and asdict(judged.problem),
        "costs": asdict(judged.costs),
        "calibrations": judged.calibrations and judged.calibrations.to_json(),
    }
