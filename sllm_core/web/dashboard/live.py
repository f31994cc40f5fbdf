"""`/live`: how it goes, as it goes, for pages that are open."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.response import Stream

from sllm_core.web.dashboard.pulse import Pulse
from sllm_core.web.scopes import while_admitted
from sllm_core.web.service import Service


def pulse_of(request: Request[Any, Any, Any]) -> Pulse:
    """The one of this application."""
    state = request.app.state
    if "pulse" not in state:
        service: Service = state["service"]
        state["pulse"] = Pulse(service)
    pulse: Pulse = state["pulse"]
    return pulse


@get("/live", include_in_schema=False)
async def live(request: Request[Any, Any, Any]) -> Stream:
    return Stream(while_admitted(request, pulse_of(request).events()), media_type="text/event-stream")


STREAMS = [live]
