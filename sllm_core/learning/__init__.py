"""Learning from the team's own logs: feedback, datasets, the gate, and the versions of models."""
