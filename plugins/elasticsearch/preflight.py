"""The first question to a server: whether it is there, is Elasticsearch, and knows us; answered within seconds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sllm_plugins.elasticsearch.failures import explained

if TYPE_CHECKING:
    from elasticsearch import AsyncElasticsearch

    from sllm_plugins.elasticsearch.connection import ElasticsearchConnection

PATIENCE = 8.0
"""Seconds that the servers have in all."""


async def examine(client: AsyncElasticsearch, connection: ElasticsearchConnection, name: str) -> None:
    """Return once a server has answered; a key that may not ask for the cluster's health is welcome as well.

    The health is asked for, not `GET /`, which needs a module of the server and a right that a key may not have.

    Args:
        name: the section of config.toml, for messages.

    Raises:
        PluginError: no server, another product, another major version, no trust, or no such credential.
    """
    from elasticsearch import ApiError, AuthorizationException, TransportError

    tries = len(connection.addresses)
    asking = client.options(request_timeout=PATIENCE / tries, max_retries=tries - 1, retry_backoff_base=0.0)
    try:
        async with asyncio.timeout(PATIENCE + 1):
            await asking.cluster.health()
    except AuthorizationException:
        return
    except (ApiError, TransportError, TimeoutError) as error:
        raise explained(error, connection, name) from error
