"""What a language model offers besides if its server can put an adapter on its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from sllm_core.models.language_model import Completion, Identity, Prompt
from sllm_core.plugin import PluginError


class DeploymentError(PluginError):
    """An adapter cannot be put on the weights of a server, or not be taken away; the message says what to do."""

    exit_code = 1


@dataclass(frozen=True)
class BaseWeights:
    """The weights that a tag is served from, before any adapter.

    `digest` is the SHA-256 of their file, 64 hexadecimal digits; `about` what the server tells of them by the keys of
    GGUF (general.architecture, llama.block_count, ...); `template` what the server fills to make a prompt; `file` the
    GGUF file on this machine, None where it is not to be read here.
    """

    tag: str
    digest: str
    about: Mapping[str, Any]
    template: str
    file: Path | None = None


@runtime_checkable
class Adaptable(Protocol):
    """A language model whose server can put an adapter on its weights, under a tag of its own.

    Every call may raise ModelUnavailable, where another try may succeed, ModelRefused, or DeploymentError.
    """

    name: str

    async def identify(self) -> Identity: ...

    async def complete(self, prompt: Prompt) -> Completion: ...

    async def close(self) -> None: ...

    async def base(self) -> BaseWeights:
        """The weights behind the tag that is configured.

        Raises:
            DeploymentError: the tag has an adapter itself.
        """
        ...

    async def deploy(self, tag: str, adapter: Path) -> str:
        """Serve the base with an adapter, a GGUF file, under a tag that is never another's; what `Identity.digest` is.

        The same adapter again is as once.

        Raises:
            DeploymentError: the tag has another content, or the server does not take the adapter.
        """
        ...

    async def withdraw(self, tag: str) -> None:
        """Delete a tag that `deploy` has made; that it is not there is fine.

        Raises:
            DeploymentError: `deploy` makes no tags of such a name.
        """
        ...

    async def deployed(self, tag: str) -> str | None:
        """What `Identity.digest` is behind a tag; None where it is not there."""
        ...

    def tuned(self, tag: str) -> Adaptable:
        """Another tag of the same server, with the same options and base and connections of its own, which may be used
        in another loop; closed by who asked for it."""
        ...

    async def rendered(self, prompt: Prompt) -> str:
        """The text that the server makes of a prompt, up to where the answer begins."""
        ...

    async def tags(self) -> Mapping[str, str]:
        """All tags that `deploy` has made on this server, and the digest of each."""
        ...


@runtime_checkable
class Gated(Protocol):
    """What a language model offers besides that was measured beside what served before: `gated` is True then.

    It stands no trial before its verdicts count.
    """

    gated: bool
