"""Which versions there are, and which of them holds: switched in one step, and back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock

from sllm_core.learning.artefacts import MODELS, ArtefactError
from sllm_core.learning.statement import LABELS
from sllm_core.learning.versions import CLASSIFIER, Version, base_version, shipped_version, stored_version
from sllm_core.plugin import PluginError
from sllm_core.store import Store
from sllm_core.store.versions import Switch

UNFIT = ("refused", "made")
"""States of versions that did not pass the gate."""


class RegistryError(PluginError):
    """What was asked for cannot be done; the message says why. `missing`: there is no such version or tuner."""

    def __init__(self, message: str, *, missing: bool = False) -> None:
        super().__init__(message)
        self.missing = missing


Serve = Callable[[Path | None], Callable[[], None]]
"""Is given the folder of a version, None for what was shipped; checks it, and returns what makes it serve.

Raises:
    ArtefactError: it cannot serve.
"""


class Registry:
    """The versions of each tuner's models.

    What was there first, as the weights of the package, is a version like the others, without files of its own; it
    holds where nothing else does.

    Args:
        serve: what makes the versions of a tuner serve, by its name.
    """

    def __init__(
        self, store: Store, serve: Mapping[str, Serve], now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._rows, self._serve, self._now = store.versions, serve, now
        self.models = None if store.folder is None else store.folder / MODELS
        self._turn = RLock()

    def versions(self) -> list[Version]:
        """All versions, newest first, and what was there first at the end."""
        rows = self._rows.all()
        tuners = sorted({CLASSIFIER, *self._serve, *(row.tuner for row in rows)})
        holding = {tuner: self._pointer(tuner) for tuner in tuners}
        tuned = [stored_version(row, holding[row.tuner]) for row in rows]
        bases = [base_version(tuner, holding[tuner] is None) for tuner in tuners if tuner != CLASSIFIER]
        return [*tuned, *bases, shipped_version(current=holding[CLASSIFIER] is None)]

    def find(self, name: str) -> Version | None:
        """The version of that name; None if there is none."""
        return next((each for each in self.versions() if each.name == name), None)

    def current(self, name: str = CLASSIFIER) -> Version:
        """The version that holds, of a tuner or for a task.

        Raises:
            RegistryError: there is no such tuner, or none of its versions holds.
        """
        tuner = CLASSIFIER if name in LABELS else name
        found = next((each for each in self.versions() if each.tuner == tuner and each.current), None)
        if found is None:
            raise RegistryError(f"of {name[:100]} no version holds", missing=True)
        return found

    def keep(self, version: Version) -> None:
        """Keep what is known of a version, in the place of what was known before."""
        self._rows.keep(version.row())

    def forget(self, version: Version) -> None:
        """Forget a version that does not hold; its files are left."""
        self._rows.forget(version.name)

    def promote(self, name: str, by: str, *, reason: str = "", force: bool = False) -> Version:
        """Let a version hold: all that is judged from now on is judged by it. What holds already is left as it is.

        Args:
            force: also one that has not passed the gate.

        Raises:
            RegistryError: there is no such version, it did not pass, or its files are damaged.
            StoreError: the store refused; nothing has changed.
        """
        with self._turn:
            version = self.find(name)
            if version is None:
                raise RegistryError(f"there is no version {name[:100]!r}", missing=True)
            if version.current:
                return version
            if version.state in UNFIT and not force:
                told = "its report says why; force it only if you know better"
                raise RegistryError(f"{name} is {version.state}: it did not pass the gate; {told}")
            self._switch(version, by, reason or "promoted", back=version.state == "shipped")
            return replace(version, current=True, state=_holding(version))

    def rollback(
        self, tuner: str, by: str, *, reason: str = "", state: str = "retired", of: str | None = None
    ) -> Version:
        """Let the version hold that did before the one of now, which has that `state` from then on.

        Args:
            of: the version that is to be gone back from; None: whichever holds.

        Raises:
            RegistryError: there is no such tuner, or none held before.
            StoreError: the store refused; nothing has changed.
        """
        with self._turn:
            now = self.current(tuner)
            if of not in (None, now.name):
                raise RegistryError(f"{of} does not hold any more, but {now.name}")
            earlier = self._earlier(now.tuner)
            if not earlier:
                raise RegistryError(f"{now.name} is what was there first; there is nothing to go back to")
            for version in earlier:
                try:
                    self._switch(version, by, reason or "rolled back", back=True, left=state)
                except RegistryError as error:
                    logging.getLogger("sllm.learning").warning("skipped a version", extra={"reason": str(error)})
                    continue
                return replace(version, current=True, state=_holding(version))
            raise RegistryError("none of the versions that held before can be served any more")

    def switches(self, tuner: str = CLASSIFIER) -> list[Switch]:
        """Which version held since when and by whom, oldest first."""
        return self._rows.switches(tuner)

    def fall_back(self, tuner: str, reason: str) -> None:
        """Let what was shipped hold, since the version that did cannot be served."""
        with self._turn:
            broken = self._pointer(tuner)
            switch = Switch(tuner, None, self._now(), "sllm", reason, back=True)
            self._rows.switch(switch, {} if broken is None else {broken: "broken"})

    def folder(self, version: Version) -> Path | None:
        """Where the files of a version are; None for what was shipped."""
        if version.folder is None or self.models is None:
            return None
        return self.models / version.folder

    def way(self, tuner: str) -> list[str]:
        """The versions that `rollback` goes back through, from the one of now on."""
        return [self.current(tuner).name, *(each.name for each in self._earlier(tuner))]

    def _switch(self, version: Version, by: str, reason: str, *, back: bool, left: str = "retired") -> None:
        shipped = version.state == "shipped"
        if not shipped and version.folder is None:
            raise RegistryError(f"{version.name} cannot be served: its files were removed; let it be made again")
        try:
            serve = self._serve[version.tuner](self.folder(version))
        except KeyError as error:
            told = f"no tuner {version.tuner} that serves what it makes is enabled; add its section to config.toml"
            raise RegistryError(f"{version.name}: {told}") from error
        except ArtefactError as error:
            self._rows.keep(replace(version, state="broken").row())
            raise RegistryError(f"{version.name} cannot be served: {error}") from error
        before = self._pointer(version.tuner)
        states = {} if before is None else {before: left}
        states |= {} if shipped else {version.name: "promoted"}
        name = None if shipped else version.name
        self._rows.switch(Switch(version.tuner, name, self._now(), by, reason, back), states)
        serve()

    def _pointer(self, tuner: str) -> str | None:
        switches = self._rows.switches(tuner)
        return switches[-1].version if switches else None

    def _earlier(self, tuner: str) -> list[Version]:
        """What held before the version of now, the latest first."""
        way = way_here(self._rows.switches(tuner))
        mine = [each for each in self.versions() if each.tuner == tuner]
        known = {None if each.state == "shipped" else each.name: each for each in mine}
        return [known[name] for name in reversed(way[:-1]) if name in known]


def way_here(switches: Sequence[Switch]) -> list[str | None]:
    """The versions that held one after the other, without those that were gone back from; None: what was shipped."""
    way: list[str | None] = [None]
    for each in switches:
        if each.back and each.version in way:
            while way[-1] != each.version:
                way.pop()
        elif way[-1] != each.version:
            way.append(each.version)
    return way


def _holding(version: Version) -> str:
    return "shipped" if version.state == "shipped" else "promoted"
