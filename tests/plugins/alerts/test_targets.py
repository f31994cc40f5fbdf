from __future__ import annotations

import logging
import socket
from types import SimpleNamespace

import pytest
from pydantic import SecretStr

from fake_server import FakeServer, json_reply, raw_reply, reset_reply
from sllm_core.plugin import PluginError
from sllm_core.redaction import Redactor
from sllm_plugins.alerts.harmless import Harmless
from sllm_plugins.alerts.targets import AppriseTarget, Text, fingerprint, targets

TEXT = Text("a title", "a body", "failure")


def target(address: str) -> AppriseTarget:
    (found,) = targets([SecretStr(address)])
    return found


def at(server: FakeServer, path: str = "/alerts", scheme: str = "json") -> AppriseTarget:
    return target(f"{server.url.replace('http', scheme)}{path}")


@pytest.mark.parametrize("scheme", ["json", "form"])
def test_a_message_is_posted(scheme: str) -> None:
    with FakeServer({"/alerts": json_reply({})}) as server:
        assert at(server, scheme=scheme).send(TEXT) == ""
        body = server.received[0].body.decode()
    assert "a" in body and "body" in body and "failure" in body


def test_a_target_that_refuses_tells_why() -> None:
    with FakeServer({"/alerts": json_reply({}, 403)}) as server:
        assert "403" in at(server).send(TEXT)


def test_a_target_that_is_away_is_told() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert "onnection" in target(f"json://127.0.0.1:{unused.getsockname()[1]}/SECRET").send(TEXT)


def test_a_target_that_breaks_off_is_told() -> None:
    with FakeServer({"/alerts": reset_reply}) as server:
        assert at(server).send(TEXT) != ""


def test_messages_are_not_passed_on_to_where_a_target_points() -> None:
    with FakeServer({"/other": json_reply({})}) as server:
        server.routes["/alerts"] = raw_reply(b"", 302, location=f"{server.url}/other")
        assert "302" in at(server).send(TEXT)
        assert [each.path for each in server.received] == ["/alerts"]


def test_a_reason_holds_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    found = target("json://kim:hunter22@127.0.0.1:1/T0KEN?+X-Key=abcdefgh")

    def notify(*_: object, **__: object) -> bool:
        found.server.logger.warning("%s", "no: kim:hunter22@127.0.0.1 /T0KEN abcdefgh")
        return False

    monkeypatch.setattr(found.server, "notify", notify)
    assert found.send(TEXT) == "no: kim:***@127.0.0.1 /*** ***"


def test_what_a_service_raises_is_told_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    found = target("json://127.0.0.1:1/T0KEN")

    def send(*_: object, **__: object) -> bool:
        raise OSError("https://127.0.0.1/T0KEN")

    monkeypatch.setattr(found.server, "send", send)
    assert "T0KEN" not in found.send(TEXT)


def test_requests_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "sllm")
    with FakeServer({"/T0KEN": json_reply({}, 500)}) as server:
        at(server, "/T0KEN").send(TEXT)
    assert not [each for each in caplog.records if each.name.startswith(("apprise", "sllm"))]


@pytest.mark.parametrize(
    ("address", "kind", "host", "form"),
    [
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#ops", "Slack", "", "markdown"),
        ("mailtos://kim:pw@smtp.shop.example:587?to=ops@shop.example", "E-Mail", "smtp.shop.example:587", "text"),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "Discord", "", "text"),
        ("ntfy://mysecrettopic", "ntfy", "", "text"),
        ("tgram://123456789:alphanumeric_token/12315544/", "Telegram", "", "text"),
        ("jsons://kim:pw@alerts.shop.example/T0KEN", "JSON", "alerts.shop.example", "text"),
    ],
)
def test_what_a_target_is_can_be_shown(address: str, kind: str, host: str, form: str) -> None:
    found = target(address)
    assert (found.kind, found.host, found.form) == (kind, host, form)


@pytest.mark.parametrize("blocks", ["no", "yes"])
def test_slack_finds_no_mention_in_what_is_harmless(monkeypatch: pytest.MonkeyPatch, blocks: str) -> None:
    sent: list[str] = []

    def post(*_: object, data: str, **__: object) -> object:
        sent.append(data)
        return SimpleNamespace(status_code=200, content=b"ok", text="ok")

    monkeypatch.setattr("requests.request", post)
    slack = target(f"slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?blocks={blocks}")
    hostile = "<!everyone> !here> @U123> <@U123> <https://evil.example|click> https://evil.example>"
    line = Harmless(Redactor()).line(hostile, 400)
    assert slack.send(Text(line, f"`{line}` {line}")) == ""
    assert sent and not any(each in sent[0] for each in ("<!", "<@", "<http", "evil.example"))


def test_wrong_addresses_are_named_by_number_and_without_secrets(capfd: pytest.CaptureFixture[str]) -> None:
    addresses = ["json://127.0.0.1", "slack://SECRET", "SECRET", "bogus://kim:SECRET@host"]
    with pytest.raises(PluginError) as caught:
        targets([SecretStr(each) for each in addresses])
    text = str(caught.value)
    assert "SECRET" not in text + "".join(capfd.readouterr())
    assert all(each in text for each in ("number 2 (slack://…)", "number 3 is no address", "number 4 (bogus://…)"))
    assert "number 1" not in text


def test_the_same_target_twice_is_a_mistake() -> None:
    with pytest.raises(PluginError, match="number 3 is the same as number 1"):
        targets([SecretStr(each) for each in ("json://a", "json://b", "json://a")])


def test_a_fingerprint_tells_nothing_and_stays_the_same() -> None:
    assert fingerprint("json://a/T0KEN") == fingerprint("json://a/T0KEN") != fingerprint("json://b/T0KEN")
    assert "T0KEN" not in fingerprint("json://a/T0KEN")


def test_a_host_is_reached_without_a_message() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = target(f"json://127.0.0.1:{server.getsockname()[1]}/T0KEN")
        assert found.reach() == ""
        with server.accept()[0] as connection:
            assert connection.recv(100) == b""
    assert "cannot be reached" in found.reach()
