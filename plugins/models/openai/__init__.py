"""The plugin `openai`: a model behind any server that speaks OpenAI's protocol, such as vLLM, llama-server or LoRAX."""

from __future__ import annotations

from datetime import timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, SecretStr

from sllm_core.plugin import Plugin, PluginConfig, PluginError, hookimpl
from sllm_core.settings import Duration, EnvironmentName

from ..address import BaseUrl

if TYPE_CHECKING:
    from sllm_core.models.language_model import LanguageModel

DAY = timedelta(days=1)


class OpenAIConfig(PluginConfig):
    """The section `[plugins.openai]`. `base_url` and `model` have no default, so that nothing leaves by mistake."""

    base_url: BaseUrl = Field(description="the API of the server, such as http://localhost:8000/v1")
    model: Annotated[str, Field(min_length=1)] = Field(description="the name of the model, or of a LoRA adapter")
    api_key: Annotated[SecretStr, EnvironmentName("OPENAI_API_KEY")] = Field(
        default=SecretStr(""), description="if the server demands one"
    )
    context: int | None = Field(
        default=None,
        ge=256,
        le=1 << 20,
        description="tokens that prompt and answer have together; what the server says",
    )
    parallel: int | None = Field(
        default=None, ge=1, le=256, description="calls at once; the slots that llama-server names, else 4"
    )
    seed: int = Field(default=7, ge=0, lt=1 << 31, description="the same seed and prompt give the same answer")
    connect_timeout: Annotated[Duration, Field(gt=timedelta(0), le=timedelta(minutes=5))] = timedelta(seconds=2)
    read_timeout: Annotated[Duration, Field(gt=timedelta(0), le=DAY)] = Field(
        default=timedelta(minutes=5), description="how long a whole answer may take"
    )


class OpenAI(Plugin[OpenAIConfig]):
    """Gives the model; nothing is sent before it is asked something."""

    Config = OpenAIConfig

    def __init__(self, name: str, config: OpenAIConfig) -> None:
        super().__init__(name, config)
        if find_spec("langchain_openai") is None:
            raise PluginError("it needs langchain-openai: pip install 'sllm[openai]'")

    @hookimpl
    def sllm_models(self) -> list[LanguageModel]:
        from .model import OpenAIModel

        return [OpenAIModel(self.name, self.config)]
