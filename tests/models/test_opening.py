from __future__ import annotations

import pytest

from sllm_core.models.opening import open_gateway
from sllm_core.plugin import PluginError
from sllm_core.settings.sections import ModelSection
from sllm_core.store import Store
from sllm_core.testing import ScriptedModel

MODELS = ScriptedModel([], name="a"), ScriptedModel([], name="b")


def test_without_a_model_there_is_no_gateway() -> None:
    assert open_gateway([], ModelSection(), Store()) is None


def test_the_first_model_is_asked_unless_another_is_named() -> None:
    first, named = (open_gateway(MODELS, ModelSection(use=use), Store()) for use in ("", "b"))
    assert first is not None and named is not None
    assert (first.model.name, named.model.name) == ("a", "b")


def test_a_model_that_is_not_there_is_told() -> None:
    with pytest.raises(PluginError, match=r"there is no model 'c' \(a, b\); enable \[plugins.c\]"):
        open_gateway(MODELS, ModelSection(use="c"), Store())
