"""The store: one SQLite database for patterns, findings, windows, cursors, runs, and the work of models."""

from sllm_core.store.commit import Commit
from sllm_core.store.database import StoreError
from sllm_core.store.pending import Pending
from sllm_core.store.progress import Closing, Progress
from sllm_core.store.revisions import Place
from sllm_core.store.runs import Run
from sllm_core.store.store import Store
from sllm_core.store.windows import History

__all__ = ["Closing", "Commit", "History", "Pending", "Place", "Progress", "Run", "Store", "StoreError"]
