"""The service: a Litestar application around the runner, one file for each resource, in one process."""
