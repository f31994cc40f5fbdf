"""What lines of the log bear while something lasts: a request, a window, a run of the tuners."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import Context, ContextVar, Token, copy_context
from types import MappingProxyType

Fields = Mapping[str, object]

_FIELDS: ContextVar[Fields] = ContextVar("sllm_log_fields", default=MappingProxyType({}))


class bound:
    """While this lasts, each line of the log has these fields, also of threads and tasks that are started in it.

    What a line brings itself under the same name goes before.
    """

    __slots__ = ("_fields", "_token")

    def __init__(self, **fields: object) -> None:
        self._fields = fields
        self._token: Token[Fields] | None = None

    def __enter__(self) -> None:
        self._token = _FIELDS.set({**_FIELDS.get(), **self._fields})

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            _FIELDS.reset(self._token)


def bound_fields() -> Fields:
    """What lines have now."""
    return _FIELDS.get()


def unbound() -> Context:
    """The context of now without these fields: for a task that outlives the request that happened to start it."""
    context = copy_context()
    context.run(_FIELDS.set, MappingProxyType({}))
    return context
