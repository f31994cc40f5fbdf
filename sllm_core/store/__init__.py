"""The store: one SQLite database for patterns, findings, windows, cursors and runs."""

from sllm_core.store.database import StoreError
from sllm_core.store.progress import Closing, Progress
from sllm_core.store.revisions import Place
from sllm_core.store.runs import Run
from sllm_core.store.store import Commit, Store
from sllm_core.store.windows import History

__all__ = ["Closing", "Commit", "History", "Place", "Progress", "Run", "Store", "StoreError"]
