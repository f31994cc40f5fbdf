"""uvicorn in this process and loop, and the signals that end it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import uvicorn
from litestar.types import ASGIApp

from sllm_core.settings.sections import ServiceSection
from sllm_core.web.notify import notify

SIGNALS = (signal.SIGINT, signal.SIGTERM)
KEEP_ALIVE = 75
"""Seconds that a connection without requests stays open: longer than proxies keep theirs."""


class Server(uvicorn.Server):
    """A server that leaves signals to who runs it.

    Args:
        ready: is called once it listens.
        stopping: is called once, when it is to stop, before it waits for what is being answered.
    """

    def __init__(
        self, app: ASGIApp, section: ServiceSection, ready: Callable[[], None], stopping: Callable[[], None]
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                lifespan="on",
                ws="none",
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=round(section.drain.total_seconds()),
                limit_concurrency=section.connections,
            )
        )
        self._ready, self._stopping = ready, stopping

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: `listening` has them."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, once the application has begun."""
        await super().startup(sockets)
        self._ready()

    def stop(self) -> None:
        """Take no new connections, end what is being answered, then end the application."""
        if not self.should_exit:
            self.should_exit = True
            notify("STOPPING=1")
            self._stopping()


@contextmanager
def listening(server: Server, reload: Callable[[], None], leave: Callable[[int], None] = os._exit) -> Iterator[None]:
    """While this lasts, the first signal stops the server, and the second ends the process at once.

    That loses nothing: what is not stored was not acknowledged. SIGHUP calls `reload`, unless it tells that the
    terminal has gone in which the server was started.
    """
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (*SIGNALS, signal.SIGHUP)}
    for number in SIGNALS:
        loop.add_signal_handler(number, partial(_heard, server, number, leave))
    attached = has_terminal() and before[signal.SIGHUP] is not signal.SIG_IGN  # which is what nohup does
    loop.add_signal_handler(signal.SIGHUP, _hung_up, server, reload, attached)
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


def _heard(server: Server, number: int, leave: Callable[[int], None]) -> None:
    if server.should_exit:
        leave(128 + number)
    server.stop()


def _hung_up(server: Server, reload: Callable[[], None], attached: bool) -> None:
    if attached and not has_terminal():
        server.stop()
    elif not server.should_exit:
        reload()


def has_terminal() -> bool:
    """Whether the process belongs to a terminal that is there."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


async def serve(server: Server, bound: socket.socket, reload: Callable[[], None]) -> None:
    """Answer until the server is stopped.

    Raises:
        SystemExit: the application did not start; the log says why.
    """
    with listening(server, reload):
        await server.serve([bound])


def run(server: Server, bound: socket.socket, reload: Callable[[], None]) -> None:
    """As `serve`, in a loop of uvloop where that is installed."""
    with asyncio.Runner(loop_factory=_loops()) as runner:
        runner.run(serve(server, bound, reload))


def _loops() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
