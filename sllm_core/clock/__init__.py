"""When things happen: the nightly tuning, retention, probes, each once whoever else runs."""
