"""What [plugins.lora] may say."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from sllm_plugins.tuners.lora.config import LoraConfig


def test_all_has_a_default() -> None:
    config = LoraConfig()
    assert (config.base, config.rank, config.alpha, config.batch) == ("", 16, 32, 8)
    assert config.patience == timedelta(hours=12)


def test_time_spans_are_read_as_everywhere() -> None:
    assert LoraConfig.model_validate({"patience": "90m"}).patience == timedelta(minutes=90)


@pytest.mark.parametrize(
    ("key", "value"),
    [("rank", 0), ("patience", "0s"), ("memory", 1.5), ("devices", "tpu"), ("patterns", 17), ("rnak", 8)],
)
def test_what_cannot_be_meant_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValidationError, match=key):
        LoraConfig.model_validate({key: value})


def test_a_base_is_a_folder_with_a_model(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"which has a config\.json"):
        LoraConfig(base=str(tmp_path))
    (tmp_path / "config.json").touch()
    assert LoraConfig(base=str(tmp_path)).base == str(tmp_path)


def test_the_plugin_starts_without_what_tuning_needs() -> None:
    heavy = ("torch", "transformers", "peft", "gguf", "numpy")
    program = f"import sys, sllm_plugins.tuners.lora; print([each for each in {heavy} if each in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"
