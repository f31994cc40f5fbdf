"""The verdicts as they stand: by the version that holds, and by what humans said."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sllm_core.classifier import Classifier, Verdicts
from sllm_core.learning.artefacts import ArtefactError, read_classifier
from sllm_core.learning.human import human_labels
from sllm_core.learning.registry import Registry, RegistryError
from sllm_core.learning.versions import CLASSIFIER
from sllm_core.store import Store
from sllm_core.tuners import Serving, Tuner


def standing_verdicts(store: Store) -> Verdicts:
    """Verdicts on the patterns of a store.

    Where the files of the version that holds are gone or damaged, what was shipped holds from then on, which is logged.
    """
    verdicts = Verdicts(_standing(store), store.patterns)
    if labels := human_labels(store):
        verdicts.label(labels)
    return verdicts


def serve_standing(store: Store, tuners: Sequence[Tuner]) -> None:
    """Let the versions serve that hold, of each tuner whose versions are served by itself.

    Where one cannot be served any more, what was there first serves from then on, which is logged.
    """
    for each in tuners:
        if isinstance(each, Serving) and each.name != CLASSIFIER:
            _serve(Registry(store, {each.name: each.serve}), each.name, each)


def serve_classifier(verdicts: Verdicts, folder: Path | None) -> Callable[[], None]:
    """What lets the classifier of a folder judge, that of the package if None.

    Raises:
        ArtefactError: it cannot be served.
    """
    return partial(verdicts.use, Classifier.load() if folder is None else read_classifier(folder))


def _serve(registry: Registry, tuner: str, serving: Serving) -> None:
    log = logging.getLogger("sllm.learning")
    try:
        version = registry.current(tuner)
        if version.state == "shipped":
            return
        if (folder := registry.folder(version)) is None:
            raise ArtefactError(f"the files of {version.name} were removed")
        serving.serve(folder)()
    except (ArtefactError, RegistryError) as error:
        told = {"tuner": tuner, "reason": str(error)}
        log.error("the tuned version cannot be served; what was there first serves instead", extra=told)
        registry.fall_back(tuner, str(error))
        return
    log.info("a tuned version serves", extra={"version": version.name})


def _standing(store: Store) -> Callable[[], Classifier]:
    switches = store.versions.switches(CLASSIFIER)
    if not switches or switches[-1].version is None:
        return Classifier.load
    registry = Registry(store, {})
    version = registry.current(CLASSIFIER) if registry.find(switches[-1].version) else None
    try:
        if version is None or (folder := registry.folder(version)) is None:
            raise ArtefactError(f"nothing is known of {switches[-1].version}")
        classifier = read_classifier(folder)
    except ArtefactError as error:
        told = {"version": switches[-1].version, "reason": str(error)}
        log = logging.getLogger("sllm.learning")
        log.error("the tuned classifier cannot be read; the shipped one judges instead", extra=told)
        registry.fall_back(CLASSIFIER, str(error))
        return Classifier.load
    return lambda: classifier
