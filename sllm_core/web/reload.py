"""The configuration, read again while the service runs: what can change at once does, all of it or nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sllm_core import logs
from sllm_core.plugin import PluginError
from sllm_core.settings import Settings
from sllm_core.settings.differences import differences, digest
from sllm_core.web.address import check_reach
from sllm_core.web.gate import Gate
from sllm_core.web.keys import configured_keys, key_file, read_keys
from sllm_core.web.notify import notify, notify_reloading

if TYPE_CHECKING:
    from sllm_core.web.access import AccessLog
    from sllm_core.web.service import Service

AT_ONCE = ("rate", "keys", "max_body", "body_timeout", "deadline", "drain")
"""What of [service] changes without a restart; so does all of [logging]. The rest is built into what runs."""


@dataclass(frozen=True)
class Configuration:
    """What the service runs with: `digest` is the same where the configuration is, `restart` names what the file says
    otherwise since it was read last, `problem` is why that reading changed nothing."""

    digest: str
    read: datetime
    restart: list[str] = field(default_factory=list)
    problem: str = ""


def configuration(settings: Settings) -> Configuration:
    """That of a service which begins."""
    return Configuration(digest(settings), datetime.now(UTC))


class Reload:
    """Reads the configuration again when it is called; what is called meanwhile is done once more after it.

    Args:
        read: the configuration as it stands in the file and the environment now.
        told: is given the settings that hold from now on, for what else there is to change.
    """

    def __init__(
        self,
        service: Service,
        gate: Gate,
        access: AccessLog,
        read: Callable[[], Settings],
        told: Callable[[Settings], None],
    ) -> None:
        self._service, self._gate, self._access, self._read, self._told = service, gate, access, read, told
        self._working: asyncio.Task[None] | None = None
        self._again = False
        self._logger = logging.getLogger("sllm.config")

    def __call__(self) -> None:
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        else:
            self._again = True

    async def _work(self) -> None:
        self._again = True
        while self._again:
            self._again = False
            notify_reloading()
            await self.reload()
            notify("READY=1")

    async def reload(self) -> None:
        """Read it, and change what can be changed. A mistake changes nothing and stands in the log."""
        try:
            given = await asyncio.to_thread(self._checked)
        except PluginError as error:
            self._refuse(str(error))
        except Exception as error:  # a plugin that is new in the file may raise anything when it is imported
            self._refuse(f"{type(error).__name__}: {error}")
        else:
            self._apply(given)

    def _checked(self) -> Settings:
        """What the file says, if a service could run with it."""
        given = self._read()
        host, keys = self._service.settings.service.host, configured_keys(given)
        check_reach(host, len(keys) + len(read_keys(key_file(self._service.settings))))
        return given

    def _refuse(self, reason: str) -> None:
        self._logger.error("the configuration stays as it was: it has mistakes", extra={"reason": reason})
        told = "it has mistakes, which stand in the log; the one before holds"
        self._service.configuration = replace(self._service.configuration, problem=told)

    def _apply(self, given: Settings) -> None:
        """From one moment to the next: nothing here can fail or wait."""
        before = self._service.settings
        settings = merged(before, given)
        changed, restart = differences(before, settings), differences(settings, given)
        if settings.logging != before.logging:
            logs.configure(settings.logging.level, settings.logging.format)
        self._access.slow = settings.logging.slow.total_seconds()
        self._gate.change(configured_keys(settings), settings.service.rate)
        self._service.settings = settings
        self._service.configuration = Configuration(digest(settings), datetime.now(UTC), list(restart))
        self._told(settings)
        self._logger.info("the configuration was read again", extra={"changed": list(changed)})
        if restart:
            self._logger.warning("what else has changed needs a restart", extra={"settings": list(restart)})


def merged(running: Settings, given: Settings) -> Settings:
    """The settings that run, with what can change at once as it is given."""
    changed = {name: getattr(given.service, name) for name in AT_ONCE}
    service = running.service.model_copy(update=changed)
    return replace(running, values=running.values.model_copy(update={"service": service, "logging": given.logging}))
