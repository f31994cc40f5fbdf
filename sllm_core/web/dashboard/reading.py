"""The pages that people read, and the streams behind them."""

from __future__ import annotations

from sllm_core.web.dashboard import anomalies, kinds, live, now, summaries, timeline

HANDLERS = [*now.HANDLERS, *anomalies.HANDLERS, *timeline.HANDLERS, *kinds.HANDLERS, *summaries.HANDLERS]
STREAMS = [*live.STREAMS]
