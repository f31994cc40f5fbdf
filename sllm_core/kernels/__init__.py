"""Loops over every byte, compiled: what the extra `fast` is for."""

from sllm_core.kernels.compiled import Library, library

__all__ = ["Library", "library"]
