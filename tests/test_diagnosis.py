"""Models are asked side by side; what one of them does is no trouble for the others."""

from __future__ import annotations

import asyncio

import pytest

from sllm_core.diagnosis import Diagnosis, diagnose_models
from sllm_core.models.language_model import Completion, Identity, ModelUnavailable, Prompt


class Model:
    """A third party's, which offers no diagnosis of its own."""

    def __init__(self, name: str, identity: Identity | Exception | None) -> None:
        self.name = name
        self.closed = False
        self._identity = identity

    async def identify(self) -> Identity:
        if self._identity is None:
            await asyncio.Event().wait()
        if not isinstance(self._identity, Identity):
            raise self._identity or AssertionError
        return self._identity

    async def complete(self, prompt: Prompt) -> Completion:
        raise NotImplementedError

    async def close(self) -> None:
        self.closed = True


class Telling(Model):
    async def diagnose(self) -> Diagnosis:
        return Diagnosis("here", problem="it rains")


def test_each_model_tells_what_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_core.diagnosis.PATIENCE", 0.05)
    models = [
        Model("good", Identity("a", "0123456789abcdef", 2, 100)),
        Model("away", ModelUnavailable("gone")),
        Model("odd", ZeroDivisionError("division by zero")),
        Model("silent", None),
        Telling("telling", None),
    ]
    found = asyncio.run(diagnose_models(models))
    assert dict(found["good"].facts)["weights"] == "0123456789ab"
    assert found["away"].problem == "gone"
    assert found["odd"].problem == "ZeroDivisionError: division by zero"
    assert found["silent"].problem == "no answer within 0.05 s"
    assert found["telling"] == Diagnosis("here", problem="it rains")
    assert all(each.closed for each in models)
