"""The problems that a resource may answer with, for the description of the interface."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from litestar.openapi.datastructures import ResponseSpec

from sllm_core.web.problems import MEDIA_TYPE, ProblemDetails

TEXTS = MappingProxyType(
    {
        400: "The request cannot be understood; `errors` name the fields.",
        401: "An API key is needed.",
        403: "The API key may not do this.",
        404: "There is no such thing.",
        408: "The body came too slowly.",
        409: "That cannot be done as sllm is configured, or not now.",
        413: "The request is too large.",
        415: "The body has a type or an encoding that is not understood.",
        421: "The service answers to this machine only.",
        422: "It cannot be done as it stands; `errors` name the fields.",
        429: "Too many requests; `Retry-After` says when to try again.",
        503: "Not now; `Retry-After` says when to try again.",
    }
)
BODY = (408, 413, 415, 503)
ALWAYS = (401, 403, 421, 429)


def refusals(*statuses: int, body: bool = True) -> Mapping[int, ResponseSpec]:
    """Problems with these statuses, with those that any request may meet, and any with a `body`."""
    met = sorted({*statuses, *ALWAYS, *(BODY if body else ())})
    return {
        each: ResponseSpec(ProblemDetails, description=TEXTS[each], media_type=MEDIA_TYPE, generate_examples=False)
        for each in met
    }
