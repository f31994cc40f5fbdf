"""The core of sllm: it knows the hooks, the way of a record and the store, and no plugin."""
