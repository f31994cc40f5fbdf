from __future__ import annotations

import pytest

from sllm_plugins.models.address import base_url, proxy_for, server_url, shown


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:11434",
        "http://127.0.0.1:1",
        "http://[::1]:11434",
        "https://ollama.example.com",
        "http://host:11434/behind/a/proxy",
        "http://user:word@host:11434",
    ],
)
def test_addresses_that_mean_what_they_say(url: str) -> None:
    assert server_url(f" {url}/ ") == url


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "this is no address; write it as http://host:port"),
        ("myhost", "this is no address"),
        ("myhost:11434", "this is no address"),
        ("ftp://myhost:1", "this is no address"),
        ("http://myhost:port", "this is no address"),
        ("http://:11434", "this is no address"),
        ("http://my host:11434", "this is no address"),
        ("http://myhost:99999", "this is no address"),
        ("http://myhost", "with its port, such as http://myhost:11434"),
        ("http://myhost:11434/api/generate", "leave the path of the API out: http://myhost:11434$"),
        ("http://myhost:11434/v1/", "leave the path of the API out: http://myhost:11434$"),
        ("http://myhost:11434?x=1", "an address has no"),
    ],
)
def test_addresses_that_would_quietly_become_others(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        server_url(text)


def test_the_address_of_an_api_has_a_path() -> None:
    assert base_url("http://localhost:8000/v1/") == "http://localhost:8000/v1"
    with pytest.raises(ValueError, match="this is no address"):
        base_url("localhost:8000/v1")


def test_a_password_is_not_shown() -> None:
    assert shown("http://user:word@host:1") == "http://user:***@host:1"
    assert shown("http://host:1") == "http://host:1"


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", "gpu.intern")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "[::1]", "a.localhost"])
def test_this_machine_is_never_asked_through_a_proxy(proxied: None, host: str) -> None:
    assert proxy_for(f"http://{host}:11434") is None


def test_other_machines_are_asked_as_the_environment_says(proxied: None) -> None:
    assert proxy_for("http://elsewhere:11434") == "http://proxy:3128"
    assert proxy_for("http://gpu.intern:11434") is None
