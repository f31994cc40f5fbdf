from __future__ import annotations

from collections.abc import Sequence

import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr

from alert_scene import ListTarget
from fake_server import FakeServer, json_reply
from sllm_plugins.alerts import Alerts
from sllm_plugins.alerts.commands import template_command, test_command
from sllm_plugins.alerts.config import AlertsConfig
from sllm_plugins.alerts.targets import Target

tried = test_command
"""Under a name that pytest does not take for a test."""

del test_command


def invoke(targets: Sequence[Target]) -> tuple[object, str]:
    result: Result = CliRunner().invoke(tried(targets), standalone_mode=False)
    return result.return_value, result.output


def test_every_target_is_tried_and_what_became_of_it_is_told() -> None:
    targets = [ListTarget(1, "Slack"), ListTarget(2, "E-Mail", "smtp.shop.example", reasons=["refused"])]
    code, output = invoke(targets)
    assert output.splitlines() == ["1  Slack  sent", "2  E-Mail smtp.shop.example  failed: refused"]
    assert code == 1 and [len(each.tried) for each in targets] == [1, 1]


def test_all_is_well_when_every_target_takes_the_message() -> None:
    assert invoke([ListTarget()]) == (0, "1  List  sent\n")


def test_the_plugin_brings_its_commands() -> None:
    with FakeServer({"/T0KEN": json_reply({})}) as server:
        address = f"{server.url.replace('http', 'json')}/T0KEN"
        plugin = Alerts("alerts", AlertsConfig(targets=(SecretStr(address),)))
        commands = {each.name: each for each in plugin.sllm_commands()}
        result = CliRunner().invoke(commands["test"])
        assert "sent" in result.output and "T0KEN" not in result.output
        assert "alerts reach you" in server.received[0].data["message"]


@pytest.mark.parametrize(("arguments", "said"), [([], "Critical"), (["--language", "ko"], "심각")])
def test_our_templates_can_be_had(arguments: list[str], said: str) -> None:
    assert said in CliRunner().invoke(template_command(""), arguments).output
