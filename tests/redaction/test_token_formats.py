from __future__ import annotations

import random

import pytest

from drawn_values import VALUES
from sllm_core.redaction import Redactor

KNOWN = """alibaba anthropic aws_id bcrypt argon sha512crypt databricks discord do docker github github_pat gitlab
gitlab_runner google google_secret google_token grafana hf jwt mailchimp mailgun newrelic npm openai openai_proj pypi
sendgrid shopify slack slack_hook stripe stripe_hook telegram toss twilio vault"""


@pytest.mark.parametrize("name", KNOWN.split())
def test_a_known_form_needs_no_word_about_it(name: str) -> None:
    token = VALUES[name](random.Random(2))
    output = Redactor().redact(f"seen {token} here")
    assert output in ("seen <key:1> here", "seen <token:1> here", "seen <password:1> here")


def test_the_secret_beside_an_access_key_id_goes_too() -> None:
    key, secret = (VALUES[name](random.Random(3)) for name in ("aws_id", "aws_secret"))
    assert Redactor().redact(f"{key} {secret}") == "<key:1> <key:2>"
    assert Redactor().redact(f"request {secret}") == f"request {secret}"


@pytest.mark.parametrize(
    "text", ["AKIA", "task-force sk-learn", "eyJ.eyJ.x", "ghp_short", "xoxb", "hf_hub", "npm_config_x"]
)
def test_the_beginning_alone_is_nothing(text: str) -> None:
    assert Redactor().redact(text) == text


def test_a_token_within_a_word_is_none() -> None:
    text = "x" + VALUES["github"](random.Random(1))
    assert Redactor().redact(text) == text
