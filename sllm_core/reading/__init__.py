"""Text -> records: formats found by themselves, times, multi-line records, JSON; files, and messages of streams."""

from __future__ import annotations

from sllm_core.reading.bulk import MessageReader, Messages, read_message
from sllm_core.reading.files import expand, open_bytes
from sllm_core.reading.poison import Poison
from sllm_core.reading.reader import Reader

__all__ = ["MessageReader", "Messages", "Poison", "Reader", "expand", "open_bytes", "read_message"]
