"""What is in examples/deploy says of ports, paths and names what the code serves."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from sllm_core.cli.service_diagnosis import obstacle
from sllm_core.settings import load_settings
from sllm_core.settings.mistakes import SettingsError
from sllm_core.web.health import HealthController

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "examples" / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
UNIT = DEPLOY / "systemd" / "sllm.service"
PROBES = {"/health/live", "/health/ready"}


def objects() -> dict[str, Any]:
    """The manifests by kind and name."""
    found = [each for path in MANIFESTS for each in yaml.safe_load_all(path.read_text("utf-8")) if "metadata" in each]
    return {f"{each['kind']} {each['metadata']['name']}": each for each in found}


def pod() -> dict[str, Any]:
    spec: dict[str, Any] = objects()["StatefulSet sllm"]["spec"]["template"]["spec"]
    return spec


def container() -> dict[str, Any]:
    found: dict[str, Any] = pod()["containers"][0]
    return found


def dockerfile() -> str:
    return (DEPLOY / "Dockerfile").read_text("utf-8").replace("\\\n", "")


def unit() -> str:
    return UNIT.read_text("utf-8")


def needs_program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"needs {name}")
    return found


@pytest.fixture(autouse=True)
def nothing_set_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ELASTICSEARCH_HOST", "ELASTICSEARCH_PORT", "KAFKA_BOOTSTRAP_SERVERS", "KAFKA_GROUP_ID"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", ["config.toml", "kubernetes/config.toml"])
def test_the_configurations_are_valid_and_reach_others(name: str) -> None:
    settings = load_settings(DEPLOY / name)
    assert (settings.service.host, settings.service.port) == ("0.0.0.0", 8083)
    assert str(settings.store.path) == "/var/lib/sllm"


def test_the_pods_start_and_nobody_gets_in_before_a_key_is_made() -> None:
    settings = load_settings(DEPLOY / "kubernetes" / "config.toml")
    assert obstacle(settings) == ""
    assert set(settings.service.keys[0].digest.removeprefix("sha256:")) == {"0"}


def test_there_is_what_a_cluster_expects() -> None:
    kinds = {each.split()[0] for each in objects()}
    wanted = {"StatefulSet", "Service", "NetworkPolicy", "PodDisruptionBudget", "Secret", "Namespace", "Kustomization"}
    assert kinds | {"Kustomization"} == wanted


def test_probes_ask_what_the_service_answers() -> None:
    probes = [container()[each]["httpGet"] for each in ("startupProbe", "livenessProbe", "readinessProbe")]
    assert {each["path"] for each in probes} == PROBES
    assert {f"{HealthController.path}/live", f"{HealthController.path}/ready"} == PROBES
    assert {each["port"] for each in probes} == {"http"}


def test_the_ports_are_those_of_the_configuration() -> None:
    assert container()["ports"] == [{"name": "http", "containerPort": 8083}]
    assert [each["port"] for each in objects()["Service sllm"]["spec"]["ports"]] == [8083]
    assert "EXPOSE 8083" in dockerfile()


def test_all_select_the_pods() -> None:
    found = objects()
    labels = found["StatefulSet sllm"]["spec"]["template"]["metadata"]["labels"]
    assert labels == found["StatefulSet sllm"]["spec"]["selector"]["matchLabels"]
    assert labels == found["Service sllm"]["spec"]["selector"] == found["Service sllm-pods"]["spec"]["selector"]
    assert labels == found["NetworkPolicy sllm"]["spec"]["podSelector"]["matchLabels"]
    assert labels == found["PodDisruptionBudget sllm"]["spec"]["selector"]["matchLabels"]


def test_pods_have_no_rights() -> None:
    context, own = pod()["securityContext"], container()["securityContext"]
    assert context["runAsNonRoot"] and context["runAsUser"] == 10001
    assert own["readOnlyRootFilesystem"] and not own["allowPrivilegeEscalation"]
    assert own["capabilities"] == {"drop": ["ALL"]}
    assert not pod()["automountServiceAccountToken"] and not pod()["enableServiceLinks"]


def test_volumes_are_mounted_where_sllm_looks() -> None:
    places = {each["mountPath"]: each["name"] for each in container()["volumeMounts"]}
    settings = load_settings(DEPLOY / "kubernetes" / "config.toml")
    assert places[str(settings.store.path)] == "store"
    assert places[str(Path(_env("SLLM_CONFIG")).parent)] == "config"
    assert places[next(each["value"] for each in container()["env"] if each["name"] == "SLLM_SECRETS_DIR")] == "secrets"


def test_there_is_time_to_stop() -> None:
    drain = load_settings(DEPLOY / "kubernetes" / "config.toml").service.drain.total_seconds()
    assert pod()["terminationGracePeriodSeconds"] > drain
    assert int(re.findall(r"TimeoutStopSec=(\d+)s", unit())[0]) > drain


def test_secrets_have_names_that_are_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = re.findall(r"(?m)^#? *([a-z]+__[a-z_-]+):", (DEPLOY / "kubernetes/secret.example.yaml").read_text("utf-8"))
    given += re.findall(r"LoadCredential=([a-z_-]+):", unit())
    for name in given:
        (tmp_path / name).write_text("made-up")
    config = tmp_path / "config.toml"
    config.write_text('[plugins.kafka]\ntopics = ["a"]\nsasl_mechanism = "PLAIN"\nusername = "a"\ntls = true\n')
    config.write_text(config.read_text() + "[plugins.elasticsearch-sink]\n")
    monkeypatch.setenv("SLLM_SECRETS_DIR", str(tmp_path))
    settings = load_settings(config)
    found = {path for path, origin in settings.origins.items() if origin.startswith("secret")}
    assert {"__".join(each) for each in found} == set(given)


def test_the_image_has_what_the_wheel_is_built_from() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    text, kept = dockerfile(), (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8")
    needed = {"pyproject.toml", project["project"]["readme"], "LICENSE", "sllm_core", "plugins"}
    assert set(re.findall(r"(?m)^COPY (.*) \./$", text)[0].split()) | {"sllm_core", "plugins"} == needed
    assert all(f"!{each}\n" in kept for each in needed) and "!examples/deploy/config.toml" in kept


def test_the_image_runs_as_nobody_and_stops_as_the_service_does() -> None:
    text = dockerfile()
    assert re.findall(r"(?m)^USER (.*)$", text) == ["10001:10001"]
    assert "STOPSIGNAL SIGTERM" in text and 'CMD ["serve"]' in text and 'ENTRYPOINT ["sllm"]' in text
    assert "torch" not in text and "curl" not in text
    assert _env("SLLM_CONFIG") == "/etc/sllm/config.toml"


def test_the_health_check_of_the_image_is_a_program_that_asks_what_there_is() -> None:
    (program,) = re.findall(r'"-c", "([^"]+)"', dockerfile())
    compile(program, "healthcheck", "exec")
    assert "http://127.0.0.1:8083/health/ready" in program


def test_the_environment_of_the_unit_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "patterns__key").write_text("a key")
    given = dict(each.split("=") for each in re.findall(r"(?m)^Environment=(.*)$", unit())[0].split())
    for name, value in given.items():
        monkeypatch.setenv(name, value.replace("%d", str(tmp_path)))
    settings = load_settings(DEPLOY / "config.toml")
    assert settings.logging.format == "json" and settings.patterns.key.get_secret_value() == "a key"
    monkeypatch.setenv("SLLM_STORE__PAHT", "a")
    with pytest.raises(SettingsError):
        load_settings(DEPLOY / "config.toml")


def test_the_unit_reloads_restarts_and_gives_up_on_what_is_set_up_wrongly() -> None:
    for line in (
        "Type=notify",
        "ExecReload=/bin/kill -HUP $MAINPID",
        "Restart=on-failure",
        "RestartPreventExitStatus=2",
        "ProtectSystem=strict",
        "StateDirectory=sllm",
    ):
        assert f"\n{line}\n" in unit()


def test_systemd_understands_the_unit_and_finds_it_hardened(tmp_path: Path) -> None:
    program = needs_program("systemd-analyze")
    copy = tmp_path / "sllm.service"
    copy.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", unit()).replace("User=sllm", "User=nobody"))
    for options in ("verify",), ("security", "--offline=true", "--threshold=20", "--no-pager"):
        done = subprocess.run([program, *options, str(copy)], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Unknown" not in done.stderr and "ignoring" not in done.stderr


def test_kustomize_puts_the_manifests_together() -> None:
    done = subprocess.run(
        [needs_program("kubectl"), "kustomize", str(DEPLOY / "kubernetes")], capture_output=True, text=True, timeout=60
    )
    if "unknown command" in done.stderr:
        pytest.skip("needs a kubectl with kustomize")
    assert done.returncode == 0, done.stderr
    made = {each["kind"]: each for each in yaml.safe_load_all(done.stdout)}
    name = made["ConfigMap"]["metadata"]["name"]
    volumes = made["StatefulSet"]["spec"]["template"]["spec"]["volumes"]
    assert next(each for each in volumes if each["name"] == "config")["configMap"]["name"] == name


def _env(name: str) -> str:
    (found,) = re.findall(rf"{name}=(\S+)", dockerfile())
    return str(found)
