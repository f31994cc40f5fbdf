"""Templates of messages: ours in Korean and English, and those of the user, which can reach nothing but a message."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from sllm_core.plugin import PluginError

if TYPE_CHECKING:
    from jinja2 import Template

KEYS = ("title", "body")


def built_in(language: str) -> str:
    """The file with our templates in a language (en or ko)."""
    return files("sllm_plugins.alerts").joinpath(f"message.{language}.toml").read_text("utf-8")


def compiled(texts: Mapping[str, str]) -> dict[str, Template]:
    """The templates by their names.

    Raises:
        jinja2.TemplateSyntaxError: one is none.
    """
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    return {name: environment.from_string(text) for name, text in texts.items()}


def own_templates(path: Path, section: str) -> dict[str, Template]:
    """The templates in a TOML file of the user's.

    Raises:
        PluginError: it cannot be read, or has something else.
    """
    from jinja2 import TemplateSyntaxError

    try:
        found = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
        if not found or any(name not in KEYS or not isinstance(text, str) for name, text in found.items()):
            raise mistake(section, path, 'it must have title = "..." or body = "...", or both, and nothing else')
        return compiled(found)
    except OSError as error:
        raise mistake(section, path, f"cannot be read: {error.strerror or error}") from error
    except TemplateSyntaxError as error:
        raise mistake(section, path, f"line {error.lineno} of a template: {error.message}") from error
    except ValueError as error:
        raise mistake(section, path, f"not valid TOML: {error}") from error


def mistake(section: str, path: Path, what: str) -> PluginError:
    """What is wrong with a file of templates, and where a good one is."""
    return PluginError(f"template: {path}: {what}; `sllm plugin {section} template` prints ours")
