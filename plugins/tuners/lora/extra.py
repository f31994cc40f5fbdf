"""Whether the libraries are there that only tuning needs."""

from __future__ import annotations

from importlib.util import find_spec

from sllm_core.plugin import PluginError

NEEDED = ("torch", "transformers", "peft", "accelerate", "gguf", "safetensors")


class ExtraMissing(PluginError):
    """A library is not installed; the message says how to install it."""


def check_extra(quantised: bool = False) -> None:
    """See that all is installed, without importing it.

    Raises:
        ExtraMissing: something is not.
    """
    missing = [each for each in NEEDED if find_spec(each) is None]
    if missing:
        what = f"tuning the language model needs {', '.join(missing)}"
        raise ExtraMissing(f"{what}: pip install 'sllm[tune]' (README tells how to have it without the parts for GPUs)")
    if quantised and find_spec("bitsandbytes") is None:
        raise ExtraMissing(
            "[plugins.lora] quantised = true needs bitsandbytes: pip install bitsandbytes, or set quantised = false"
        )
