"""The application: parts that each bring a resource, joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from litestar import Litestar
from litestar.plugins import InitPlugin

from sllm_core.web.analyze import AnalyzePart
from sllm_core.web.dashboard.part import DashboardPart
from sllm_core.web.feedback import FeedbackPart
from sllm_core.web.figures import FiguresPart
from sllm_core.web.findings import FindingsPart
from sllm_core.web.fine_tune import FineTunePart
from sllm_core.web.health import HealthPart
from sllm_core.web.logs import LogsPart
from sllm_core.web.models import ModelsPart
from sllm_core.web.patterns import PatternsPart
from sllm_core.web.problems import ProblemsPart
from sllm_core.web.schema import SchemaPart
from sllm_core.web.scopes import ScopesPart
from sllm_core.web.shown import ShownPart

if TYPE_CHECKING:
    from sllm_core.web.service import Service


def parts(service: Service) -> list[InitPlugin]:
    """What `sllm serve` consists of."""
    routes = service.runner.assembly.routes()
    return [
        ProblemsPart(),
        ScopesPart(),
        SchemaPart(),
        HealthPart(service),
        FiguresPart(),
        AnalyzePart(service),
        LogsPart(service),
        FindingsPart(service),
        PatternsPart(service),
        FeedbackPart(service),
        ModelsPart(service),
        FineTunePart(service),
        DashboardPart(service),
        ShownPart(routes),
    ]


def create_app(service: Service, chosen: Sequence[InitPlugin] | None = None) -> Litestar:
    """The application over a service, whose run it carries while it lasts.

    Raises:
        SettingsError: a plugin could not say what it shows.
    """
    return Litestar(
        plugins=parts(service) if chosen is None else chosen,
        lifespan=[service.running],
        logging_config=None,
        request_max_body_size=service.settings.service.max_body,
    )
