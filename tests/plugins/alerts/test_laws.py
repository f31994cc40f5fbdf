"""What holds whatever comes: nothing twice, nothing from nowhere, nothing lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from alert_scene import HOUR, START, Scene, finding, quiet_window
from sllm_core.findings import Finding
from sllm_plugins.alerts.ledger import Message
from sllm_plugins.alerts.notice import CRITICAL, NORMAL, WARNING, severity

REPEAT = 4 * HOUR
LABELS = st.sampled_from(["normal", "warning", "critical"])


@dataclass(frozen=True)
class Step:
    """After so many minutes, windows of two shards close: each with labels of some patterns; `restart` the process."""

    minutes: int
    labels: tuple[tuple[int, int, str], ...]
    revised: tuple[tuple[int, str], ...]
    restart: bool


STEPS = st.lists(
    st.builds(
        Step,
        st.integers(0, 180),
        st.lists(st.tuples(st.integers(1, 4), st.integers(0, 1), LABELS), max_size=4).map(tuple),
        st.lists(st.tuples(st.integers(0, 9), LABELS), max_size=2).map(tuple),
        st.booleans(),
    ),
    max_size=14,
)
OPTIONS = st.fixed_dictionaries(
    {
        "threshold": st.sampled_from(["warning", "critical"]),
        "quiet": st.sampled_from(["", "12:00-20:00", "mon 09:00-23:00"]),
        "quiet_critical": st.booleans(),
        "rate": st.sampled_from(["10/1h", "1/3h"]),
        "entries": st.sampled_from([1, 10]),
        "fresh": st.sampled_from(["24h", "1h"]),
    }
)


@dataclass
class Story:
    """What was found, and what was told of it, with when that was."""

    findings: list[Finding] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


def story(scene: Scene, steps: Sequence[Step]) -> Story:
    """Takes the steps, and in the end waits until nothing is held back any more."""
    told = Story()
    for number, step in enumerate(steps):
        scene.later(step.minutes / 60)
        taken = _findings(scene, number, step, told.findings)
        told.findings += taken
        scene.take(*taken, *(quiet_window(_hour(scene), shard) for shard in "ab"))
        if step.restart:
            scene.desk = scene.opened()
        _make(scene, told)
    for _ in range(40):
        scene.later(1)
        _make(scene, told)
    return told


def _findings(scene: Scene, number: int, step: Step, known: Sequence[Finding]) -> list[Finding]:
    found = [
        finding((pattern, 9), label, _hour(scene), name=f"{number} {pattern}", shard="ab"[shard], count=pattern)
        for pattern, shard, label in step.labels
    ]
    for place, label in step.revised:
        if place < len(known):
            last = known[-1 - place]
            hour = (last.window[0] - START).total_seconds() / HOUR if last.window else 0
            again = finding(last.patterns, label, hour, shard=last.shard, revision=last.revision + 1)
            found.append(Finding(**{**vars(again), "id": last.id}))
    return found


def _hour(scene: Scene) -> float:
    """The last whole hour."""
    return (scene.clock() - START.timestamp()) // HOUR - 1


def _make(scene: Scene, told: Story) -> None:
    while (message := scene.message()) is not None:
        told.messages.append(message)


@settings(max_examples=40)
@given(STEPS, OPTIONS)
def test_a_pattern_is_not_told_twice_within_the_time_unless_it_got_worse(
    steps: Sequence[Step], options: dict[str, object]
) -> None:
    last: dict[str, tuple[float, int]] = {}
    for message in story(Scene(**options), steps).messages:
        for each in (each for each in message.notices if each.kind == "alert"):
            made, before = last.get(each.key, (-REPEAT, NORMAL))
            assert message.made - made >= REPEAT or each.severity > before
            last[each.key] = (message.made, each.severity)


@settings(max_examples=40)
@given(STEPS, OPTIONS)
def test_nothing_is_over_that_was_not_told(steps: Sequence[Step], options: dict[str, object]) -> None:
    alerted: set[str] = set()
    for message in story(Scene(**options), steps).messages:
        for each in message.notices:
            if each.kind == "alert":
                alerted.add(each.key)
            else:
                assert each.key in alerted
                alerted.discard(each.key)


@settings(max_examples=40)
@given(STEPS, OPTIONS)
def test_nothing_above_the_threshold_is_lost(steps: Sequence[Step], options: dict[str, object]) -> None:
    scene = Scene(recovery=False, **options)
    told = story(scene, steps)
    least = WARNING if options["threshold"] == "warning" else CRITICAL
    found = {each.id for each in told.findings if severity(each.label) >= least}
    withdrawn = {each.id for each in told.findings if severity(each.label) < least}
    listed = {each.key for message in told.messages for each in message.notices}
    counted = sum(sum(message.more.values()) for message in told.messages)
    old = sum(message.old.count for message in told.messages if message.old)
    patterns = {f"{each.patterns[0]:016x}" for each in told.findings if each.id in found - withdrawn}
    held = scene.desk.held_back
    assert len(patterns - listed) <= counted + old + held["repeat"]
    assert scene.desk.entries == 0


@settings(max_examples=40)
@given(STEPS, OPTIONS)
def test_messages_keep_to_the_rate_and_to_quiet_hours(steps: Sequence[Step], options: dict[str, object]) -> None:
    scene = Scene(**options)
    made = [each.made for each in story(scene, steps).messages]
    limit = scene.config.rate
    span = limit.span.total_seconds()
    assert all(later - made[place] >= span for place, later in enumerate(made[limit.count :]))


@settings(max_examples=40)
@given(STEPS)
def test_a_restart_changes_nothing(steps: Sequence[Step]) -> None:
    with_restarts, without = Scene(), Scene()
    kept = [Step(each.minutes, each.labels, each.revised, False) for each in steps]
    assert story(with_restarts, steps).messages == story(without, kept).messages
