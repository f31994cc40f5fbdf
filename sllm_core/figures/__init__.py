"""Checks every figure of a text that a model wrote against the facts that it was given."""

from sllm_core.figures.check import describe_wrong, wrong_figures

__all__ = ["describe_wrong", "wrong_figures"]
