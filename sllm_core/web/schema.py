"""`GET /schema`: the description of the interface, as OpenAPI in JSON."""

from __future__ import annotations

from importlib.metadata import version

from litestar import Router
from litestar.config.app import AppConfig
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Tag
from litestar.plugins import InitPlugin

TAGS = (
    ("health", "how the service is"),
    ("analyze", "questions about lines that the request brings"),
    ("logs", "records that are kept and counted"),
    ("findings", "what was found"),
    ("patterns", "the kinds of records"),
    ("fine-tune", "runs of tuning"),
)
_DESCRIPTION = """Reads logs and says what they tell: sentiment, anomalies, summaries, in Korean or English.

Errors are problem details (RFC 9457) that name the field. Every answer has an `X-Request-ID`, that of the request where
it sends one. Where API keys are configured, send one as `Authorization: Bearer KEY` or `X-API-Key: KEY`."""


class SchemaPart(InitPlugin):
    """The resource; it brings no page that would fetch anything from the internet."""

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.openapi_config = OpenAPIConfig(
            title="sllm",
            version=version("sllm"),
            description=_DESCRIPTION,
            openapi_router=Router("/schema", route_handlers=[], opt={"browser": "events"}),
            render_plugins=[JsonRenderPlugin(path=["/", "/openapi.json"])],
            tags=[Tag(name, about) for name, about in TAGS],
            components=Components(
                security_schemes={
                    "bearer": SecurityScheme(type="http", scheme="bearer"),
                    "key": SecurityScheme(type="apiKey", name="X-API-Key", security_scheme_in="header"),
                }
            ),
            security=[{"bearer": []}, {"key": []}, {}],
        )
        return app_config
