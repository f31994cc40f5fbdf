from __future__ import annotations

import pytest

from sllm_core.plugin import PluginError
from sllm_core.web.address import bind, check_reach, is_loopback, url


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LocalHost"])
def test_loopback_is_this_machine_alone(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com", "localhost.example.com"])
def test_others_can_reach_the_rest(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(PluginError, match="there is no API key"):
        check_reach(host, keys=0)


def test_with_keys_others_may_reach_it() -> None:
    check_reach("0.0.0.0", keys=1)


def test_a_port_in_use_is_told() -> None:
    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        assert url(taken) == f"http://127.0.0.1:{port}"
        with pytest.raises(PluginError, match=f"port {port} cannot be used: Address already in use; choose another"):
            bind("127.0.0.1", port)


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(PluginError, match="port 0 cannot be used"):
        bind("192.0.2.1", 0)
