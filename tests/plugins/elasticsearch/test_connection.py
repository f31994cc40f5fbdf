from __future__ import annotations

import asyncio
import socket
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import Certificates, has_openssl, make_certificates
from pydantic import ValidationError

from fake_elasticsearch import Answer, FakeElasticsearch, error, failing
from sllm_core.plugin import PluginError
from sllm_plugins.elasticsearch import preflight
from sllm_plugins.elasticsearch.connection import ElasticsearchConnection
from sllm_plugins.elasticsearch.preflight import examine


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    if not has_openssl():
        pytest.skip("needs the program openssl, which makes the certificates")
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def safe(certificates: Certificates) -> Iterator[FakeElasticsearch]:
    """A server with a certificate of an authority that nobody knows."""
    with FakeElasticsearch(certificate=certificates.served) as server:
        yield server


def reach(**options: object) -> None:
    """Examine the server as the section `elasticsearch` does."""

    async def examined() -> None:
        connection = ElasticsearchConnection.model_validate(options)
        client = connection.client()
        try:
            await examine(client, connection, "elasticsearch")
        finally:
            await client.close()

    asyncio.run(examined())


def complaint(**options: object) -> str:
    with pytest.raises(PluginError) as caught:
        reach(**options)
    text = str(caught.value)
    assert "\n" not in text and text.startswith("elasticsearch: ") and "[plugins.elasticsearch]" in text
    return text


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def addresses(**options: object) -> tuple[str, ...]:
    return ElasticsearchConnection.model_validate(options).addresses


def test_a_host_has_the_usual_port() -> None:
    assert addresses(host="elastic.example") == ("http://elastic.example:9200",)


def test_a_host_may_be_an_address() -> None:
    assert addresses(host="https://elastic.example", port=443) == ("https://elastic.example:443",)
    assert addresses(host="http://elastic.example:9201") == ("http://elastic.example:9201",)


def test_a_host_may_be_of_the_sixth_version() -> None:
    assert addresses(host="::1") == ("http://[::1]:9200",)
    assert addresses(url="http://[::1]:9200/") == ("http://[::1]:9200",)


def test_trust_in_a_certificate_means_tls() -> None:
    assert addresses(host="elastic.example", fingerprint="AB:" * 31 + "AB") == ("https://elastic.example:9200",)


def test_several_addresses_may_be_given() -> None:
    assert addresses(url=["https://a:9200", "https://b"]) == ("https://a:9200", "https://b:9200")


@pytest.mark.parametrize(
    "options",
    [
        {"url": "elastic:9200"},
        {"url": "ftp://elastic:9200"},
        {"url": "http://kim:secret@elastic:9200"},
        {"fingerprint": "12:34"},
        {"user": "kim"},
        {"api_key": "a:b", "user": "kim", "password": "secret"},
        {"ca_file": "ca.pem", "fingerprint": "ab" * 32},
        {"server_major": 7},
    ],
)
def test_what_cannot_be_meant_is_told(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        ElasticsearchConnection.model_validate(options)
    assert "secret" not in str(caught.value.errors()[0]["msg"])


def test_a_real_server_is_reached(elasticsearch_url: str) -> None:
    reach(url=elasticsearch_url)


def test_a_server_that_speaks_the_other_version_of_the_api_too_is_reached(elasticsearch_url: str) -> None:
    reach(url=elasticsearch_url, server_major=8)


def test_an_unknown_host_is_told() -> None:
    assert "no such host; correct host and port" in complaint(host="nowhere.invalid")


def test_a_port_where_nothing_listens_is_told() -> None:
    assert "nothing listens there; start Elasticsearch" in complaint(host="127.0.0.1", port=free_port())


def test_a_server_of_the_version_before_is_told() -> None:
    with FakeElasticsearch(major=8) as server:
        assert "set server_major = 8" in complaint(url=server.url)


def test_a_server_of_the_version_before_is_reached_by_setting() -> None:
    with FakeElasticsearch(major=8) as server:
        reach(url=server.url, server_major=8)


def test_a_server_that_is_too_old_is_told() -> None:
    with FakeElasticsearch(major=7) as server:
        assert "neither of version 8 nor 9" in complaint(url=server.url, server_major=8)


def test_something_else_that_answers_is_told() -> None:
    with FakeElasticsearch(product=False) as server:
        assert "is not Elasticsearch" in complaint(url=server.url)


def test_a_page_of_another_server_is_told() -> None:
    with FakeElasticsearch(product=False) as server:
        html = {"content-type": "text/html"}
        for answer in (Answer(404, b"<html>nothing</html>", html), Answer(200, b"<html>", html), Answer(200, b"{")):
            server.faults = [failing("", answer)]
            assert "is not Elasticsearch" in complaint(url=server.url)


def test_a_missing_credential_is_told() -> None:
    with FakeElasticsearch(credential="ApiKey c2VjcmV0") as server:
        assert "is demanded; set api_key" in complaint(url=server.url)


def test_a_wrong_credential_is_told_without_showing_it() -> None:
    with FakeElasticsearch(credential="ApiKey c2VjcmV0") as server:
        told = complaint(url=server.url, api_key="d3Jvbmc=")
    assert "is refused; correct api_key" in told and "d3Jvbmc=" not in told


def test_a_key_is_taken_as_kibana_shows_it_and_as_its_two_parts() -> None:
    with FakeElasticsearch(credential="ApiKey aWQ6a2V5") as server:
        reach(url=server.url, api_key="aWQ6a2V5")
        reach(url=server.url, api_key="id:key")


def test_a_user_is_known_by_the_password() -> None:
    with FakeElasticsearch(credential="Basic a2ltOnNlY3JldA==") as server:
        reach(url=server.url, user="kim", password="secret")
        assert "correct user and password" in complaint(url=server.url, user="kim", password="other")


def test_a_key_that_may_not_ask_for_the_health_is_welcome() -> None:
    with FakeElasticsearch() as server:
        server.faults.append(failing("/_cluster/health", error(403, "security_exception", "not for you")))
        reach(url=server.url)


def test_a_server_that_says_nothing_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "PATIENCE", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        assert "no answer in time" in complaint(host="127.0.0.1", port=silent.getsockname()[1])


def test_one_of_several_servers_is_enough() -> None:
    with FakeElasticsearch() as server:
        for _ in range(3):
            reach(url=[f"http://127.0.0.1:{free_port()}", server.url])


def test_deprecations_are_no_warnings() -> None:
    with FakeElasticsearch() as server, warnings.catch_warnings():
        server.headers["warning"] = '299 Elasticsearch-9.0.0 "this is deprecated"'
        warnings.simplefilter("error")
        reach(url=server.url)


def test_an_unknown_authority_is_told(safe: FakeElasticsearch) -> None:
    assert "signed by an unknown authority; set ca_file or fingerprint" in complaint(url=safe.url)


def test_an_authority_is_trusted_by_its_file(safe: FakeElasticsearch, certificates: Certificates) -> None:
    reach(url=safe.url, ca_file=certificates.authority)


def test_a_certificate_is_trusted_by_its_own_fingerprint_and_by_its_authority_s(
    safe: FakeElasticsearch, certificates: Certificates
) -> None:
    for each in certificates.fingerprints:
        reach(host="127.0.0.1", port=safe.port, fingerprint=each)


def test_another_fingerprint_is_told_with_those_shown(safe: FakeElasticsearch, certificates: Certificates) -> None:
    told = complaint(url=safe.url, fingerprint="ab" * 32)
    assert "the certificate is another one" in told and certificates.fingerprints[0] in told


def test_a_certificate_for_another_name_is_told(tmp_path: Path, certificates: Certificates) -> None:
    other = make_certificates(tmp_path, "subjectAltName=DNS:elastic.example")
    with FakeElasticsearch(certificate=other.served) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        assert "for another name" in complaint(url=url, ca_file=other.authority)
        assert "for another name" in complaint(url=url, fingerprint=other.fingerprints[1])
        reach(url=url, fingerprint=other.fingerprints[0])


def test_whoever_wants_no_proof_gets_no_warning(safe: FakeElasticsearch) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reach(url=safe.url, verify=False)


def test_tls_where_there_is_none_is_told() -> None:
    with FakeElasticsearch() as server:
        assert "does not speak TLS" in complaint(url=server.url.replace("http:", "https:"))


def test_no_tls_where_there_must_be_is_told(safe: FakeElasticsearch) -> None:
    assert "if it speaks TLS, set url" in complaint(url=safe.url.replace("https:", "http:"))


def test_a_file_without_certificates_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(PluginError, match="no certificate in PEM form"):
        reach(url="https://localhost:9200", ca_file=tmp_path / "ca.pem")
    with pytest.raises(PluginError, match="No such file"):
        reach(url="https://localhost:9200", ca_file=tmp_path / "none.pem")
