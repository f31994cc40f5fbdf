"""What people say of verdicts, from forms to where it is kept."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from litestar import Request

from sllm_core.learning.feedback import Feedback, FeedbackError
from sllm_core.web.dashboard.forms import form_of
from sllm_core.web.problems import Problem, wrong
from sllm_core.web.scopes import client_name
from sllm_core.web.service import Service


def statement(
    request: Request[Any, Any, Any], task: str, *, finding: str | None = None, pattern: int | None = None
) -> Feedback:
    """What the form of a request says of a finding or a pattern: its `right` (up or down), `label` and `note`."""
    form = form_of(request)
    return Feedback(
        at=datetime.now(UTC),
        by=client_name(request),
        via="dashboard",
        task=task,
        finding=finding,
        pattern=pattern,
        right={"up": True, "down": False}.get(form.text("right")),
        label=form.text("label") or None,
        note=form.text("note").strip(),
    )


async def give(request: Request[Any, Any, Any], what: Feedback, gone: str) -> None:
    """Keep it.

    Raises:
        Problem: it cannot be taken; with the text `gone` where what it is about is not there any more.
    """
    service: Service = request.app.state["service"]
    try:
        await asyncio.to_thread(service.learning.feedback.give, what)
    except FeedbackError as error:
        raise Problem(404, gone) if error.missing else wrong(error.field, error.detail) from error
