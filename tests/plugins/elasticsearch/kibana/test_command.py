"""`sllm kibana` against a server that answers as Kibana does, since no real one can be had for tests."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from sllm_core.plugin import PluginError
from sllm_plugins.elasticsearch.kibana.command import command


@dataclass
class Answers:
    """What the server answers, and what it was asked."""

    url: str = ""
    status: int = 200
    body: object = field(default_factory=lambda: {"success": True, "successCount": 18})
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def kibana(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Answers]:
    answers = Answers()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            answers.asked.append((self.path, dict(self.headers), self.rfile.read(length)))
            text = answers.body if isinstance(answers.body, str) else json.dumps(answers.body)
            self.send_response(answers.status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    monkeypatch.chdir(tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        answers.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield answers
        server.shutdown()


def run(*arguments: str) -> str:
    return CliRunner().invoke(command, arguments, catch_exceptions=False, standalone_mode=False).output


def test_export_writes_a_file_that_import_takes(kibana: Answers) -> None:
    run("export", "out.ndjson")
    assert "18 saved objects" in run("import", "out.ndjson", "--url", kibana.url)
    assert Path("out.ndjson").read_bytes() in kibana.asked[0][2]


def test_import_says_where_the_dashboard_is(kibana: Answers) -> None:
    told = run("import", "--url", f"{kibana.url}/", "--space", "ops team")
    assert told.endswith(f"{kibana.url}/s/ops%20team/app/dashboards#/view/sllm-findings-dashboard\n")
    assert kibana.asked[0][0] == "/s/ops%20team/api/saved_objects/_import?overwrite=true"


def test_who_asks_is_told(kibana: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIBANA_API_KEY", "a2V5")
    run("import", "--url", kibana.url)
    headers = kibana.asked[0][1]
    assert (headers["kbn-xsrf"], headers["Authorization"]) == ("true", "ApiKey a2V5")


def test_titles_are_in_the_language_asked_for(kibana: Answers) -> None:
    assert "sllm: 로그가 말하는 것" in run("export", "--language", "ko")


def test_the_configured_indices_are_shown(kibana: Answers) -> None:
    Path("config.toml").write_text('[plugins.elasticsearch-sink]\nindex = "team-a"\nannotate = true\n')
    ids = [json.loads(line)["id"] for line in run("export").splitlines()]
    assert ids[:2] == ["team-a", "sllm-labels"] and ids[-1] == "team-a-dashboard"


def test_what_kibana_has_now_can_be_kept(kibana: Answers) -> None:
    kibana.body = '{"id":"sllm-findings","type":"index-pattern"}\n'
    assert run("export", "--from-kibana", "--url", kibana.url) == kibana.body
    assert {"type": "dashboard", "id": "sllm-findings-dashboard"} in json.loads(kibana.asked[0][2])["objects"]


def test_objects_that_are_refused_are_named(kibana: Answers) -> None:
    errors = [{"type": "lens", "id": f"a{number}", "error": {"type": "conflict"}} for number in range(5)]
    kibana.body = {"success": False, "successCount": 13, "errors": errors}
    with pytest.raises(PluginError, match=r"took in 13 objects and refused lens a0 \(conflict\), .* and 2 more"):
        run("import", "--keep", "--url", kibana.url)


@pytest.mark.parametrize(("status", "remedy"), [(401, "--api-key"), (403, "right to manage"), (404, "base path")])
def test_a_refusal_says_what_to_do(kibana: Answers, status: int, remedy: str) -> None:
    kibana.status, kibana.body = status, {"message": "no"}
    with pytest.raises(PluginError, match=f"answered {status} no; .*{remedy}"):
        run("import", "--url", kibana.url)


def test_a_kibana_that_is_not_there_is_told(kibana: Answers) -> None:
    with pytest.raises(PluginError, match=r"cannot be reached: .*; start Kibana, or name its address with --url"):
        run("import", "--url", "http://127.0.0.1:9")
