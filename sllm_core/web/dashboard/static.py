"""`/static/…`: the styles, scripts and pictures of the pages, from the package and from nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from sllm_core.web.problems import Problem

TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".css": "text/css",
        ".js": "text/javascript",
        ".svg": "image/svg+xml",
    }
)
"""What is served, by the ends of names."""

FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class StaticFile:
    """A file in memory; `version` follows from its bytes."""

    name: str
    content: bytes
    version: str

    @property
    def media_type(self) -> str:
        return TYPES[Path(self.name).suffix]


class StaticFiles:
    """The files of a folder, read once: what is not among them cannot be asked for, whatever the path.

    Their addresses have the digest of their bytes, so a browser may keep them for ever and yet sees what is new.
    """

    def __init__(self, folder: Path) -> None:
        found = (each for each in sorted(folder.rglob("*")) if each.suffix in TYPES)
        self._files = {each.name: _read(each) for each in found}

    def url(self, name: str) -> str:
        """The address of a file."""
        return f"/static/{self._files[name].version}/{name}"

    def find(self, version: str, name: str) -> StaticFile | None:
        """The file, in just this version."""
        found = self._files.get(name)
        return found if found is not None and found.version == version else None


@get("/static/{version:str}/{name:str}", opt={"open": True}, sync_to_thread=False)
def static_file(request: Request[Any, Any, Any], version: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    files: StaticFiles = request.app.state["static"]
    found = files.find(version, name)
    if found is None:
        raise Problem(404, "there is no such file")
    headers = {"Cache-Control": FOR_EVER, "ETag": f'"{found.version}"'}
    if request.headers.get("if-none-match", "") == headers["ETag"]:
        return Response(b"", status_code=304, headers=headers)
    return Response(found.content, media_type=found.media_type, headers=headers)


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    return StaticFile(path.name, content, sha256(content).hexdigest()[:16])
