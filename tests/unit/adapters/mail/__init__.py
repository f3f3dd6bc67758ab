"""The mail of a run."""
