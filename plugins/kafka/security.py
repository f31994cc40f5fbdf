"""TLS and SASL: what is configured, as options of a client."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import ssl
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError

from sllm_core.plugin import PluginError

if TYPE_CHECKING:
    from .connection import KafkaConnection


class TokenProvider:
    """Asks a function for a token whenever a connection is opened; a plain function is called in a thread."""

    def __init__(self, called: str, function: Callable[[], Any]) -> None:
        self._called, self._function = called, function

    async def token(self) -> str:
        """The token.

        Raises:
            KafkaConnectionError: the function failed, or returned no text; the client tries again then.
        """
        try:
            found = (
                self._function() if inspect.iscoroutinefunction(self._function) else asyncio.to_thread(self._function)
            )
            token = await found
        except Exception as error:  # it is anyone's code, and what it raises would end the client's own task
            raise KafkaConnectionError(f"token = {self._called}: {type(error).__name__}: {error}") from error
        if not isinstance(token, str) or not token:
            raise KafkaConnectionError(f"token = {self._called}: it returned no token, but {type(token).__name__}")
        return token

    def extensions(self) -> Mapping[str, str]:
        """None."""
        return {}


def security_options(connection: KafkaConnection) -> dict[str, Any]:
    """The options of a client for the configured TLS and SASL.

    Raises:
        PluginError: a file or the function of a token cannot be used.
    """
    options: dict[str, Any] = {"security_protocol": connection.security_protocol}
    if connection.tls:
        options["ssl_context"] = _tls_context(connection)
    if connection.sasl_mechanism == "OAUTHBEARER":
        options |= {"sasl_mechanism": "OAUTHBEARER", "sasl_oauth_token_provider": _token_provider(connection.token)}
    elif connection.sasl_mechanism:
        options["sasl_mechanism"] = connection.sasl_mechanism
        options["sasl_plain_username"] = connection.username
        options["sasl_plain_password"] = connection.password.get_secret_value()
    return options


def _tls_context(connection: KafkaConnection) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=connection.ca_file)
    except OSError as error:
        raise PluginError(f"ca_file = {connection.ca_file}: {_reason(error)}; name a file of certificates") from error
    context.check_hostname = connection.check_hostname
    if connection.cert_file is not None:
        password = connection.key_password.get_secret_value()
        try:
            # Without a callback, OpenSSL would ask for the password at the terminal.
            context.load_cert_chain(connection.cert_file, connection.key_file, lambda: password)
        except OSError as error:
            key = connection.key_file or connection.cert_file
            what = f"cert_file = {connection.cert_file}, key in {key}: {_reason(error)}"
            raise PluginError(f"{what}; correct cert_file, key_file and key_password") from error
    return context


def _reason(error: OSError) -> str:
    """OpenSSL says of a file that is no PEM only that it has none of what it looks for."""
    if isinstance(error, ssl.SSLError):
        return f"it cannot be used ({error.reason or error})".lower().replace("_", " ")
    return error.strerror or str(error)


def _token_provider(called: str) -> TokenProvider:
    module, _, name = called.partition(":")
    try:
        function = getattr(importlib.import_module(module), name)
    except Exception as error:  # whatever the module does when it is imported
        raise PluginError(f"token = {called}: {type(error).__name__}: {error}; name module:function") from error
    if not callable(function):
        raise PluginError(f"token = {called}: this is no function; name module:function")
    # aiokafka demands an instance of its class, and mypy does not know that class.
    AbstractTokenProvider.register(TokenProvider)
    return TokenProvider(called, function)
