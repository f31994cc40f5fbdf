"""Facts about windows that readers can add up, and the English and Korean sentences that code makes of them."""

from sllm_core.summaries.facts import merge_facts
from sllm_core.summaries.issues import catalogue
from sllm_core.summaries.sketch import merge_sketches, quantile
from sllm_core.summaries.wording import describe

__all__ = ["catalogue", "describe", "merge_facts", "merge_sketches", "quantile"]
