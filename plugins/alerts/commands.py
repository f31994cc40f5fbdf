"""`sllm plugin alerts …`: try the targets, and see how messages are written."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from .targets import Target, Text

PATIENCE = 60.0
"""Seconds that a target has to take the message."""

TITLE = "sllm: 시험 알림 / test message"
BODY = "이 메시지가 보이면 알림이 제대로 설정된 것입니다.\nIf you can read this, alerts reach you."


def test_command(targets: Sequence[Target]) -> click.Command:
    """Sends a message to each target and tells which of them took it."""

    @click.command("test")
    def test() -> int:
        """Send a test message to every target, and say which of them took it.

        \b
        Exit codes: 0 all did; 1 some did not.
        """
        from .sink import shown

        reasons = _send_all(targets)
        for target, reason in zip(targets, reasons, strict=True):
            click.echo(f"{target.number}  {shown(target)}  {f'failed: {reason}' if reason else 'sent'}")
        return 1 if any(reasons) else 0

    return test


def template_command(language: str) -> click.Command:
    """Prints our templates, to begin one's own with."""

    @click.command("template")
    @click.option("--language", type=click.Choice(["en", "ko"]), default=language or "en", show_default=True)
    def template(language: str) -> None:
        """Print how messages are written, as a file to change: name it with `template` in the section."""
        from .templates import built_in

        click.echo(built_in(language), nl=False)

    return template


def _send_all(targets: Sequence[Target]) -> list[str]:
    """Why each target did not take the message; "" where it did. They are tried side by side."""
    from .targets import Text

    text = Text(TITLE, BODY)
    reasons = [f"no answer within {PATIENCE:g} s"] * len(targets)

    def send(place: int, target: Target, text: Text) -> None:
        reasons[place] = target.send(text)

    threads = [
        threading.Thread(target=send, args=(place, target, text), daemon=True) for place, target in enumerate(targets)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return list(reasons)
