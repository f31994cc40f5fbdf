from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest

from sllm_core.classifier import Classifier
from sllm_core.classifier.corpus import read_corpus


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load()


@pytest.mark.parametrize(
    ("text", "level", "sentiment", "severity"),
    [
        ("Kernel panic - not syncing: Fatal exception", "FATAL", "negative", "critical"),
        ("데이터베이스 연결 실패, 응답 없음", "ERROR", "negative", "critical"),
        ("Request took 9812 ms, slow query", "WARN", "negative", "warning"),
        ("응답 지연 증가, 재시도 3회", "WARN", "negative", "warning"),
        ("Loading configuration from /etc/app.conf", "INFO", "neutral", "normal"),
        ("설정 파일 로드", "INFO", "neutral", "normal"),
        ("Backup completed successfully, 0 errors", "INFO", "positive", "normal"),
        ("백업이 정상적으로 완료되었습니다. 오류 없음", "INFO", "positive", "normal"),
    ],
)
def test_clear_messages(classifier: Classifier, text: str, level: str, sentiment: str, severity: str) -> None:
    judgement = classifier.judge([text], [level])
    assert judgement.sentiment_labels.tolist() == [sentiment]
    assert judgement.severity_labels.tolist() == [severity]


def test_unknown_words_are_no_problem(classifier: Classifier) -> None:
    assert classifier.judge(["qwxz vbnm", "", "#"], [None] * 3).problem.max() < 0.5


def test_a_worse_level_is_a_worse_message(classifier: Classifier) -> None:
    problem = classifier.judge(["request handled"] * 4, ["INFO", "WARN", "ERROR", "FATAL"]).problem
    assert problem[0] < problem[1:].min()
    assert problem[2] < problem[3]


def test_unknown_levels_count_as_missing(classifier: Classifier) -> None:
    judgement = classifier.judge(["disk full"] * 3, [None, "LOUD", "NOTICE"])
    assert len(np.unique(judgement.problem)) == 1


def test_scores_do_not_depend_on_the_company(classifier: Classifier) -> None:
    texts = [each.message for each in read_corpus()[:1500]]
    alone = np.concatenate([classifier.score([text]).severity for text in texts[::100]])
    assert classifier.score(texts).severity[::100] == pytest.approx(alone, abs=1e-4)


def test_nothing_to_score(classifier: Classifier) -> None:
    scores = classifier.score([])
    assert scores.sentiment.shape == scores.severity.shape == (0, 3)


def test_a_long_hostile_text_ends(classifier: Classifier) -> None:
    judgement = classifier.judge(["no " * 10**6, "\ud800 \x00\n\u2028", "가" * 10**6], [None] * 3)
    assert np.isfinite(judgement.problem).all()


def test_version_names_the_weights(classifier: Classifier) -> None:
    assert classifier.version == Classifier.load().version
    assert classifier.version.startswith("embedded-")


def test_speed(classifier: Classifier) -> None:
    texts = [each.message for each in read_corpus()] * 2
    start = time.process_time()
    classifier.score(texts)
    assert len(texts) / (time.process_time() - start) > 5_000


def test_judging_imports_neither_sklearn_nor_scipy() -> None:
    code = (
        "import sys; from sllm_core.classifier import Classifier; Classifier.load().judge(['x'], [None]);"
        "sys.exit(any(each.partition('.')[0] in ('sklearn', 'scipy', 'pandas') for each in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_texts_without_a_word_have_a_verdict(classifier: Classifier) -> None:
    judgement = classifier.judge(["", "  "], [None, "INFO"])
    assert judgement.severity.shape == (2, 3)
