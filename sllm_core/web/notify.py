"""What systemd is told of a service of its `Type=notify`; nothing where there is no systemd."""

from __future__ import annotations

import contextlib
import os
import socket
import time


def notify(state: str) -> None:
    """Send a state, as sd_notify(3) has it: `READY=1`, `STOPPING=1`, `STATUS=...`."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.connect(address.replace("@", "\0", 1) if address.startswith("@") else address)
        sender.send(state.encode())


def notify_reloading() -> None:
    """The configuration is being read; `READY=1` follows."""
    notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
