"""The first contact with Kafka: within seconds it is there, or one line says what is wrong and what to set."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.conn import AIOKafkaConnection, collect_hosts, create_conn
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    NodeNotReadyError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from sllm_core.plugin import PluginError

from .tasks import end, within

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
    from aiokafka.client import AIOKafkaClient

    from .connection import KafkaConnection

    Client: TypeAlias = AIOKafkaConsumer | AIOKafkaProducer | AIOKafkaAdminClient | AIOKafkaClient

PATIENCE = 3.5
"""Seconds for an answer of the servers that are configured, and as many for that of the brokers that these name."""

STARTING = 2 * PATIENCE
"""Seconds that a client may take to start."""

SETTLING = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between questions to servers that name no broker: they have just started, or lost sight of each other."""

STOPPING = 5.0
"""Seconds that a client may take to end; servers that are away are not waited for."""

HTTP = int.from_bytes(b"HTTP")
"""The length of an answer, as Kafka's protocol understands the first bytes of a web server."""

Address = tuple[str, int]


async def reach(connection: KafkaConnection, section: str) -> tuple[Address, ...]:
    """Ask the configured servers who their brokers are, and whether one of those can be reached.

    aiokafka itself tells only that no server could be reached, after 40 s in some cases.

    Raises:
        PluginError: none answers as Kafka does, or they do not let this client in; what to set.
    """
    options = connection.client_options()
    servers = [(host, int(port)) for host, port, _ in collect_hosts(options.pop("bootstrap_servers"))]
    found = await asyncio.gather(*(_brokers(each, options) for each in servers))
    brokers = next((each for each in found if not isinstance(each, Exception)), None)
    if brokers is None:
        error = next(each for each in found if isinstance(each, Exception))
        raise PluginError(f"{section}: Kafka at {connection.bootstrap_servers}: {explain(error, connection, section)}")
    if not brokers:
        raise _nobody(connection, section)
    if not set(brokers) & set(servers):
        await _reach_any(brokers, options, connection, section)
    return brokers


@asynccontextmanager
async def administration(connection: KafkaConnection, section: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """An administration client, while the context is entered; its `describe_topics` creates none.

    Raises:
        PluginError: the servers cannot be reached.
    """
    await reach(connection, section)
    # A plain look-up takes milliseconds; a broker that hangs must not hold up a start for aiokafka's 40 s.
    client = AIOKafkaAdminClient(**connection.client_options(), request_timeout_ms=round(1000 * STARTING))

    async def describe_topics(topics: list[str] | None = None) -> list[Any]:
        request = MetadataRequest(topics, allow_auto_topic_creation=False)
        try:
            described: list[Any] = (await _settled(client, request)).to_object()["topics"]
        except NodeNotReadyError as error:
            raise _nobody(connection, section) from error
        return described

    # aiokafka's own has the servers create the topics that it asks about.
    client.describe_topics = describe_topics
    async with running(client, connection, section):
        yield client


async def _settled(client: Any, request: MetadataRequest) -> Any:  # noqa: ANN401
    """The answer; where the servers name no broker yet, they are asked again.

    aiokafka itself asks those brokers that it knows, so that it never recovers once it knows none.
    """
    for pause in SETTLING:
        try:
            return await client._send_request(request)
        except NodeNotReadyError:
            await asyncio.sleep(pause)
            with suppress(KafkaConnectionError):
                await client._client.bootstrap()
    return await client._send_request(request)


def _nobody(connection: KafkaConnection, section: str) -> PluginError:
    what = f"{section}: Kafka at {connection.bootstrap_servers} names no broker that is ready"
    return PluginError(f"{what}; it has just started or is losing its brokers: wait a little, or look at its log")


@asynccontextmanager
async def running(client: Client, connection: KafkaConnection, section: str) -> AsyncIterator[Client]:
    """A consumer, producer or other client of aiokafka, started, and stopped in the end, within seconds.

    Raises:
        PluginError: the servers cannot be reached.
    """
    try:
        try:
            await whole(client.start() if hasattr(client, "start") else client.bootstrap())
        except (KafkaError, OSError) as error:
            await reach(connection, section)
            what = explain(error, connection, section)
            raise PluginError(f"{section}: Kafka at {connection.bootstrap_servers}: {what}") from error
        # stop() of a client that has not run yet raises CancelledError.
        await asyncio.sleep(0)
        yield client
    finally:
        await _stop(client)


async def whole(starting: Coroutine[Any, Any, None]) -> None:
    """Start a client; cancelled in its midst aiokafka leaves connections open, so that it is waited for even then.

    Raises:
        TimeoutError: it takes more than a few seconds.
    """
    task = asyncio.create_task(starting)
    try:
        await asyncio.wait({task}, timeout=STARTING)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=STARTING)
        raise
    finally:
        await end([task])
    if task.cancelled() or not task.done():
        raise TimeoutError
    task.result()


async def _stop(client: Client) -> None:
    """What aiokafka was doing may end its stop() with CancelledError, and leaves connections open then."""
    if not await within(STOPPING, client.stop() if hasattr(client, "stop") else client.close()):
        await within(STOPPING, getattr(client, "_client", getattr(client, "client", client)).close())


def explain(error: Exception, connection: KafkaConnection, section: str) -> str:
    """What went wrong with a connection, and what to do."""
    here = f"in [plugins.{section}]"
    address = f"start Kafka, or correct bootstrap_servers {here} (or KAFKA_BOOTSTRAP_SERVERS)"
    match _cause(error):
        case socket.gaierror():
            return f"no such host; {address}"
        case ConnectionRefusedError():
            return f"nothing listens there; {address}"
        case ssl.SSLCertVerificationError() as cause:
            return f"its certificate is not trusted ({cause.verify_message}); set ca_file {here}"
        case ssl.SSLError():
            return f"it does not speak TLS as this client does; correct tls, ca_file and cert_file {here}"
        case UnsupportedSaslMechanismError():
            return f"it does not offer {connection.sasl_mechanism}; correct sasl_mechanism {here}"
        case SaslAuthenticationFailed() as cause:
            return f"it does not let this client in ({_said(cause)}); correct {_credentials(connection)} {here}"
        case IllegalSaslStateError():
            return f"it asks for no password at this port; leave sasl_mechanism out {here}, or correct the port"
        case asyncio.IncompleteReadError() as cause if cause.expected == HTTP:
            return f"that is a web server, not Kafka; {address}"
        case TimeoutError():
            return f"no answer as Kafka gives it within {PATIENCE:g} s; {address}"
        case KafkaConnectionError() as cause if "token =" in str(cause):
            return str(cause.args[0])
        case KafkaConnectionError() | ConnectionError() | EOFError():
            return f"it closed the connection; {_expected(connection)} {here}, or correct bootstrap_servers"
        case cause:
            return f"{type(cause).__name__}: {cause}; {address}"


def _cause(error: BaseException) -> BaseException:
    """What lies below, where aiokafka says only that a connection is closed."""
    below = error.__cause__
    deeper = isinstance(error, KafkaConnectionError) and isinstance(below, OSError | KafkaError | EOFError)
    return _cause(below) if deeper and below is not None else error


def _said(error: BaseException) -> str:
    return str(error.args[0] if error.args else error).rstrip(".")


def _credentials(connection: KafkaConnection) -> str:
    return "token" if connection.sasl_mechanism == "OAUTHBEARER" else "username and password"


def _expected(connection: KafkaConnection) -> str:
    if connection.sasl_mechanism == "OAUTHBEARER":
        return "most likely it refuses the token (expired, of another issuer or audience); correct token"
    if connection.tls:
        return "if it does not speak TLS, set tls = false; if it wants a certificate, set cert_file"
    return "if it speaks TLS, set tls = true; if it wants a password, set sasl_mechanism"


async def _brokers(address: Address, options: dict[str, Any]) -> tuple[Address, ...] | Exception:
    try:
        async with asyncio.timeout(PATIENCE), _connected(address, options) as connected:
            for pause in (*SETTLING, 0):
                answer = await connected.send(MetadataRequest([]))
                if answer.brokers:
                    break
                await asyncio.sleep(pause)
            return tuple((host, port) for _, host, port, *_ in answer.brokers)
    except (KafkaError, OSError, EOFError, AssertionError, ValueError) as error:
        return error


@asynccontextmanager
async def _connected(address: Address, options: dict[str, Any]) -> AsyncIterator[AIOKafkaConnection]:
    connected = await create_conn(*address, **options)
    try:
        yield connected
    finally:
        if (closed := connected.close()) is not None:
            with suppress(OSError):
                await closed


async def _reach_any(
    brokers: Sequence[Address], options: dict[str, Any], connection: KafkaConnection, section: str
) -> None:
    """The brokers themselves name the addresses that every client goes on with."""
    found = await asyncio.gather(*(_brokers(each, options) for each in brokers))
    if all(isinstance(each, Exception) for each in found):
        named = ", ".join(f"{host}:{port}" for host, port in brokers)
        what = f"Kafka at {connection.bootstrap_servers} says that its brokers are at {named}, and none answers there"
        remedy = "set advertised.listeners of the brokers to addresses that this machine reaches"
        raise PluginError(f"{section}: {what}; {remedy}")
