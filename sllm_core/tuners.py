"""What makes new versions of a model, as protocols; plugins know them from `components`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from pathlib import Path

    from sllm_core.learning.candidate import Candidate, TuningWork
    from sllm_core.learning.dataset import Dataset


class Tuner(Protocol):
    """What makes new versions of a model. `name` is unique among the tuners, `tasks` are those that it learns."""

    name: str
    tasks: tuple[str, ...]

    async def tune(self, dataset: Dataset, run: TuningWork) -> Candidate:
        """A candidate, made from the parts `train` and `dev` of the dataset, with its files in `run.folder`.

        It does not serve yet: core measures it beside what serves now, and promotes it if it is better. It may be
        cancelled at any time; what it left in the folder is removed then, unless the tuner resumes.

        Raises:
            PluginError: it cannot be made; the message says what is lacking.
        """
        ...


@runtime_checkable
class Serving(Protocol):
    """What a tuner offers besides if what it makes is served by itself: the version that holds."""

    def serve(self, folder: Path | None) -> Callable[[], None]:
        """Check the version in a folder, None for what there was first; what is returned makes it serve at once.

        Raises:
            ArtefactError: it cannot be served.
        """
        ...


@runtime_checkable
class Discarding(Protocol):
    """What a tuner offers besides if its versions leave something outside their folders."""

    async def discard(self, lineage: Mapping[str, Any]) -> None:
        """Take away what the version of this lineage has left: it was forgotten or pruned. Once more is as once.

        Raises:
            PluginError: it cannot be taken away now; the message says what is left.
        """
        ...


@runtime_checkable
class Resuming(Protocol):
    """What a tuner offers besides if it goes on where a run was stopped, killed or failed: `resumes` is True then.

    Its folder is kept, and given again to the next run that follows from the same labels, replay, seed and version of
    sllm; it may be as a killed process left it, so that what lies there is to be checked before it is used.
    """

    resumes: bool
