"""Ids of patterns: hashes of what the pattern says, so that every replica gives the same."""

from __future__ import annotations

import hashlib

MASK_VERSION = "2"
"""Named in each id. It grows whenever `mask` or the fingerprint would give another text for some message."""


def pattern_id(template: str, key: bytes = b"") -> int:
    """The id of a template: 64 bits of BLAKE2b over the mask's version and the text.

    With a `key` (of at most 64 bytes, the same on all replicas) nobody outside can look for templates that collide.
    """
    text = f"{MASK_VERSION}\x00{template}".encode(errors="surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8, key=key).digest(), "big")
