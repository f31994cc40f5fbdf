"""A server that speaks as Ollama does and takes its time for each answer: `python slow_model.py SECONDS`, a process.

It prints its address. Every pattern is neutral and normal to it, and of every finding it says the same.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BLOB = "0" * 64
SHOWN = {
    "modelfile": f"FROM /models/sha256-{BLOB}\n",
    "parameters": "",
    "template": "{{ .Prompt }}",
    "capabilities": ["completion"],
    "model_info": {"general.architecture": "llama", "llama.context_length": 8192},
}
WORDS = "The services went on with their routine, and what was reported should be looked at by those who know them."


def answer(schema: Mapping[str, Any]) -> dict[str, object]:
    """What obeys the schema: of labels the one that is neither good nor bad, of texts always the same."""
    return {name: _value(each) for name, each in schema["properties"].items()}


def _value(kind: Mapping[str, Any]) -> str:
    labels = kind.get("enum")
    if labels is None:
        return WORDS
    return str(next((each for each in ("neutral", "normal") if each in labels), labels[0]))


class SlowModel(BaseHTTPRequestHandler):
    """Answers what sllm asks of an Ollama server."""

    seconds = 1.0

    def do_GET(self) -> None:
        """The version, or the list of tags."""
        self._give({"version": "0.24.0", "models": [{"name": "slow:latest", "digest": BLOB}]})

    def do_POST(self) -> None:
        """What the model is, or an answer after `seconds`."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("show"):
            self._give(SHOWN)
        elif not body.get("messages"):
            self._give({"model": "slow", "done": True, "done_reason": "load", "message": {"role": "assistant"}})
        else:
            time.sleep(self.seconds)
            text = json.dumps(answer(body["format"]))
            counts = {"prompt_eval_count": 900, "eval_count": 40}
            message = {"role": "assistant", "content": text}
            self._give({"model": "slow", "message": message, "done": True, "done_reason": "stop", **counts})

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""

    def _give(self, body: Mapping[str, object]) -> None:
        data = json.dumps({"created_at": "2026-11-20T09:00:00Z", **body}).encode() + b"\n"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main() -> None:
    """Serve until the process is ended."""
    SlowModel.seconds = float(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), SlowModel)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
