"""What several tests need: logging as it was, plugins that are really installed for one test, and real servers."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import NoReturn

import httpx
import pytest
from hypothesis import HealthCheck, settings

import elasticsearch_server
import kafka_server
from elasticsearch_server import OwnElasticsearch
from kafka_server import OwnKafka
from ollama_server import OwnOllama, answers, drop_model, put_model, unload_model
from sllm_core.safety import Preparation
from tiny_llama import tiny_llama

PRELUDE = """
from __future__ import annotations
from contextlib import asynccontextmanager
from typing import Annotated
from pydantic import Field, SecretStr
from sllm_core.plugin import Plugin, PluginConfig, hookimpl
from sllm_core.settings import Duration, EnvironmentName, PathInConfig
from sllm_core.testing import ListSink, ListSource, ScriptedModel
"""

EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "100"))
"""So many a property test tries, where it does not say so itself; fewer where the same tests run again."""

settings.register_profile("sllm", max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sllm")

for each in ("connect", "read", "write", "pool"):  # five seconds are missed now and then on a busy machine
    setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, each, 60.0)

CI = bool(os.environ.get("CI"))
"""Whether a server that should be there and is not makes tests fail instead of being left out."""

OWN = ("own_ollama", "own_kafka", "own_elasticsearch")
SERVERS = {"ollama_url", "kafka_servers", "elasticsearch_url", "browser", *OWN}
"""The fixtures that are a real server or browser, or its address."""

Install = Callable[..., None]
"""`install("acme", "class Plain(Plugin): ...", plain="Plain")`: a distribution that offers the plugin `plain`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what meets a real server, for `-m "not server"`."""
    for item in items:
        if SERVERS & {*getattr(item, "fixturenames", ())}:
            item.add_marker("server")


@contextmanager
def _logging_kept() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.captureWarnings(False)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Commands send all logs of their process to standard error; the next test has its own."""
    with _logging_kept():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
    """A fixture of a wider scope may call a command as well, before `logging_as_it_was` has seen how it was."""
    with nullcontext() if fixturedef.scope == "function" else _logging_kept():
        return (yield)


class _Redactor:
    """Takes one address for private."""

    def redact(self, text: str) -> str:
        return text.replace("kim@shop.example", "<email:1>")

    def session(self) -> _Redactor:
        return self


@pytest.fixture(scope="session")
def prepare() -> Preparation:
    """Makes lines ready for prompts; of private values it knows kim@shop.example only."""
    return Preparation(_Redactor(), ("<|eot_id|>",), bytes(range(32)))


@pytest.fixture
def install(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a distribution with one module; its keywords are entry points: name = class."""
    modules: list[str] = []

    def installed(distribution: str, code: str, version: str = "1.0", **entries: str) -> None:
        module = f"{distribution.replace('-', '_')}_module"
        folder = tmp_path_factory.mktemp(module)
        lines = [f"{name.replace('_', '-')} = {module}:{target}" for name, target in entries.items()]
        _write(folder / f"{module}.py", PRELUDE + code)
        _write(folder / f"{module}-{version}.dist-info" / "METADATA", f"Name: {distribution}\nVersion: {version}\n")
        _write(folder / f"{module}-{version}.dist-info" / "entry_points.txt", "\n".join(["[sllm]", *lines]))
        monkeypatch.syspath_prepend(folder)
        modules.append(module)

    yield installed
    for module in modules:
        sys.modules.pop(module, None)


@pytest.fixture(scope="session")
def ollama_url() -> str:
    """The address of a real Ollama."""
    url = os.environ.get("OLLAMA_API_URL", "").rstrip("/")
    if not url:
        pytest.skip("needs a real Ollama: start one with `ollama serve` and set OLLAMA_API_URL=http://localhost:11434")
    if not answers(url):
        _missing(f"OLLAMA_API_URL is {url}, and nothing answers there: `ollama serve`")
    return url


@pytest.fixture(scope="session")
def tiny_tag(ollama_url: str) -> Iterator[str]:
    """The tag of a small Llama with random weights on the real server; it is there for this session only."""
    tag = f"sllm-test-{tiny_llama().stem}:{uuid.uuid4().hex[:12]}"
    put_model(ollama_url, tag, tiny_llama())
    yield tag
    unload_model(ollama_url, tag)
    drop_model(ollama_url, tag)


@pytest.fixture
def own_ollama(tmp_path: Path) -> Iterator[OwnOllama]:
    """A server process of the test's own, not started yet, which it may kill."""
    binary = os.environ.get("SLLM_OLLAMA_BINARY", "")
    if not binary:
        pytest.skip("needs the program ollama to start and kill: set SLLM_OLLAMA_BINARY to its path")
    folder = tmp_path / "ollama"
    folder.mkdir()
    server = OwnOllama(Path(binary), folder)
    yield server
    server.kill()


@pytest.fixture(scope="session")
def kafka_servers() -> str:
    """The bootstrap servers of a real Kafka."""
    servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "")
    if not servers:
        pytest.skip("needs a real Kafka: `docker compose up -d kafka` and set KAFKA_BOOTSTRAP_SERVERS=localhost:29092")
    if not kafka_server.answers(servers):
        _missing(f"KAFKA_BOOTSTRAP_SERVERS is {servers}, and no Kafka answers there: `docker compose up -d kafka`")
    return servers


@pytest.fixture
def topic(kafka_servers: str) -> Iterator[str]:
    """A topic of four partitions on the real Kafka, for this test only, as are its .dlq and the changelog of a group of
    that name, which are not made here.
    """
    name = f"sllm-test-{uuid.uuid4().hex}"
    kafka_server.create_topic(kafka_servers, name)
    yield name
    kafka_server.delete_topics(kafka_servers, name, f"{name}.dlq", f"{name}.changelog")


@pytest.fixture(scope="session")
def elasticsearch_url() -> str:
    """The address of a real Elasticsearch."""
    host, port = os.environ.get("ELASTICSEARCH_HOST", ""), os.environ.get("ELASTICSEARCH_PORT", "9200")
    if not host:
        pytest.skip(
            "needs a real Elasticsearch: `docker compose up -d elasticsearch` and set ELASTICSEARCH_HOST=localhost"
        )
    url = f"http://{host}:{port}"
    if not elasticsearch_server.answers(url):
        _missing(f"ELASTICSEARCH_HOST and _PORT mean {url}, and nothing answers: `docker compose up -d elasticsearch`")
    return url


@pytest.fixture
def index(elasticsearch_url: str) -> Iterator[str]:
    """A name for an index on the real Elasticsearch; all indices and templates that begin with it go after the test."""
    prefix = f"sllm-test-{uuid.uuid4().hex}"
    yield prefix
    elasticsearch_server.delete_indices(elasticsearch_url, prefix)


@pytest.fixture(scope="session")
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnKafka]:
    """A running broker of the session's own, which tests may kill; each leaves it running."""
    home, java = os.environ.get("SLLM_KAFKA_HOME", ""), kafka_server.java_of()
    if not home:
        pytest.skip("needs a Kafka to start and kill: set SLLM_KAFKA_HOME to a folder with lib/*.jar")
    if java is None or not java.exists() or not any(Path(home).glob("lib/kafka*.jar")):
        _missing(f"SLLM_KAFKA_HOME is {home} and Java {java}: one of them is not there")
    server = OwnKafka(Path(home), java, tmp_path_factory.mktemp("kafka"))
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="session")
def own_elasticsearch() -> Iterator[OwnElasticsearch]:
    """A running server of the session's own, which tests may kill; each leaves it running."""
    home = os.environ.get("SLLM_ELASTICSEARCH_HOME", "")
    java = os.environ.get("ES_JAVA_HOME") or os.environ.get("JAVA_HOME", "")
    if not (home and java):
        pytest.skip(
            "needs an Elasticsearch to start and kill: set SLLM_ELASTICSEARCH_HOME to the folder of a distribution "
            "and ES_JAVA_HOME to a JDK of 21 or newer"
        )
    if not (Path(home, "bin/elasticsearch").exists() and Path(java, "bin/java").exists()):
        _missing(f"SLLM_ELASTICSEARCH_HOME is {home} and ES_JAVA_HOME {java}: one of them is not there")
    folder = Path(tempfile.mkdtemp(prefix="sllm-elasticsearch-"))
    server = OwnElasticsearch(Path(home), java, folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder)


def _missing(why: str) -> NoReturn:
    """Leave the test out on a user's machine; fail it in CI."""
    (pytest.fail if CI else pytest.skip)(why)
    raise AssertionError


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
