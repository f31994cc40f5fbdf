"""What plugins show: their resources under /plugins/<name>."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from litestar import Router
from litestar.config.app import AppConfig
from litestar.plugins import InitPlugin
from litestar.types import ControllerRouterHandler


class ShownPart(InitPlugin):
    """The resources of plugins, by the names of their sections."""

    def __init__(self, routes: Mapping[str, Sequence[ControllerRouterHandler]]) -> None:
        self._routes = routes

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        for name, handlers in self._routes.items():
            router = Router(f"/plugins/{name}", route_handlers=list(handlers), tags=[name])
            app_config.route_handlers.append(router)
        return app_config
