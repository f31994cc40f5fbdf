"""The indices that a sink writes into: their templates and aliases when it starts, each new day, and their end."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from sllm_core.plugin import PluginError
from sllm_plugins.elasticsearch.failures import explained
from sllm_plugins.elasticsearch.preflight import examine
from sllm_plugins.elasticsearch.refusals import reason
from sllm_plugins.elasticsearch.retention import delete_outdated
from sllm_plugins.elasticsearch.templates import Template, is_taken, notes

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from elasticsearch import ApiError, AsyncElasticsearch

    from sllm_plugins.elasticsearch.sink_config import ElasticsearchSinkConfig

START = 9.5
"""Seconds in which all must be ready, or it is known why not."""
CLEANING = 20.0
"""Seconds that deleting outdated indices may take when the sink starts; what is left goes the next day."""
REFUSED = 400
FORBIDDEN = (401, 403)


class Indices:
    """The indices of one sink on its server.

    Args:
        name: the section of config.toml, for messages.
        now: tells the time by which indices are outdated.
    """

    def __init__(
        self,
        client: AsyncElasticsearch,
        config: ElasticsearchSinkConfig,
        name: str,
        now: Callable[[], datetime],
    ) -> None:
        self._client, self._config, self._name, self._now = client.options(max_retries=0), config, name, now

    async def open(self) -> None:
        """Make sure that the server is there, and that indices get their mappings and aliases.

        Raises:
            PluginError: something is in the way; it is known within START seconds.
        """
        from elasticsearch import ApiError, TransportError

        try:
            async with asyncio.timeout(START):
                await examine(self._client, self._config, self._name)
                for template in self._config.templates:
                    await self._check_alias(template)
                    await self._install(template)
        except (ApiError, TransportError, TimeoutError) as error:
            raise explained(error, self._config, self._name) from error

    async def prepare(self, index: str) -> None:
        """Make an index, unless it is there, by its template, which is put again if somebody has deleted it.

        Raises:
            ApiError, TransportError: the client's, except that a key which may not make indices leaves it to the server
                to make them by the first document.
        """
        from elasticsearch import ApiError

        template = next(each for each in self._config.templates if index.startswith(f"{each.name}-"))
        try:
            if self._config.install_templates:
                await template.install(self._client)
            await self._client.indices.create(index=index)
        except ApiError as error:
            if error.meta.status not in FORBIDDEN and not is_taken(error):
                raise

    async def clean(self) -> None:
        """Delete what is outdated; whatever hinders it is logged."""
        from elasticsearch import ApiError, TransportError

        keep = self._config.retention
        if keep is None:
            return
        try:
            async with asyncio.timeout(CLEANING):
                await delete_outdated(self._client, (each.name for each in self._config.templates), self._now(), keep)
        except (ApiError, TransportError, TimeoutError) as error:
            told = str(explained(error, self._config, self._name))
            about = {"sink": self._name, "reason": told}
            logging.getLogger("sllm.elasticsearch").warning("outdated indices stay until tomorrow", extra=about)

    async def _check_alias(self, template: Template) -> None:
        """Without this, each document would be refused for the index of that name."""
        asking = self._client.options(ignore_status=(404, *FORBIDDEN))
        found = await asking.indices.get_alias(index=template.name)
        if template.name in found.body:
            what = f"there is an index {template.name}, so that no alias can have this name"
            key = "index" if template.kind == "findings" else "labels_index"
            remedy = f"delete or rename the index, or set another {key} in [plugins.{self._name}]"
            raise PluginError(f"{self._name}: {self._config.address}: {what}; {remedy}")

    async def _install(self, template: Template) -> None:
        from elasticsearch import ApiError

        if not self._config.install_templates:
            return
        try:
            state = await template.install(self._client)
        except ApiError as error:
            raise PluginError(self._why_not(template, error)) from error
        for note in notes(template, state):
            logging.getLogger("sllm.elasticsearch").warning(note, extra={"sink": self._name})

    def _why_not(self, template: Template, error: ApiError) -> str:
        section = f"[plugins.{self._name}]"
        if error.meta.status in FORBIDDEN:
            remedy = (
                "give it the cluster privilege manage_index_templates, or have an administrator put what "
                f"`sllm plugin {self._name} templates` prints, and set install_templates = false in {section}"
            )
            return f"{self._name}: {self._config.address}: the key or user may not put index templates; {remedy}"
        if template.policy and "index.lifecycle" in str(error.body):
            what = "the server has no ILM"
            return f"{self._name}: {self._config.address}: {what}; remove ilm_policy from {section}, and set retention"
        if error.meta.status != REFUSED:
            return str(explained(error, self._config, self._name))
        what = f"the index template {template.name} is refused: {reason(error.body)}"
        return f"{self._name}: {self._config.address}: {what}; mend it, or set another name in {section}"
