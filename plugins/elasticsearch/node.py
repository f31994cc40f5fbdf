"""The HTTP connection of the client: also to servers of the major version before, and to a pinned certificate."""

from __future__ import annotations

import logging
import ssl
from io import BytesIO
from typing import TYPE_CHECKING, Any

from elastic_transport import AiohttpHttpNode, ConnectionError, ConnectionTimeout, HttpHeaders, NodeConfig, TlsError
from elastic_transport.client_utils import DEFAULT, DefaultType

from sllm_plugins.elasticsearch.trust import pinned_context

if TYPE_CHECKING:
    from elastic_transport._node import NodeApiResponse

OWN = 9
"""The major version of the API that the client speaks by itself."""

LARGE = 1 << 20
"""Bytes that aiohttp takes in one piece."""


class QuietNode(AiohttpHttpNode):
    """As the client's own, but deprecation notes of the server become debug logs instead of Python's warnings.

    Every answer has a `content-length`: that of its body when it is unpacked.

    Class variables, since the client creates the nodes: `major` is that of the API to speak, `fingerprint` that of the
    certificate to trust, "" if others decide.
    """

    major = OWN
    fingerprint = ""

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        self._pinned = not (self.fingerprint and config.scheme == "https")

    async def _perform(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        request_timeout: DefaultType | float | None = DEFAULT,
    ) -> NodeApiResponse:
        if not self._pinned:
            await self._pin()
        answer = await super().perform_request(method, target, self._sent(body), self._spoken(headers), request_timeout)
        if "warning" in answer.meta.headers:
            logging.getLogger("sllm.elasticsearch").debug("server: %s", answer.meta.headers["warning"])
            del answer.meta.headers["warning"]
        answer.meta.headers["content-length"] = str(len(answer.body))
        return answer

    # The class above is not typed as its own base class has it, so that no method could agree with both.
    perform_request: Any = _perform

    async def _pin(self) -> None:
        try:
            self._ssl_context = await pinned_context(self.config.host, self.config.port, self.fingerprint)
        except ssl.SSLError as error:
            raise TlsError(str(error), errors=(error,)) from None
        except TimeoutError as error:
            raise ConnectionTimeout("Connection timed out", errors=(error,)) from None
        except OSError as error:
            raise ConnectionError(str(error), errors=(error,)) from None
        self._pinned = True

    def _log_request(self, *_: object, **__: object) -> None:
        """Nothing: the client would decode each body to show it at debug, and in bodies are the logs of others."""

    def _sent(self, body: bytes | None) -> Any:  # noqa: ANN401
        """The body; a large one as a stream, which aiohttp sends in pieces, while it warns of bytes."""
        return BytesIO(body) if body and len(body) > LARGE and not self._http_compress else body

    def _spoken(self, headers: HttpHeaders | None) -> HttpHeaders | None:
        if headers is None or self.major == OWN:
            return headers
        spoken = HttpHeaders(headers)
        for name in ("accept", "content-type"):
            if name in spoken:
                spoken[name] = spoken[name].replace(f"compatible-with={OWN}", f"compatible-with={self.major}")
        return spoken


def node_class(major: int, fingerprint: str = "") -> type[QuietNode]:
    """The class of nodes that speak to servers of this major version and trust this fingerprint."""
    return type("Node", (QuietNode,), {"major": major, "fingerprint": fingerprint})
