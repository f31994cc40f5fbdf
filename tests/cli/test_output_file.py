from __future__ import annotations

from pathlib import Path

import pytest

from sllm_core.cli.output_file import form_of, write_out


@pytest.mark.parametrize(
    ("name", "form"), [("a.json", "json"), ("a.HTML", "html"), ("a.htm", "html"), ("a.txt", "text"), ("a", "text")]
)
def test_the_form_follows_from_the_name(name: str, form: str) -> None:
    assert form_of(Path(name)) == form


def test_a_file_is_written_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.txt"
    write_out("보고서\n", path)
    assert path.read_text(encoding="utf-8") == "보고서\n"
    assert capsys.readouterr() == ("", f"{path}: written\n")


def test_without_a_file_it_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    write_out("report\n", None)
    assert capsys.readouterr() == ("report\n", "")
