"""`/`: what happens now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get

from sllm_core.store.views import SourceSpan
from sllm_core.web.condition import Component, components, worst
from sllm_core.web.dashboard.incident_list import Incident, incidents, last_day
from sllm_core.web.dashboard.levels_over_time import OverTime, charts, over_time
from sllm_core.web.dashboard.live import pulse_of
from sllm_core.web.dashboard.page import language_of, page
from sllm_core.web.service import Service

SHOWN = 20
"""So many incidents are listed; the time line has all."""


@dataclass(frozen=True)
class Scene:
    """The day that ends with the newest window: its incidents and counts, and what there is of each source."""

    since: datetime
    until: datetime
    incidents: list[Incident]
    counts: OverTime
    sources: list[SourceSpan]

    @property
    def label(self) -> str:
        """The gravest label of its incidents."""
        return self.incidents[0].label if self.incidents else "normal"

    @property
    def age(self) -> timedelta:
        """How long ago the newest window has ended."""
        return datetime.now(UTC) - self.until


class Scenes:
    """Keeps the last scene of each language: it changes when there is a finding more."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._kept: dict[str, tuple[int, Scene | None]] = {}

    def at(self, place: int, language: str) -> Scene | None:
        """The scene as of the newest finding; None where nothing was counted yet."""
        kept = self._kept.get(language)
        if kept is None or kept[0] != place or kept[1] is None:
            kept = self._kept[language] = (place, self._made(language))
        return kept[1]

    def _made(self, language: str) -> Scene | None:
        store = self._service.store
        span = last_day(store)
        if span is None:
            return None
        counts = over_time(store, *span, ZoneInfo(self._service.settings.timezone))
        return Scene(*span, incidents(store, *span, language), counts, store.views.spans())


@get("/")
async def now(request: Request[Any, Any, Any]) -> Response[Any]:
    service: Service = request.app.state["service"]
    parts, beat = await components(service), await pulse_of(request).beat()
    scene = await asyncio.to_thread(_scenes(request).at, beat.place, language_of(request))
    drawn = None if scene is None else charts(scene.counts, ZoneInfo(service.settings.timezone))
    told = [each for each in parts if _tells(each)]
    values = {"scene": scene, "charts": drawn, "beat": beat, "shown": SHOWN}
    return await page(request, "now.html", health=worst(parts), parts=told, **values)


def _scenes(request: Request[Any, Any, Any]) -> Scenes:
    """Those of this application."""
    state = request.app.state
    if "scenes" not in state:
        state["scenes"] = Scenes(state["service"])
    found: Scenes = state["scenes"]
    return found


def _tells(part: Component) -> bool:
    """Whether people want to know of it: sources, the model and whatever is wrong."""
    return part.kind in ("source", "model", "sink", "store") or part.status != "ok"


HANDLERS = [now]
