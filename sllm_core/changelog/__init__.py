"""What was learnt from a shard goes with it to its next owner.

A shared source that is `components.Remembering` keeps entries for each shard, as Kafka Streams keeps the state of its
tasks in changelog topics: what each closed window counted, and what the patterns are. Whoever has a shard then finds in
it what anybody else would. The entries are the same whoever writes them, so that a former owner that is late does no
harm.
"""

from sllm_core.changelog.changelog import Changelog

__all__ = ["Changelog"]
