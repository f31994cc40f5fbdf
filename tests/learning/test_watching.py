from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from learning_scene import LABELLED, START, Team, otherwise, patterns_of, said, slightly, team
from sllm_core.classifier import Classifier, ModelVerdicts
from sllm_core.classifier.model import Weights
from sllm_core.learning.artefacts import install, write_weights
from sllm_core.learning.attempt import BY
from sllm_core.learning.registry import Registry, RegistryError
from sllm_core.learning.versions import Version
from sllm_core.learning.watch_evidence import Tally, judged_by_models
from sllm_core.learning.watching import Sight, Watch
from sllm_core.models.counts import Counts
from sllm_core.models.verdict import ModelVerdict
from sllm_core.records import COUNTS, EXAMPLES, Window
from sllm_core.review.known import LATEST
from sllm_core.settings.sections import LearningSection, WatchSection
from sllm_core.store import Commit, Store

SHIPPED = Classifier.load().version
TERMS = WatchSection(least=30, statements=10)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Team]:
    made = team(tmp_path)
    with made.store:
        yield made


def messages(start: int, end: int) -> list[str]:
    """Messages of a pattern each."""
    return [message for message, _ in LABELLED[start:end]]


def seen(store: Store, texts: Sequence[str]) -> list[int]:
    """The patterns of messages, of which a window is closed now."""
    ids = patterns_of(store, texts)
    start, count = START + timedelta(hours=ids[0] % 1_000_000), len(ids)
    counted: dict[str, list[Any]] = {"slot": [0], "service": [None], "level": [None], "pattern": ids, "count": [1]}
    counts = {name: values if name == "pattern" else values * count for name, values in counted.items()}
    examples = {"pattern": ids, "origin": texts, "timestamp": [START] * count, "message": texts}
    tables = pa.table(counts, schema=COUNTS), pa.table(examples, schema=EXAMPLES)
    window = Window(start, start + timedelta(hours=1), 0, *tables)
    store.commit(Commit("run", "plant", "", [window]))
    return ids


def promoted(told: Team, change: Callable[[Weights], Weights], by: str = BY) -> str:
    """A version that holds, by name."""
    registry, weights = told.learning.registry, change(Classifier.load().weights)
    models = registry.models
    assert models is not None
    write_weights(models / ".tmp", weights, {})
    name = f"classifier-{weights.digest()}"
    install(models / ".tmp", models, name)
    registry.keep(Version(f"embedded-{weights.digest()}", "classifier", "passed", START, SHIPPED, folder=name))
    return registry.promote(f"embedded-{weights.digest()}", by).name


def watch(told: Team, terms: WatchSection = TERMS, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Watch:
    return Watch(told.store, told.learning.registry, told.verdicts, terms, LearningSection(), now=now)


def looks(told: Team, watching: Watch, times: int = 4) -> list[str]:
    """How the version stands after each of some looks, before each of which there are new patterns."""
    found = list[str]()
    for place in range(times):
        seen(told.store, messages(40 * place, 40 * place + 40))
        found.append(watching.look()[0].state)
    return found


def test_before_anything_was_promoted_there_is_nothing_to_watch(told: Team) -> None:
    assert looks(told, watch(told), 1) == ["idle"]


def test_what_answers_alike_stays(told: Team) -> None:
    name = promoted(told, slightly)
    assert looks(told, watch(told)) == ["watching"] * 4
    assert told.verdicts.version == name


def test_what_calls_everything_critical_is_taken_back_with_the_reason(told: Team) -> None:
    name = promoted(told, otherwise)
    watching = watch(told)
    assert looks(told, watching) == ["doubtful", "doubtful", "taken back", "taken back"]
    assert told.verdicts.version == told.learning.registry.current().name == SHIPPED
    last = told.learning.registry.switches()[-1]
    assert (last.by, last.back, last.version) == ("watch", True, None)
    assert "label mix anomaly" in last.reason
    assert (watching.sights[0].reason, watching.sights[0].back) == (last.reason, 1)
    version = told.learning.registry.find(name)
    assert version is not None
    assert (version.state, version.report["checks"][-1]["code"]) == ("refused", "watch_label_mix")
    with pytest.raises(RegistryError, match="did not pass"):
        told.learning.registry.promote(name, BY)


def test_what_a_person_promoted_is_only_told_to_be_doubtful(told: Team) -> None:
    name = promoted(told, otherwise, by="kim")
    assert looks(told, watch(told), 5) == ["doubtful"] * 5
    assert told.verdicts.version == name


def test_too_few_patterns_say_nothing(told: Team) -> None:
    promoted(told, otherwise)
    seen(told.store, messages(0, TERMS.least - 1))
    watching = watch(told)
    assert [watching.look()[0].state for _ in range(9)] == ["watching"] * 9


def test_a_restart_goes_on_where_it_was(told: Team) -> None:
    promoted(told, otherwise)
    states = [looks(told, watch(told), place + 1)[-1] for place in range(3)]
    assert states == ["doubtful", "doubtful", "taken back"]


def test_after_some_time_it_is_settled(told: Team) -> None:
    promoted(told, otherwise)
    assert looks(told, watch(told, now=lambda: datetime.now(UTC) + timedelta(days=8)), 5) == ["settled"] * 5


def test_what_humans_labelled_does_not_count(told: Team) -> None:
    promoted(told, otherwise)
    ids = seen(told.store, messages(0, 60))
    told.learning.feedback.give_all(said(each, "normal") for each in ids)
    (anomaly,) = [each for each in watch(told).look()[0].measures if each.task == "anomaly"]
    assert anomaly.seen == 0


def test_a_version_that_people_disagree_with_is_taken_back(told: Team) -> None:
    ids = patterns_of(told.store, messages(0, 200))
    give = told.learning.feedback.give
    for each in ids[:40]:
        give(said(each, None, right=True, at=datetime.now(UTC)))
    promoted(told, slightly)
    watching, states = watch(told), list[str]()
    for place in range(4):
        for each in ids[50 + 12 * place : 62 + 12 * place]:
            give(said(each, "critical", at=datetime.now(UTC)))
        states.append(watching.look()[0].state)
    assert states == ["doubtful", "doubtful", "taken back", "taken back"]
    assert "disagreement" in told.learning.registry.switches()[-1].reason


def test_a_flood_of_statements_takes_nothing_back(told: Team) -> None:
    ids = patterns_of(told.store, messages(0, 400))
    for each in ids[:40]:
        told.learning.feedback.give(said(each, None, right=True))
    promoted(told, slightly)
    now = datetime.now(UTC) + timedelta(seconds=1)
    told.learning.feedback.give_all(said(each, "critical", at=now, via="api", by="mallory") for each in ids[50:300])
    watching = watch(told, now=lambda: now + timedelta(minutes=1))
    assert [watching.look()[0].state for _ in range(5)] == ["watching"] * 5


@dataclass
class Served:
    """A registry of a tuner whose versions a server has, and what its gateway has counted."""

    store: Store
    counts: Counts = field(default_factory=Counts)
    served: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.registry = Registry(self.store, {"lora": self._serve})
        self.team = team(None)
        self.watch = Watch(self.store, self.registry, self.team.verdicts, TERMS, LearningSection(), lambda: self.counts)

    def _serve(self, folder: Path | None) -> Callable[[], None]:
        return lambda: self.served.append("base" if folder is None else folder.name)

    def asked(self, calls: int, invalid: int = 0, silent: int = 0) -> Sight:
        """How the version stands after so many more calls, that many answered invalidly at once and for good."""
        before = self.counts
        self.counts = replace(
            before,
            calls=before.calls + calls,
            repairs=before.repairs + invalid,
            no_answers=before.no_answers + silent,
        )
        return next(each for each in self.watch.look() if each.tuner == "lora")

    def promote(self, moves: Sequence[Sequence[int]] = ()) -> None:
        """A version that moved labels so in the gate."""
        report = {"tasks": {"anomaly": {"moves": moves}}}
        self.registry.keep(Version("lora-1", "lora", "passed", START, "lora-base", report=report, folder="lora-1"))
        self.registry.promote("lora-1", BY)

    def judge(self, model: str, severity: str, count: int) -> None:
        """What a model says of so many patterns."""
        said = [ModelVerdict(each, "neutral", severity) for each in range(1, count + 1)]
        self.store.save_verdicts(model, said)
        self.store.remember(LATEST, model)
        self.team.verdicts.adopt(ModelVerdicts(model))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Store(tmp_path) as store:
        made = Served(store)
        yield made
        made.team.store.close()


def test_a_served_model_that_answers_invalidly_gives_way_to_the_one_before(served: Served) -> None:
    served.asked(200, invalid=2)
    served.promote()
    states = [served.asked(60, invalid=20).state for _ in range(4)]
    assert states == ["doubtful", "doubtful", "taken back", "taken back"]
    assert served.served == ["lora-1", "base"]
    assert "invalid answers" in served.registry.switches("lora")[-1].reason


def test_a_served_model_that_gives_no_answers_is_taken_back(served: Served) -> None:
    served.asked(200)
    served.promote()
    states = [served.asked(60, invalid=12, silent=12).state for _ in range(3)]
    assert states[-1] == "taken back"


def test_a_served_model_as_good_as_before_stays(served: Served) -> None:
    served.asked(200, invalid=4)
    served.promote()
    assert {served.asked(60, invalid=1).state for _ in range(6)} == {"watching"}


def test_without_anything_before_nothing_is_compared(served: Served) -> None:
    served.promote()
    assert {served.asked(60, invalid=50).state for _ in range(6)} == {"watching"}


@pytest.mark.parametrize(
    ("moves", "last"),
    [
        ((), "taken back"),
        # The gate saw critical what was normal before, and that people say so.
        ([[2, 0, 30], [0, 9, 0], [0, 0, 9]], "watching"),
        # It saw hardly any of that.
        ([[30, 0, 2], [0, 9, 0], [0, 0, 9]], "taken back"),
        # It saw it of other messages.
        ([[30, 0, 0], [0, 0, 30], [0, 0, 9]], "taken back"),
    ],
)
def test_labels_of_served_models_may_differ_on_what_both_judged_as_far_as_in_the_gate(
    served: Served, moves: Sequence[Sequence[int]], last: str
) -> None:
    served.judge("base judge", "normal", 200)
    served.asked(10)
    served.promote(moves)
    for count in (40, 80, 120):
        served.judge("tuned judge", "critical", count)
        state = served.asked(10).state
    assert state == last
    assert ("label mix anomaly" in served.registry.switches("lora")[-1].reason) == (last == "taken back")


def test_patterns_that_people_labelled_are_not_compared(served: Served) -> None:
    ids = patterns_of(served.store, messages(0, 120))
    for model, severity in (("base judge", "normal"), ("tuned judge", "critical")):
        served.store.save_verdicts(model, [ModelVerdict(each, "neutral", severity) for each in ids])
        found = judged_by_models(served.store, "base judge", model, "anomaly", np.array(ids[:100], np.uint64))
    assert found == ([20, 0, 0], [0, 0, 20])


def test_calls_that_failed_are_no_answers() -> None:
    counts = Counts(calls=20, unavailable=4, refused=1, repairs=3, no_answers=1)
    assert Tally.of(counts) == Tally(asked=12, calls=15, invalid=4, silent=1)
