"""Kafka: records from topics, findings into one, and dead letters."""
