"""Questions to a language model: their templates, and the one that judges patterns."""

from sllm_core.prompts.judge import PatternEntry, judge_prompt, read_judgement
from sllm_core.prompts.template import Template, load_template

__all__ = ["PatternEntry", "Template", "judge_prompt", "load_template", "read_judgement"]
