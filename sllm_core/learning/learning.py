"""All of learning, for one store: what humans say, which versions there are, and the making of new ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from sllm_core.classifier import Verdicts
from sllm_core.components import Discarding, Serving, Tuner
from sllm_core.learning.bench import Bench
from sllm_core.learning.building import Builder
from sllm_core.learning.feedback import FeedbackBox
from sllm_core.learning.gate import Gate
from sllm_core.learning.pruning import Pruning
from sllm_core.learning.registry import Registry, Serve
from sllm_core.learning.standing import serve_classifier
from sllm_core.learning.tuning import Tuning
from sllm_core.learning.versions import CLASSIFIER
from sllm_core.safety import Preparation
from sllm_core.store import Store

if TYPE_CHECKING:
    from sllm_core.safety.preparation import Redactor
    from sllm_core.settings.sections import LearningSection


class Learning:
    """The feedback of humans, the registry of versions and what removes old ones, and tuning.

    Args:
        verdicts: what follows labels and versions at once.
        redactor: hides what is private in the texts that are learnt from.
        changed: is called when somebody has said something, in that thread.
    """

    def __init__(
        self,
        store: Store,
        verdicts: Verdicts,
        tuners: Sequence[Tuner],
        terms: LearningSection,
        redactor: Redactor,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.feedback = FeedbackBox(store, verdicts, changed)
        self.registry = Registry(store, _servers(verdicts, tuners))
        self.pruning = Pruning(self.registry, {each.name: each for each in tuners if isinstance(each, Discarding)})
        builder = Builder(store, Preparation(redactor, (), store.secret()), terms)
        self.tuning = Tuning(Bench(self.registry, builder, Gate(terms), terms.seed), tuners)


def _servers(verdicts: Verdicts, tuners: Sequence[Tuner]) -> Mapping[str, Serve]:
    """What makes versions serve, by tuner: the embedded classifier is core's own, its tuner enabled or not."""
    own: dict[str, Serve] = {each.name: each.serve for each in tuners if isinstance(each, Serving)}
    return {**own, CLASSIFIER: partial(serve_classifier, verdicts)}
