"""The texts that stand in the environment, in .env and in a folder of secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sllm_core.settings.mistakes import Mistake

PREFIX = "SLLM_"
SECRET = ("plugins__", "patterns__")
"""How the names of files in the folder of secrets begin; others belong to other programs."""

OURS = frozenset(
    {
        "SLLM_CONFIG",
        "SLLM_SECRETS_DIR",
        "SLLM_LOGHUB",
        "SLLM_OLLAMA_BINARY",
        "SLLM_KAFKA_HOME",
        "SLLM_ELASTICSEARCH_HOME",
        "SLLM_FAULT_ROUNDS",
        "SLLM_FAULT_RECORDS",
        "SLLM_FAULT_SEED",
        "SLLM_FAULT_RESULTS",
    }
)
"""Names with the prefix that are no keys of config.toml."""

_KUBERNETES = re.compile(
    r"SLLM_(?!.*__)(\w+_)?(SERVICE_HOST=.*|SERVICE_PORT(_\w+)?=.*|PORT(_\d+_[A-Z]+(_\w+)?)?=(tcp|udp|sctp)://.*)"
)
"""What Kubernetes sets in every pod beside a service whose name begins with sllm."""


@dataclass(frozen=True)
class Setting:
    """A text found under a name. `origin` says where."""

    name: str
    text: str
    origin: str


def variable_name(*path: str) -> str:
    """The name of the environment variable for a key: upper case, `__` between levels, `_` for any other sign."""
    return PREFIX + "__".join(re.sub(r"\W", "_", key).upper() for key in path)


def read_environment(environ: Mapping[str, str], dotenv: Path | None, mistakes: list[Mistake]) -> dict[str, Setting]:
    """All variables that have a text, by name; the real environment goes before the file `.env`."""
    found = {name: Setting(name, text, f".env {name}") for name, text in _read_dotenv(dotenv, mistakes)}
    found |= {name: Setting(name, text, f"environment {name}") for name, text in environ.items()}
    return {name: setting for name, setting in found.items() if setting.text}


def read_secrets(folder: Path, mistakes: list[Mistake]) -> Iterator[Setting]:
    """The files of the folder as variables: `patterns__key` is SLLM_PATTERNS__KEY."""
    try:
        files = sorted(each for each in folder.iterdir() if each.name.lower().startswith(SECRET))
    except OSError as error:
        what = f"SLLM_SECRETS_DIR cannot be read: {error.strerror or error}; correct or unset it"
        mistakes.append(Mistake(str(folder), what))
        return
    for file in files:
        try:
            text = file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            mistakes.append(Mistake(f"secret {file.name}", f"cannot be read: {error}"))
        else:
            yield Setting(variable_name(file.name), text, f"secret {file.name}")


def about_sllm(settings: Iterable[Setting]) -> Iterator[Setting]:
    """Those with the prefix that mean keys of config.toml."""
    for each in settings:
        name = each.name.upper()
        kubernetes = _KUBERNETES.fullmatch(f"{each.name}={each.text}")
        if name.startswith(PREFIX) and name not in OURS and not kubernetes:
            yield each


def _read_dotenv(path: Path | None, mistakes: list[Mistake]) -> Iterable[tuple[str, str]]:
    if path is None or not path.is_file():
        return ()
    from pydantic_settings import BaseSettings, DotEnvSettingsSource

    try:
        found = DotEnvSettingsSource(BaseSettings, path, case_sensitive=True).env_vars
    except (OSError, UnicodeDecodeError) as error:
        mistakes.append(Mistake(str(path), f"cannot be read: {error}"))
        return ()
    return ((name, text) for name, text in found.items() if text is not None)
