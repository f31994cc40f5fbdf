"""The plugin `ollama`: a model that an Ollama server has, on this machine or another."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, SecretStr

from sllm_core.plugin import Plugin, PluginConfig, hookimpl
from sllm_core.settings import Duration, EnvironmentName

from ..address import ServerUrl

if TYPE_CHECKING:
    from sllm_core.models.language_model import LanguageModel

DAY = timedelta(days=1)


class OllamaConfig(PluginConfig):
    """The section `[plugins.ollama]`.

    A change of `num_ctx` or `num_thread` makes the server load the model anew, so sllm sends the same ones with every
    call.
    """

    url: Annotated[ServerUrl, EnvironmentName("OLLAMA_API_URL")] = Field(
        default="http://localhost:11434", description="the server, as http(s)://host:port"
    )
    model: Annotated[str, Field(min_length=1), EnvironmentName("OLLAMA_MODEL")] = Field(
        default="llama3", description="the tag of the model, as `ollama list` shows it"
    )
    api_key: Annotated[SecretStr, EnvironmentName("OLLAMA_API_KEY")] = Field(
        default=SecretStr(""), description="a bearer token, for a server behind a proxy that demands one"
    )
    num_ctx: int = Field(default=4096, ge=256, le=1 << 20, description="tokens that prompt and answer have together")
    num_thread: int | None = Field(default=None, ge=1, le=1024, description="threads of the server; its own choice")
    parallel: int | None = Field(
        default=None, ge=1, le=256, description="calls at once; OLLAMA_NUM_PARALLEL of this machine, else 1"
    )
    seed: int = Field(default=7, ge=0, lt=1 << 31, description="the same seed and prompt give the same answer")
    keep_alive: Annotated[Duration, Field(ge=timedelta(0), le=365 * DAY)] = Field(
        default=timedelta(minutes=30), description="how long the model stays loaded after a call"
    )
    connect_timeout: Annotated[Duration, Field(gt=timedelta(0), le=timedelta(minutes=5))] = timedelta(seconds=2)
    read_timeout: Annotated[Duration, Field(gt=timedelta(0), le=DAY)] = Field(
        default=timedelta(minutes=5), description="how long a whole answer may take"
    )
    load_timeout: Annotated[Duration, Field(gt=timedelta(0), le=DAY)] = Field(
        default=timedelta(minutes=15), description="how long the model may take to be loaded"
    )
    remote: bool = Field(
        default=False, description="whether a model may be used that the server itself only passes on to another host"
    )


class Ollama(Plugin[OllamaConfig]):
    """Gives the model; nothing is sent before it is asked something."""

    Config = OllamaConfig

    @hookimpl
    def sllm_models(self) -> list[LanguageModel]:
        from .model import OllamaModel

        return [OllamaModel(self.name, self.config)]
