"""History read again into a topic, by which the same workers analyse it."""
