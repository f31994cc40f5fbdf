"""Saved objects to and from a Kibana, by its HTTP API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sllm_core.plugin import PluginError

if TYPE_CHECKING:
    import httpx

TIMEOUT = 9.0
"""Seconds for one request."""

SHOWN = 3
"""How many of the objects that were refused are named."""


class KibanaError(PluginError):
    """Kibana cannot be reached, or refuses."""


@dataclass(frozen=True)
class Kibana:
    """A Kibana at an address (`http://localhost:5601`, with its base path), a space of it, and who asks.

    `verify` is False to trust any certificate, or the path of a file of trusted ones.
    """

    url: str
    space: str = ""
    api_key: str = ""
    user: str = ""
    password: str = ""
    verify: bool | str = True

    def take_in(self, ndjson: str, *, overwrite: bool = True) -> int:
        """Import saved objects; how many there were.

        Raises:
            KibanaError: it cannot be reached or refuses, all or some.
        """
        answer = self._post(
            "_import",
            params={"overwrite": "true"} if overwrite else None,
            files={"file": ("sllm.ndjson", ndjson.encode(), "application/ndjson")},
        )
        found: dict[str, Any] = answer.json()
        if not found.get("success"):
            raise KibanaError(
                f"{self.url} took in {found.get('successCount', 0)} objects and refused {_refused(found)}"
            )
        return int(found["successCount"])

    def give_out(self, ids: Mapping[str, str]) -> str:
        """Export saved objects as NDJSON, with what they refer to; `ids` gives the type of each id.

        Raises:
            KibanaError: it cannot be reached, or has none of them.
        """
        objects = [{"type": kind, "id": id} for id, kind in ids.items()]
        body = {"objects": objects, "includeReferencesDeep": True, "excludeExportDetails": True}
        return self._post("_export", json=body).text

    @property
    def address(self) -> str:
        """Where the space is."""
        return self.url.rstrip("/") + (f"/s/{quote(self.space, safe='')}" if self.space else "")

    def _post(
        self,
        action: str,
        *,
        params: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        json: object = None,
    ) -> httpx.Response:
        import httpx

        address = f"{self.address}/api/saved_objects/{action}"
        headers = {"kbn-xsrf": "true"} | ({"Authorization": f"ApiKey {self.api_key}"} if self.api_key else {})
        sign_in = (self.user, self.password) if self.user else None
        try:
            with httpx.Client(timeout=TIMEOUT, verify=self.verify, auth=sign_in, trust_env=False) as client:
                answer = client.post(address, headers=headers, params=params, files=files, json=json)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            remedy = "start Kibana, or name its address with --url"
            raise KibanaError(f"{self.url} cannot be reached: {error or type(error).__name__}; {remedy}") from error
        if answer.status_code != 200:
            raise KibanaError(
                f"{self.url} answered {answer.status_code} {_reason(answer)}; {_remedy(answer.status_code)}"
            )
        return answer


def _reason(answer: httpx.Response) -> str:
    try:
        message = str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        message = answer.reason_phrase
    return message[:300]


def _remedy(status: int) -> str:
    remedies = {
        401: "give an API key with --api-key, or --user and --password",
        403: "the user needs the right to manage saved objects in this space",
        404: "is it Kibana that answers there, and is its base path part of --url?",
        503: "Kibana is starting; try again in a minute",
    }
    return remedies.get(status, "see Kibana's log")


def _refused(found: Mapping[str, Any]) -> str:
    errors = found.get("errors", [])
    named = [f"{each['type']} {each['id']} ({each.get('error', {}).get('type', 'unknown')})" for each in errors[:SHOWN]]
    more = f" and {len(errors) - SHOWN} more" if len(errors) > SHOWN else ""
    return f"{', '.join(named)}{more}; Kibana 8.9 or later is needed"
