"""The sections of config.toml that belong to core."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from sllm_core.redaction.own_rules import check_name, check_pattern
from sllm_core.redaction.placeholders import Kind
from sllm_core.settings.fields import Duration, PathInConfig, ZoneName, check_endpoint, check_key


class Section(BaseModel):
    """A table of config.toml: unknown keys are errors, values are frozen, defaults are validated like given values."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, revalidate_instances="always")


class PipelineSection(Section):
    """[pipeline]: how records are cut into windows of event time, and how long an analyzer may take."""

    window: Annotated[Duration, Field(ge=timedelta(seconds=1), le=timedelta(days=7))] = timedelta(hours=1)
    lateness: Annotated[Duration, Field(ge=timedelta(0), le=timedelta(days=7))] = timedelta(minutes=5)
    idle: Annotated[Duration, Field(gt=timedelta(0), le=timedelta(days=7))] = timedelta(minutes=2)
    analyzer_timeout: Annotated[Duration, Field(gt=timedelta(0), le=timedelta(days=1))] = timedelta(seconds=30)


class StoreSection(Section):
    """[store]: the folder of the store, and how long it keeps findings and what nothing has shown up of since."""

    path: PathInConfig = Path(".sllm")
    retention: Annotated[Duration, Field(ge=timedelta(hours=1), le=timedelta(days=36500))] = timedelta(days=90)


class PatternsSection(Section):
    """[patterns]: how many patterns each source may bring in, and the secret that goes into their ids.

    Replicas that share findings need the same `key`.
    """

    limit: Annotated[int, Field(ge=1)] = 50_000
    key: Annotated[SecretStr, AfterValidator(check_key)] = SecretStr("")


class ModelSection(Section):
    """[model]: which language model is asked, and how.

    `use` names the plugin, where there are several; `concurrency` is how many calls go out at once, 0 as many as the
    server works on; `timeout` is for a whole call; `retries` how often one that did not get through is repeated.
    `patterns` are judged in one call; `texts` is how many findings of an analyzer may wait for words of the model, the
    least urgent give way; `wait` is how long a run that has read everything waits for answers, and `revise` how long
    ago a window may have been stored whose findings still change. Before a model's verdicts count it stands a `trial`.
    """

    use: str = ""
    concurrency: Annotated[int, Field(ge=0, le=1024)] = 0
    timeout: Annotated[Duration, Field(ge=timedelta(seconds=1), le=timedelta(days=1))] = timedelta(minutes=2)
    retries: Annotated[int, Field(ge=0, le=20)] = 3
    patterns: Annotated[int, Field(ge=1, le=16)] = 8
    texts: Annotated[int, Field(ge=0, le=10_000)] = 8
    wait: Annotated[Duration, Field(ge=timedelta(0), le=timedelta(days=7))] = timedelta(minutes=10)
    revise: Annotated[Duration, Field(ge=timedelta(0), le=timedelta(days=365))] = timedelta(days=7)
    trial: bool = True


class OwnRuleSection(Section):
    """[[redaction.rules]]: what `pattern` matches becomes `<name:1>`; if it has a group, only the first of these.

    The pattern is in the notation of RE2, which takes linear time for any.
    """

    name: Annotated[str, AfterValidator(check_name)]
    pattern: Annotated[str, AfterValidator(check_pattern)]


def check_distinct(rules: tuple[OwnRuleSection, ...]) -> tuple[OwnRuleSection, ...]:
    """The rules, if each has a name of its own.

    Raises:
        ValueError: two have the same.
    """
    names = [each.name for each in rules]
    if double := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"two rules are called {double}; write both patterns as one, a|b, or give another name")
    return rules


class RedactionSection(Section):
    """[redaction]: which secrets and personal data are taken out of texts before a model or anyone else gets them.

    All kinds are, but those that are `off` and, unless `client_addresses`, addresses of machines. `allow` has values
    that may stay, with `*` for any letters; `allow_patterns` expressions (RE2) that match all of what may stay.
    """

    enabled: bool = True
    off: tuple[Kind, ...] = ()
    client_addresses: bool = False
    allow: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    allow_patterns: tuple[Annotated[str, AfterValidator(check_pattern)], ...] = ()
    rules: Annotated[tuple[OwnRuleSection, ...], Field(max_length=100), AfterValidator(check_distinct)] = ()


KeyScope = Literal["read", "analyze", "admin"]
"""`read` what was found; `analyze`: send logs and questions; `admin`: all, and what changes how sllm judges."""


class KeySection(Section):
    """[[service.keys]]: an API key, as `sllm key create --toml` prints it: the key itself stands nowhere.

    `rate` is how many requests a second it may send, 0 any number; the default is that of the service.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    scopes: Annotated[tuple[KeyScope, ...], Field(min_length=1)] = ("read", "analyze")
    rate: Annotated[float, Field(ge=0, le=1e6)] | None = None


class ServiceSection(Section):
    """[service]: where `sllm serve` listens, and how much it takes from a client.

    A body has at most `max_body` bytes, also once it is unpacked, `max_lines` records, and comes within `body_timeout`.
    An answer waits for a language model until the `deadline` that the request names, at most `max_deadline`, or this
    one. `queue` requests may wait to be analysed. When it is told to stop, what is being answered has `drain` to end.
    `rate` is how many requests a second each API key may send, 0 any number; `keys` stand beside those of `sllm key`.
    `forwarded`: a proxy stands before it and says in `X-Forwarded-Proto` whether browsers speak TLS; it must replace
    what clients send there.
    """

    host: Annotated[str, Field(min_length=1, max_length=253)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8083
    max_body: Annotated[int, Field(ge=1024, le=1 << 30)] = 8 << 20
    max_lines: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    body_timeout: Annotated[Duration, Field(gt=timedelta(0), le=timedelta(hours=1))] = timedelta(seconds=20)
    deadline: Annotated[Duration, Field(ge=timedelta(0), le=timedelta(hours=1))] = timedelta(seconds=10)
    max_deadline: Annotated[Duration, Field(ge=timedelta(0), le=timedelta(hours=1))] = timedelta(minutes=5)
    queue: Annotated[int, Field(ge=1, le=100_000)] = 256
    connections: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    drain: Annotated[Duration, Field(ge=timedelta(0), le=timedelta(hours=1))] = timedelta(seconds=30)
    rate: Annotated[float, Field(ge=0, le=1e6)] = 0.0
    forwarded: bool = False
    keys: Annotated[tuple[KeySection, ...], Field(max_length=1000)] = ()


class LearningSection(Section):
    """[learning]: what is learnt from, and what a new version has to show before its verdicts hold.

    Nothing is promoted with fewer than `least_train` labelled patterns to learn from, or `least_test` to measure on, of
    a task. Macro-F1 may fall by `tolerance` at most, at the lower end of its 95 % interval, and on the shipped corpus;
    the recall of a class there by `recall_drop`; the calibration error may grow by `calibration`; and a task must be
    better with a p-value (McNemar) below `significance`. At most `per_source` labelled patterns of a source are learnt
    from, and `per_pattern` statements on a pattern count. More than `burst` labels of one person within ten minutes are
    set aside, unless the name is one of `trusted`, or they were imported. With `agreement`, what the shipped classifier
    and the language model are both sure of (.9) is learnt as well. The newest patterns, a share of `time_slice`, are
    not learnt yet, but measured on. What is random follows from `seed`.

    A tuned language model learns `replay`, as a share of all that it learns, from what was learnt before; it is asked
    at most `asked` examples of each kind, and answers validly at least in a share of `validity` and within `latency`
    times the time (p95) of what serves now.
    """

    least_train: Annotated[int, Field(ge=1, le=1_000_000)] = 60
    least_test: Annotated[int, Field(ge=5, le=1_000_000)] = 40
    tolerance: Annotated[float, Field(ge=0, le=1)] = 0.01
    recall_drop: Annotated[float, Field(ge=0, le=1)] = 0.02
    significance: Annotated[float, Field(gt=0, le=1)] = 0.05
    calibration: Annotated[float, Field(ge=0, le=1)] = 0.05
    per_source: Annotated[int, Field(ge=1, le=1_000_000)] = 2000
    burst: Annotated[int, Field(ge=1, le=1_000_000)] = 200
    trusted: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=64)], ...], Field(max_length=1000)] = ()
    agreement: bool = True
    per_pattern: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    time_slice: Annotated[float, Field(ge=0, le=0.5)] = 0.2
    replay: Annotated[float, Field(ge=0, le=0.9)] = 0.25
    validity: Annotated[float, Field(ge=0, le=1)] = 0.99
    latency: Annotated[float, Field(ge=1, le=100)] = 1.5
    asked: Annotated[int, Field(ge=20, le=100_000)] = 200
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0


def check_when(when: str) -> str:
    """A time of day or a cron expression, or "".

    Raises:
        ValueError: it is none of these, or never comes.
    """
    from sllm_core.clock.schedule import check_schedule

    return check_schedule(when) if when.strip() else ""


class ScheduleSection(Section):
    """[schedule]: when `sllm serve` tunes, `enabled` or not; "" for `tune` is never.

    `tune` is a time of day (02:00), or a cron expression (0 2 * * sun), in the `zone`, by default that of `timezone`.
    It is put off by chance, up to `jitter`; when nothing ran at that time, it begins up to `grace` later.
    """

    enabled: bool = True
    tune: Annotated[str, AfterValidator(check_when)] = "02:00"
    zone: ZoneName | Literal[""] = ""
    jitter: Annotated[Duration, Field(ge=timedelta(0), le=timedelta(hours=1))] = timedelta(minutes=1)
    grace: Annotated[Duration, Field(ge=timedelta(minutes=1), le=timedelta(hours=23))] = timedelta(hours=3)


class WatchSection(Section):
    """[watch]: when `sllm serve` takes back by itself what tuning has promoted.

    It looks again after `every`, as long as a version `lasts` since its promotion. Nothing is concluded from fewer than
    `least` verdicts since then, or `statements` of people. The version before judges again once `looks` in a row, each
    with new verdicts, have found one of these: labels that are distributed otherwise than the version before would have
    them on the same patterns, beyond what the gate saw change (a population stability index above `drift`); shares of
    invalid answers, or of none, that have risen by more than `invalid`; a share of people who disagree that has risen
    by more than `disagreement`.
    """

    enabled: bool = True
    every: Annotated[Duration, Field(ge=timedelta(seconds=1), le=timedelta(days=1))] = timedelta(minutes=1)
    lasts: Annotated[Duration, Field(ge=timedelta(minutes=1), le=timedelta(days=365))] = timedelta(days=7)
    least: Annotated[int, Field(ge=10, le=1_000_000)] = 100
    statements: Annotated[int, Field(ge=5, le=1_000_000)] = 20
    looks: Annotated[int, Field(ge=1, le=100)] = 3
    drift: Annotated[float, Field(gt=0, le=100)] = 0.5
    invalid: Annotated[float, Field(gt=0, le=1)] = 0.05
    disagreement: Annotated[float, Field(gt=0, le=1)] = 0.2


class LoggingSection(Section):
    """[logging]: what sllm says about itself, on standard error.

    An answer of `sllm serve` that does not begin within `slow` is told at the level warning.
    """

    level: Literal["debug", "info", "warning", "error", "critical"] = "info"
    format: Literal["auto", "json", "console"] = "auto"
    slow: Annotated[Duration, Field(gt=timedelta(0), le=timedelta(hours=1))] = timedelta(seconds=15)


class TelemetrySection(Section):
    """[telemetry]: spans for OpenTelemetry, to a collector that takes OTLP over HTTP; none without an `endpoint`.

    `ratio` is the share of requests and windows that are traced, where a client does not say itself; `service` is the
    name under which they stand. Needs `pip install 'sllm[otel]'`. Spans never have text of logs.
    """

    endpoint: Annotated[str, AfterValidator(check_endpoint)] = ""
    ratio: Annotated[float, Field(ge=0, le=1)] = 1.0
    service: Annotated[str, Field(min_length=1, max_length=255)] = "sllm"


class Sections(Section):
    """The whole of config.toml. The type of `plugins` is replaced by one that has a field for each enabled plugin."""

    language: Literal["en", "ko"] = "en"
    timezone: ZoneName = "UTC"
    pipeline: PipelineSection = PipelineSection()
    patterns: PatternsSection = PatternsSection()
    store: StoreSection = StoreSection()
    model: ModelSection = ModelSection()
    redaction: RedactionSection = RedactionSection()
    learning: LearningSection = LearningSection()
    service: ServiceSection = ServiceSection()
    schedule: ScheduleSection = ScheduleSection()
    watch: WatchSection = WatchSection()
    logging: LoggingSection = LoggingSection()
    telemetry: TelemetrySection = TelemetrySection()
    plugins: Section = Section()
