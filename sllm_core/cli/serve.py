"""`sllm serve`: the configured sources, and the web interface, until it is stopped."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sllm_core.cli.config_option import config_option

if TYPE_CHECKING:
    import socket

    from sllm_core.settings import Settings
    from sllm_core.store import Store
    from sllm_core.web.gate import Gate


@click.command("serve", short_help="Read the configured sources day and night, and answer over HTTP.")
@config_option
@click.option("--host", metavar="ADDRESS", help="Where to listen, instead of [service] host.")
@click.option("--port", metavar="NUMBER", type=click.IntRange(0, 65535), help="Instead of [service] port; 0: any free.")
def command(config: Path, host: str | None, port: int | None) -> int:
    """Read what the sources have, as `sllm run` does, and answer over HTTP on port 8083.

    Without API keys it listens on this machine only. GET /schema describes the interface.

    A signal (Ctrl-C, SIGTERM) stops it: what is being answered is answered, what is read is stored. A second one ends
    it at once, which loses nothing either.

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

    settings = load_settings(config, overrides=_overrides(host, port))
    logs.configure(settings.logging.level, settings.logging.format)
    section = settings.service
    gate = Gate(configured_keys(settings), key_file(settings), section.rate)
    check_reach(section.host, len(gate.keys))
    keep_pages()
    with bind(section.host, section.port) as bound, open_store(settings, forget=True) as store:
        _serve(settings, store, gate, bound)
    return 0


def _overrides(host: str | None, port: int | None) -> dict[str, Any]:
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    return {"service": given} if given else {}


def _serve(settings: Settings, store: Store, gate: Gate, bound: socket.socket) -> None:
    """Answer until a signal comes or the run fails.

    Raises:
        PluginError: the run has failed, or what a plugin needs is not there.
    """
    from sllm_core.cli.process import say
    from sllm_core.runner import Runner
    from sllm_core.web.address import url
    from sllm_core.web.app import create_app
    from sllm_core.web.frame import Frame
    from sllm_core.web.service import Service
    from sllm_core.web.serving import Server, run

    service = Service(settings, store, Runner(settings, store, grace=0), lambda: server.stop())
    keys = len(gate.keys)
    whom = f"who has one of {keys} API keys" if keys else "this machine only: there are no API keys"
    told = f"answers on {url(bound)}, to {whom}"
    framed = Frame(create_app(service), service.traffic, gate)
    server = Server(framed, settings.service, partial(say, told), service.stopping.set)
    run(server, bound)
    if service.failure is not None:
        raise service.failure
