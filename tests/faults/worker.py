"""A worker: `sllm run` in a process of its own, which may be killed, frozen, asked to stop and started again."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from own_server import OwnServer

MAIN = "from sllm_core.cli import main; main()"
OUTSIDE = re.compile(r"(SLLM|KAFKA|ELASTICSEARCH|OLLAMA)_", re.IGNORECASE)
"""Variables of whoever runs the tests, which would go before the configuration."""

CONFIG = """
[pipeline]
window = "{window}s"
lateness = "0s"
idle = "2s"
[logging]
level = "info"
[store]
path = "{state}"
[plugins.kafka]
bootstrap_servers = "{bootstrap}"
topics = ["{topic}"]
group = "{group}"
session_timeout = "6s"
heartbeat_interval = "1s"
[plugins.sentiment]
[plugins.anomaly]
[plugins.summary]
[plugins.elasticsearch-sink]
url = "{url}"
index = "{index}"
"""


class Worker(OwnServer):
    """A process of `sllm run` with a configuration and a state of its own; or of another program, in its place."""

    def __init__(self, folder: Path, config: str, program: str = MAIN) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder)
        self._program, self._config = program, folder / "config.toml"
        self._config.write_text(config)

    @property
    def command(self) -> Sequence[str]:
        return [sys.executable, "-c", self._program, "run", "-q", "-c", str(self._config)]

    @property
    def environment(self) -> Mapping[str, str]:
        return {name: value for name, value in os.environ.items() if not OUTSIDE.match(name)}
