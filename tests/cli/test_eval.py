from __future__ import annotations

import csv
import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sllm_core.cli import sllm

Install = Callable[..., None]
ROOT = Path(__file__).parents[2]
HEADER = ("message", "sentiment", "severity", "level", "time", "source", "pattern")
HOSTILE = '<script>alert(1)</script><img src="http://evil.example/x">'


def run(*arguments: str | Path, given: bytes | None = None) -> Result:
    return CliRunner().invoke(sllm, ["eval", *map(str, arguments)], input=given, standalone_mode=False)


def written(path: Path, *rows: tuple[str, ...]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def row(place: int) -> tuple[str, ...]:
    """Good and bad news in turn, one every hour, each of a pattern of its own."""
    bad = place % 2
    text = f"Disk {place} is full, cannot write" if bad else f"Backup {place} finished successfully"
    labels = ("negative", "critical", "ERROR") if bad else ("positive", "normal", "INFO")
    return text, *labels, f"2026-03-{1 + place // 24:02} {place % 24:02}:00", "ab"[place % 3 > 1], str(place)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return written(tmp_path / "data.csv", *map(row, range(40)))


def document(*arguments: str | Path) -> dict[str, Any]:
    result = run(*arguments, "--format", "json", "--resamples", "50", "--language", "en")
    assert result.exception is None, result.exception
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def failed(*arguments: str | Path, given: bytes | None = None) -> str:
    error = run(*arguments, given=given).exception
    assert error is not None
    return str(error)


class Tags(HTMLParser):
    """The names of all tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_the_embedded_classifier_is_measured_beside_simple_rules(data: Path) -> None:
    found = document(data)
    assert [each["name"] for each in found["judges"]] == ["embedded", "majority", "level", "level+words"]
    first = found["judges"][0]
    assert first["severity"]["macro_f1"]["value"] > 0.8
    assert first["problem"]["area"]["value"] > 0.9
    assert found["data"]["rows"] == 40


def test_the_table_names_what_it_shows(data: Path) -> None:
    text = run(data, "--language", "en", "--resamples", "50").stdout
    assert all(each in text for each in ("Sentiment", "macro-F1", "PR-AUC", "level+words", "Calibration", "By source"))


def test_korean_output(data: Path) -> None:
    text = run(data, "--language", "ko", "--resamples", "50").stdout
    assert all(each in text for each in ("감성", "심각도", "매크로 F1", "정밀도", "보정", "긍정", "심각"))


def test_standard_input_is_read() -> None:
    result = run("-", "--format", "json", given=b'{"message":"disk full","severity":"critical"}\n')
    assert json.loads(result.stdout)["inputs"] == ["stdin"]


def test_the_page_fetches_nothing_and_escapes_everything(tmp_path: Path) -> None:
    rows = [(HOSTILE, label, "critical", "ERROR", "", HOSTILE, HOSTILE) for label in ("negative", "positive")]
    page = tmp_path / "page.html"
    result = run(written(tmp_path / "data.csv", *rows, *map(row, range(20))), "-o", page)
    assert result.exception is None, result.exception
    text = page.read_text(encoding="utf-8")
    assert HOSTILE not in text and "&lt;script&gt;" in text
    tags = Tags()
    tags.feed(text)
    assert tags.names.isdisjoint({"script", "img", "link", "iframe", "base"})
    assert tags.attributes.isdisjoint({"src", "href", "style", "onclick", "onerror"})
    assert "@import" not in text and "url(" not in text and "default-src 'none'" in text


def test_the_page_draws_what_was_measured(data: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    run(data, "-o", page, "--language", "ko", "--split", "pattern:0.3")
    text = page.read_text(encoding="utf-8")
    assert text.count('<svg class="chart"') == 9
    assert all(each in text for each in ("혼동 행렬", "신뢰도 표", "기준선", 'lang="ko"'))
    assert "NaN" not in text and "None" not in text


def test_bad_rows_are_named_counted_and_left_out(tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", *map(row, range(12)), ("x", "hapy", "normal"), ("", "neutral", "normal"))
    result = run(path, "--language", "en")
    assert result.return_value == 3
    assert "Left out: 2 rows" in result.stdout
    assert f"{path}:14: 'hapy' is no sentiment" in " ".join(result.stdout.split())


def test_when_nothing_is_left_all_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", ("x", "positiv", "normal"), ("y", "", ""))
    told = failed(path).splitlines()
    assert told[0] == "no row can be measured:"
    assert told[1] == "'positiv' is no sentiment (1 rows); did you mean positive?"
    assert told[3] == f"{path}:3: no label"


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--split", "random:0.3"], "write time=2026-03-01, time:0.7 or pattern:0.3"),
        (["--calibrate"], "--calibrate needs --split"),
        (["--fail-under", "macro-f2=0.7"], "there are macro-f1"),
        (["--fail-under", "macro-f1"], "write macro-f1=0.7"),
        (["--column", "length=warning"], "is no question"),
        (["--column", "length=severity"], "add --analyzer length"),
        (["--model", "llama3"], "write ollama:llama3"),
        (["--analyzer", "sentimnt", "-c", "none.toml"], "none.toml: no such file"),
        (["--analyzer", "model", "-c", "none.toml"], "--model ollama:llama3"),
    ],
)
def test_wrong_usage_says_what_to_do(data: Path, arguments: list[str], what: str) -> None:
    assert what in failed(data, *arguments)


def test_a_file_that_is_not_there() -> None:
    assert "no such file" in failed("nowhere.csv")


def test_the_output_is_none_of_the_inputs(data: Path) -> None:
    assert "one of the files that are read" in failed(data, "-o", data)


def test_ci_fails_below_a_figure(data: Path) -> None:
    assert run(data, "--fail-under", "macro-f1=0.1").return_value == 0
    result = run(data, "--fail-under", "severity.recall.warning=0.1", "--fail-under", "pr-auc=1.1")
    assert result.return_value == 4
    assert "recall of warning of embedded is not defined" in result.stderr
    assert "pr-auc of problem of embedded is" in result.stderr


def test_what_is_earlier_is_fitted(data: Path) -> None:
    found = document(data, "--split", "time=2026-03-02")
    assert (found["data"]["fitted"], found["data"]["rows"]) == (24, 16)
    assert found["judges"][0]["problem"]["threshold"]["f1"] > 0.8


def test_analyzers_of_plugins_are_compared(data: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[plugins.sentiment]\n[plugins.anomaly]\n", encoding="utf-8")
    found = document(data, "-c", config, *(f"--analyzer={each}" for each in ("sentiment", "embedded")))
    first, second = found["judges"][:2]
    assert (first["name"], "severity" in first) == ("sentiment", False)
    assert first["sentiment"]["confusion"] == second["sentiment"]["confusion"]
    assert {each["other"] for each in found["differences"] if each["question"] == "sentiment"} >= {"embedded"}


def test_an_analyzer_that_is_not_enabled_is_named(data: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[plugins.sentiment]\n", encoding="utf-8")
    assert "did you mean 'sentiment'" in failed(data, "-c", config, "--analyzer", "sentimnt")


def test_a_model_that_no_configuration_enables(data: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[plugins.sentiment]\n", encoding="utf-8")
    assert "add [plugins.ollama]" in failed(data, "-c", config, "--analyzer", "model")


MODEL = """
from sllm_core.testing import ScriptedModel

def answer(prompt):
    if "OUTAGE" in prompt.user:
        return {"no": "labels"}
    count = len(prompt.schema["required"]) // 2
    said = {"sentiment": "negative", "severity": "critical"}
    return {f"{n}_{name}": said[name] for n in range(1, count + 1) for name in said}

class Scripted(Plugin):
    @hookimpl
    def sllm_models(self):
        return [ScriptedModel(answer, name=self.name)]
"""


@pytest.fixture
def config(tmp_path: Path, install: Install) -> Path:
    """A configuration with a model that finds everything critical."""
    install("acme", MODEL, scripted="Scripted")
    path = tmp_path / "config.toml"
    path.write_text("[plugins.scripted]\n", encoding="utf-8")
    return path


def test_a_model_is_asked_through_the_gateway(data: Path, config: Path) -> None:
    first = document(data, "-c", config, "--analyzer", "model")["judges"][0]
    assert first["version"].startswith("scripted@5c5c") and "judge-" in first["version"]
    assert first["severity"]["classes"][2]["recall"]["value"] == 1
    assert (first["costs"]["calls"], first["costs"]["hits"]) == (1, 0)


def test_what_a_model_has_answered_is_not_asked_again(data: Path, config: Path) -> None:
    document(data, "-c", config, "--analyzer", "model")
    costs = document(data, "-c", config, "--analyzer", "model")["judges"][0]["costs"]
    assert (costs["calls"], costs["hits"], costs["calls_per_10k"]) == (0, 1, 250)


def test_without_probabilities_nothing_is_calibrated(data: Path, config: Path) -> None:
    result = run(data, "-c", config, "--analyzer", "model", "--split", "pattern:0.5", "--calibrate")
    assert "nothing to calibrate" in result.stderr


def test_what_the_model_does_not_answer_is_judged_by_the_classifier(tmp_path: Path, config: Path) -> None:
    path = written(tmp_path / "some.csv", *map(row, range(8)), ("OUTAGE over", "neutral", "normal"))
    found = document(path, "-c", config, "--analyzer", "model", "--analyzer", "embedded")
    model = found["judges"][0]
    assert model["severity"]["answered"] == pytest.approx(8 / 9)
    assert (model["costs"]["failures"], model["severity"]["answered_macro_f1"] is not None) == (1, True)


def test_the_example_is_as_the_documentation_says() -> None:
    found = document(ROOT / "examples" / "labelled.csv")
    assert (found["data"]["rows"], found["left_out"], found["consistency"]["contradictions"]) == (120, [], [])


def test_a_real_server_is_measured_and_calibrated(tmp_path: Path, ollama_url: str, tiny_tag: str) -> None:
    path = written(tmp_path / "some.csv", *map(row, range(4)), ("login refused", "negative", "warning"))
    config = tmp_path / "config.toml"
    config.write_text(f'[plugins.ollama]\nurl = "{ollama_url}"\n', encoding="utf-8")
    asked = (path, "-c", config, "--model", f"ollama:{tiny_tag}", "--split", "pattern:0.5", "--calibrate")
    first, again = (document(*asked)["judges"][0] for _ in range(2))
    assert first["calibrations"]["severity"]["samples"] > 0
    assert first["severity"]["calibration"]["error"]["value"] is not None
    assert (first["costs"]["calls"], again["costs"]["calls"], again["costs"]["hits"]) == (1, 0, 1)
    assert first["costs"]["prompt_tokens_per_10k"] > 0
