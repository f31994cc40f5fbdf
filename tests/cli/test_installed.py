"""Commands of other distributions stand beside our own."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint

import pytest
from click.testing import CliRunner, Result

from sllm_core.cli import installed, sllm

GROUP = installed.GROUP
Install = Callable[[str], None]


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Lets `sllm greet` be what an entry point with that value is."""

    def set_to(value: str) -> None:
        entry = EntryPoint("greet", value, GROUP)
        monkeypatch.setattr(installed, "entry_points", lambda group: [entry] if group == GROUP else [])

    return set_to


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(sllm, arguments)


def test_a_command_of_another_distribution_is_found(only: Install) -> None:
    only("sllm_core.cli.plugins:command")
    assert invoke("greet", "--help").output.startswith("Usage: sllm greet")


def test_it_is_listed_behind_our_own(only: Install) -> None:
    only("sllm_core.cli.plugins:command")
    assert invoke("--help").output.rstrip().splitlines()[-1].split()[0] == "greet"


def test_one_that_cannot_be_loaded_says_whose_it_is(only: Install) -> None:
    only("no_such_module:command")
    result = invoke("greet")
    assert result.exit_code == 1
    assert "sllm greet of no_such_module:command: cannot be loaded: ModuleNotFoundError" in result.output


def test_one_that_cannot_be_loaded_leaves_the_others_alone(only: Install) -> None:
    only("no_such_module:command")
    result = invoke("--help")
    assert result.exit_code == 0 and "Cannot be loaded." in result.output


def test_what_is_no_command_is_refused(only: Install) -> None:
    only("sllm_core.cli:COMMANDS")
    assert "is no click.Command" in invoke("greet").output


def test_our_own_commands_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("check", "no_such_module:command", GROUP)
    monkeypatch.setattr(installed, "entry_points", lambda group: [entry])
    assert invoke("check", "--help").exit_code == 0


def test_a_name_that_is_close_is_offered(only: Install) -> None:
    only("sllm_core.cli.plugins:command")
    assert "Did you mean 'greet'?" in invoke("gret").output
