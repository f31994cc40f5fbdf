"""A language model's second look: what it judges better than the classifier, and words for what was found.

Ingest never waits for it. What waits is kept in the store, verdicts and words come when they come, and every finding
that they change is written anew under its id.
"""
