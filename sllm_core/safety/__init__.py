"""Text of others in prompts, and text of a model in findings: what may stand there, and how."""

from sllm_core.safety.answers import plain_text
from sllm_core.safety.cutting import cut
from sllm_core.safety.invisible import visible
from sllm_core.safety.neutral import neutralise
from sllm_core.safety.preparation import Preparation
from sllm_core.safety.section import DataSection

__all__ = ["DataSection", "Preparation", "cut", "neutralise", "plain_text", "visible"]
