from __future__ import annotations

import pytest

from sllm_core.redaction import Redactor

ADDRESSES = ["10.0.0.1", "255.255.255.255", "fe80::1", "2001:db8::8a2e:370:7334", "::1", "00:1a:2b:3c:4d:5e"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_go_only_where_that_is_asked_for(address: str) -> None:
    text = f"client {address} gone"
    assert Redactor().redact(text) == text
    assert Redactor(client_addresses=True).redact(text) == "client <address:1> gone"


def test_the_port_stays() -> None:
    assert Redactor(client_addresses=True).redact("10.0.0.1:8080") == "<address:1>:8080"


@pytest.mark.parametrize(
    "text", ["1.2.3", "version 1.2.3.4.5", "300.1.1.1", "10:11:12", "a::b::c", "std::vector", "x::y"]
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert Redactor(client_addresses=True).redact(text) == text
