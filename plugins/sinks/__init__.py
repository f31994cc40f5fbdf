"""Sinks for findings."""
