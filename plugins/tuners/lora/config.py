"""The section `[plugins.lora]`: what is trained on, how long, and with how much of the machine."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from sllm_core.plugin import PluginConfig
from sllm_core.settings import Duration

DAY = timedelta(days=1)


class LoraConfig(PluginConfig):
    """The section `[plugins.lora]`.

    What is said here of rank, rates and rows changes what is learnt; `devices`, `threads` and `processes` only how long
    it takes and the last digits of it.
    """

    base: str = Field(
        default="",
        description="a folder with the base in Hugging Face form; empty: the very weights that Ollama serves",
    )
    rank: int = Field(default=16, ge=1, le=256, description="of the two small matrices beside each large one")
    alpha: int = Field(default=32, ge=1, le=1024, description="alpha / rank is how much the adapter counts")
    dropout: float = Field(default=0.05, ge=0, lt=1, description="share of the adapter's inputs that is left out")
    learning_rate: float = Field(default=2e-4, gt=0, le=0.1, description="at its peak; it rises first and falls then")
    epochs: int = Field(default=3, ge=1, le=100, description="how often each row is seen")
    least_steps: int = Field(default=60, ge=1, le=100_000, description="few rows are seen more often, up to so many")
    batch: int = Field(default=8, ge=1, le=1024, description="rows of a step, over all processes")
    longest: int = Field(default=2048, ge=64, le=131_072, description="tokens of a row; longer ones are left out")
    patterns: int = Field(default=8, ge=1, le=16, description="how many patterns a row asks about at most")
    quantised: bool = Field(default=False, description="keep the base in 4 bits on the GPU (QLoRA): needs bitsandbytes")
    devices: Literal["auto", "cpu"] = Field(default="auto", description="auto: the GPU where there is one")
    processes: int = Field(default=1, ge=1, le=64, description="training side by side, one for each GPU")
    threads: int = Field(default=0, ge=0, le=1024, description="of a process on the CPU; 0: half of the cores")
    checkpoint_every: int = Field(default=50, ge=1, le=100_000, description="steps between two checkpoints")
    patience: Annotated[Duration, Field(gt=timedelta(0), le=30 * DAY)] = Field(
        default=timedelta(hours=12), description="then the training ends with the best that there is"
    )
    memory: float = Field(default=0.8, gt=0, le=1, description="share of the free memory that may be used")

    @field_validator("base")
    @classmethod
    def _is_folder(cls, base: str) -> str:
        if base and not (Path(base).expanduser() / "config.json").is_file():
            raise ValueError("a folder with a model in Hugging Face form, which has a config.json; or nothing")
        return base
