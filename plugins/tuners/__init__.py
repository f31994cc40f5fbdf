"""Tuners: what makes candidates for better models."""
