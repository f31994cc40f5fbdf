"""How a gateway asks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How many calls at once, how long each may take, and what is done when they fail; all times in seconds.

    `concurrency` 0 means as many as the server works on; `timeout` is for a call from its first byte to its last;
    `retries` how often a call is repeated, after a random time up to `backoff` doubled each time, at most
    `longest_backoff`. After `failures` calls in a row have failed no more go out for `pause`, doubled each time up to
    `longest_pause`, which is also the time after which a server that refused everything is asked again. Which weights
    answer is asked again after `refresh`.
    """

    concurrency: int = 0
    timeout: float = 120.0
    retries: int = 3
    backoff: float = 0.5
    longest_backoff: float = 30.0
    failures: int = 5
    pause: float = 1.0
    longest_pause: float = 60.0
    refresh: float = 60.0
