"""What `sllm doctor` and `sllm check` tell of the service: whether it could start, or how the one that runs is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sllm_core.diagnosis import Diagnosis
    from sllm_core.settings import Settings
    from sllm_core.web.keys import Key

PATIENCE = 3.0
"""Seconds that a service has to answer."""

ELSEWHERE = "another program listens there"


def diagnose_service(settings: Settings, now: datetime) -> Diagnosis:
    """The port, who may call, what may be sent, and when it tunes.

    What keeps `sllm serve` from starting is a problem only where the configuration is about it.
    """
    from sllm_core.diagnosis import Diagnosis

    section = settings.service
    state = _state(section.host, section.port)
    keys, unread = _keys(settings)
    body = f"at most {section.max_body / 1e6:,.1f} MB within {section.body_timeout.total_seconds():g} s"
    facts = (
        ("port", state),
        ("reach", _reach(section.host, len(keys))),
        ("API keys", _told(keys)),
        ("bodies", f"{body}; a question at most {section.max_lines:,} lines"),
        ("tuning", _tuning(settings, now)),
    )
    problem, remedy = _problem(settings, state, len(keys), unread)
    return Diagnosis(_url(section.host, section.port), facts, problem, (remedy,) if remedy else ())


def is_about_service(settings: Settings) -> bool:
    """Whether the configuration is for `sllm serve`: it says something of it, or takes logs by it."""
    given = any(path[0] == "service" for path in settings.origins)
    return given or any(each.installed.name == "http" for each in settings.plugins)


def obstacle(settings: Settings) -> str:
    """Why `sllm serve` would not start with these settings, wherever it is; "" if it would."""
    from sllm_core.plugin import PluginError
    from sllm_core.web.address import check_reach

    keys, unread = _keys(settings)
    try:
        check_reach(settings.service.host, len(keys))
    except PluginError as error:
        return str(error)
    return unread


def _problem(settings: Settings, state: str, keys: int, unread: str) -> tuple[str, str]:
    if not is_about_service(settings):
        return "", ""
    if found := obstacle(settings):
        problem, _, remedy = found.partition("; ")
        return problem, remedy
    if state.startswith(ELSEWHERE):
        return f"port {settings.service.port} is taken: {state}", "stop that program, or set [service] port"
    if state.startswith(("failing", "cannot")):
        return f"the service is {state}" if state.startswith("failing") else state, "read its log"
    return "", ""


def _state(host: str, port: int) -> str:
    """`free`, how the service is that answers, or what else is there."""
    import socket

    from sllm_core.plugin import PluginError
    from sllm_core.web.address import bind

    if port == 0:
        return "any that is free"
    try:
        with socket.create_connection((_near(host), port), PATIENCE):
            return _answer(_near(host), port)
    except OSError:
        pass
    try:
        bind(host, port).close()
    except PluginError as error:
        return f"cannot be used: {error}"
    return "free"


def _answer(host: str, port: int) -> str:
    import http.client
    import json

    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request("GET", "/health", headers={"Host": f"localhost:{port}"})
        found = json.loads(connection.getresponse().read(1 << 20))
        status = found["status"]
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return f"{ELSEWHERE}, which is not sllm"
    finally:
        connection.close()
    return "; ".join([f"{status}: sllm answers", *_parts(found)])


def _parts(health: dict[str, object]) -> Iterator[str]:
    """What a service tells of itself to those who need no key."""
    parts = health.get("components")
    for each in parts if isinstance(parts, list) else ():
        if each.get("status") != "ok":
            yield f"{each.get('kind')} {each.get('name')} is {each.get('state')}"
    told = health.get("configuration")
    if isinstance(told, dict) and (names := told.get("restart")):
        yield f"a restart is needed for {', '.join(map(str, names))}"
    if isinstance(told, dict) and told.get("problem"):
        yield f"the configuration could not be read again: {told['problem']}"


def _near(host: str) -> str:
    """The address at which this machine reaches what listens at `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _keys(settings: Settings) -> tuple[tuple[Key, ...], str]:
    """The API keys, and why those of the file cannot be read."""
    from sllm_core.plugin import PluginError
    from sllm_core.web.keys import configured_keys, key_file, read_keys

    try:
        return (*configured_keys(settings), *read_keys(key_file(settings))), ""
    except PluginError as error:
        return configured_keys(settings), str(error)


def _told(keys: tuple[Key, ...]) -> str:
    return ", ".join(f"{each.name} ({', '.join(each.scopes)})" for each in keys) or "none"


def _reach(host: str, keys: int) -> str:
    from sllm_core.web.address import is_loopback

    if is_loopback(host):
        return "programs on this machine"
    return "whoever reaches this machine, with an API key" if keys else "nobody: without an API key it does not start"


def _tuning(settings: Settings, now: datetime) -> str:
    from sllm_core.clock.schedule import Schedule

    tuners = [each.section for each in settings.plugins if hasattr(each.factory, "sllm_tuners")]
    if not tuners:
        return "never: no tuner is enabled; add [plugins.classifier]"
    zone = settings.schedule.zone or settings.timezone
    due = Schedule(settings.schedule.tune, zone) if settings.schedule.enabled and settings.schedule.tune else None
    slot = None if due is None else due.after(now)
    if due is None or slot is None:
        return f"{', '.join(tuners)}, on demand only: [schedule] is off"
    return f"{', '.join(tuners)}, next at {slot.at.astimezone(due.zone):%Y-%m-%d %H:%M} {zone}"
