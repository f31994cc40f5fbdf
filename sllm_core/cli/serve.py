"""`sllm serve`: the configured sources, and the web interface, until it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sllm_core.cli.config_option import config_option

if TYPE_CHECKING:
    import socket

    from litestar import Litestar
    from litestar.types import ASGIApp
    from opentelemetry.trace import Tracer

    from sllm_core.settings import Settings
    from sllm_core.store import Store
    from sllm_core.web.gate import Gate
    from sllm_core.web.serving import Server


@click.command("serve", short_help="Read the configured sources day and night, and answer over HTTP.")
@config_option
@click.option("--host", metavar="ADDRESS", help="Where to listen, instead of [service] host.")
@click.option("--port", metavar="NUMBER", type=click.IntRange(0, 65535), help="Instead of [service] port; 0: any free.")
def command(config: Path, host: str | None, port: int | None) -> int:
    """Read what the sources have, as `sllm run` does, and answer over HTTP on port 8083.

    Without API keys it listens on this machine only. GET /schema describes the interface.

    A signal (Ctrl-C, SIGTERM) stops it: what is being answered is answered, what is read is stored. A second one ends
    it at once, which loses nothing either. SIGHUP (systemctl reload) reads the configuration again: API keys, rates,
    limits and the log change at once, or nothing does if it has mistakes; the log names what needs a restart.

    \b
    Exit codes: 0 stopped by a signal; 1 a source or a sink failed, so that it should be started
    again; 2 wrong usage or configuration; 130 or 143: ended at once by a second signal.
    """
    from sllm_core import logs
    from sllm_core.cli.process import keep_pages
    from sllm_core.opening import open_store
    from sllm_core.settings import load_settings
    from sllm_core.web.address import bind, check_reach
    from sllm_core.web.gate import Gate
    from sllm_core.web.keys import configured_keys, key_file

    read = partial(load_settings, config, overrides=_overrides(host, port))
    settings = read()
    logs.configure(settings.logging.level, settings.logging.format)
    section = settings.service
    gate = Gate(configured_keys(settings), key_file(settings), section.rate)
    check_reach(section.host, len(gate.keys))
    keep_pages()
    with bind(section.host, section.port) as bound, open_store(settings, forget=True) as store:
        _serve(settings, store, gate, bound, read)
    return 0


def _overrides(host: str | None, port: int | None) -> dict[str, Any]:
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    return {"service": given} if given else {}


def _serve(settings: Settings, store: Store, gate: Gate, bound: socket.socket, read: Callable[[], Settings]) -> None:
    """Answer until a signal comes or the run fails.

    Raises:
        PluginError: the run has failed, or what a plugin needs is not there.
    """
    from sllm_core.runner import Runner
    from sllm_core.tracing import tracing
    from sllm_core.web.access import AccessLog
    from sllm_core.web.app import create_app
    from sllm_core.web.frame import Frame
    from sllm_core.web.reload import Reload
    from sllm_core.web.service import Service
    from sllm_core.web.serving import Server, run

    with tracing(settings.telemetry) as tracer:
        service = Service(settings, store, Runner(settings, store, grace=0), lambda: server.stop())
        access = AccessLog(settings.logging.slow.total_seconds())
        app = create_app(service)
        framed = _traced(Frame(app, service.traffic, gate, access), tracer)
        server = Server(framed, settings.service, partial(_tell_ready, bound, gate), service.stopping.set)
        run(server, bound, Reload(service, gate, access, read, partial(_pass_on, app, server)))
    if service.failure is not None:
        raise service.failure


def _traced(app: ASGIApp, tracer: Tracer | None) -> ASGIApp:
    if tracer is None:
        return app
    from sllm_core.web.traced import Traced

    return Traced(app, tracer)


def _tell_ready(bound: socket.socket, gate: Gate) -> None:
    from sllm_core.cli.process import say
    from sllm_core.web.address import url
    from sllm_core.web.notify import notify

    keys = len(gate.keys)
    whom = f"who has one of {keys} API keys" if keys else "this machine only: there are no API keys"
    say(f"answers on {url(bound)}, to {whom}")
    notify("READY=1")


def _pass_on(app: Litestar, server: Server, settings: Settings) -> None:
    """What a reload changes besides: how long an answer waits for a model, and a stop for what is being answered."""
    from dataclasses import replace

    section = settings.service
    app.state["asking"] = replace(app.state["asking"], deadline=section.deadline.total_seconds())
    server.config.timeout_graceful_shutdown = round(section.drain.total_seconds())
