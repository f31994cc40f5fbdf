"""The folder in which a tuner works; one that goes on where a run was stopped gets it back as it was."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sllm_core.learning.artefacts import sync_folder
from sllm_core.tuners import Resuming, Tuner

FOLLOWS = "follows.json"
"""The file that says what the rest of the folder follows from."""


@dataclass(frozen=True)
class Work:
    """A folder for a tuner, and what all that is made there follows from, as JSON values.

    `kept`: what a run has left that was stopped is kept for the next that follows from the same.
    """

    folder: Path
    follows: Mapping[str, Any]
    kept: bool = False

    def open(self) -> bool:
        """Make the folder ready; whether something lies there already that a run from the same has left."""
        if self.kept and self._is_same():
            return True
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        if self.kept:
            self._note()
        return False

    def stop(self) -> None:
        """The run did not come to its end."""
        if not self.kept:
            self.close()

    def close(self) -> None:
        """Remove the folder: all that was made is in its place, or is worth nothing."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _is_same(self) -> bool:
        with suppress(OSError, ValueError):
            found: object = json.loads((self.folder / FOLLOWS).read_text(encoding="utf-8"))
            return found == dict(self.follows)
        return False

    def _note(self) -> None:
        beside = self.folder / f"{FOLLOWS}.new"
        with beside.open("w", encoding="utf-8") as file:
            json.dump(dict(self.follows), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self.folder / FOLLOWS)
        sync_folder(self.folder)


def is_resuming(tuner: Tuner) -> bool:
    """Whether a tuner goes on with what it finds in its folder."""
    return isinstance(tuner, Resuming) and tuner.resumes
