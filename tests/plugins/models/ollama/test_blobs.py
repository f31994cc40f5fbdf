from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest

from fake_models import BLOB, SHOW, Fakes
from fake_server import Request, json_reply
from sllm_core.models import ModelUnavailable
from sllm_core.models.adaptable import DeploymentError
from sllm_plugins.models.ollama.blobs import PIECE, TRIES, find_blob, upload

CONTENT = bytes(range(256)) * 20_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
EMPTY = b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
PLACE = f"blobs/sha256:{DIGEST}"


class Storing:
    """Stores a file that is sent whole; the first `broken` times the connection breaks instead."""

    def __init__(self, broken: int = 0) -> None:
        self.broken, self.stored, self.heads, self.sent = broken, b"", 0, list[bytes]()

    async def __call__(self, request: Request, writer: asyncio.StreamWriter) -> None:
        if request.method == "HEAD":
            self.heads += 1
            status = b"200 OK" if self.stored else b"404 Not Found"
            writer.write(b"HTTP/1.1 " + status + EMPTY)
            return
        self.sent.append(request.body)
        if len(self.sent) <= self.broken:
            writer.transport.abort()
            return
        self.stored = request.body
        writer.write(b"HTTP/1.1 201 Created" + EMPTY)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "adapter.gguf").write_bytes(CONTENT)
    return tmp_path / "adapter.gguf"


def sent(fakes: Fakes, storing: Storing, file: Path) -> None:
    server = fakes.ollama(**{PLACE: storing})
    model = fakes.ollama_model(server)
    fakes.ask(model, lambda: upload(model.open(), file, DIGEST))


def test_a_file_of_several_pieces_arrives_whole(fakes: Fakes, file: Path) -> None:
    assert len(CONTENT) > 2 * PIECE
    sent(fakes, storing := Storing(), file)
    assert storing.stored == CONTENT and len(storing.sent) == 1


def test_what_the_server_has_is_not_sent_again(fakes: Fakes, file: Path) -> None:
    storing = Storing()
    storing.stored = CONTENT
    sent(fakes, storing, file)
    assert storing.sent == []


def test_a_connection_that_breaks_is_tried_again(fakes: Fakes, file: Path) -> None:
    sent(fakes, storing := Storing(broken=TRIES - 1), file)
    assert storing.stored == CONTENT and len(storing.sent) == storing.heads == TRIES


def test_a_connection_that_always_breaks_is_told(fakes: Fakes, file: Path) -> None:
    with pytest.raises(ModelUnavailable):
        sent(fakes, Storing(broken=99), file)


def test_a_file_that_is_gone_is_told(fakes: Fakes, tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match=r"adapter\.gguf cannot be read: No such file"):
        sent(fakes, Storing(), tmp_path / "adapter.gguf")


def test_the_key_of_the_server_is_sent_with_a_file(fakes: Fakes, file: Path) -> None:
    server = fakes.ollama(**{PLACE: Storing()})
    model = fakes.ollama_model(server, api_key="k3y")
    fakes.ask(model, lambda: upload(model.open(), file, DIGEST))
    assert {each.headers["authorization"] for each in server.received} == {"Bearer k3y"}


def test_a_server_that_makes_another_tag_than_it_should_is_found_out(fakes: Fakes, file: Path) -> None:
    tags = {"models": [{"name": "tiny:latest", "digest": "b" * 64}]}

    async def listed(request: Request, writer: asyncio.StreamWriter) -> None:
        await json_reply(tags)(request, writer)

    async def created(request: Request, writer: asyncio.StreamWriter) -> None:
        tags["models"].append({"name": request.data["model"], "digest": "c" * 64})
        await json_reply({"status": "success"})(request, writer)

    async def deleted(request: Request, writer: asyncio.StreamWriter) -> None:
        tags["models"].pop()
        await json_reply({})(request, writer)

    server = fakes.ollama(tags=listed, create=created, delete=deleted, **{PLACE: Storing()})
    model = fakes.ollama_model(server)
    with pytest.raises(DeploymentError, match="made sllm-tuned:1 of other weights than those of tiny; try again"):
        fakes.ask(model, lambda: model.deploy("sllm-tuned:1", file))
    assert len(tags["models"]) == 1


def test_a_server_that_is_full_is_told(fakes: Fakes, file: Path) -> None:
    full = json_reply({"error": "write: no space left on device"}, 500)
    model = fakes.ollama_model(fakes.ollama(create=full, **{PLACE: Storing()}))
    with pytest.raises(DeploymentError, match=r"does not make sllm-tuned:1 of tiny and the adapter: .* no space left"):
        fakes.ask(model, lambda: model.deploy("sllm-tuned:1", file))


def test_a_base_of_several_files_is_refused(fakes: Fakes, file: Path) -> None:
    two = {**SHOW, "modelfile": f"FROM /m/sha256-{BLOB}\nFROM /m/sha256-{'c' * 64}\nTEMPLATE x\n"}
    model = fakes.ollama_model(fakes.ollama(show=json_reply(two)))
    with pytest.raises(DeploymentError, match="tiny is made of 2 files; an adapter fits on one only"):
        fakes.ask(model, model.base)


def test_a_blob_is_found_where_servers_keep_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "blobs" / f"sha256-{DIGEST}"
    place.parent.mkdir()
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path))
    assert find_blob(DIGEST, "") is None
    place.write_bytes(CONTENT)
    assert find_blob(DIGEST, "") == place
    place.write_bytes(CONTENT[:-1])
    assert find_blob(DIGEST, "") is None


def test_a_blob_is_found_where_the_server_says_that_it_is(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OLLAMA_MODELS", raising=False)
    assert find_blob(DIGEST, str(file)) == file
    assert find_blob("0" * 64, str(file)) is None
